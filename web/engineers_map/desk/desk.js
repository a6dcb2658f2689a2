/* The desk around the map: it holds what is looked at, and every part of the page asks it. */
import { h } from "./dom.js";
import { dialogOf, provenanceList } from "./dialog.js";
import { drawerOf } from "./drawer.js";
import { exporterOf } from "./exporter.js";
import { rowsLeft, toggled } from "./facets.js";
import { roadsOf } from "./find.js";
import { barOf, headerOf } from "./header.js";
import { itemOf, startOf } from "./item.js";
import { KEYS_HELP, listen } from "./keyboard.js";
import { menusOf } from "./menus.js";
import { keyOf, modelOf, partsOf } from "./model.js";
import { networkOf, systemsOf } from "./network.js";
import { panelOf } from "./panel.js";
import { answerOf, drawnLayers, listLayer, questionsOf } from "./questions.js";
import { sideOf } from "./side.js";
import { legendOf, sidesOf, stripOf, timesOf, tipOf, toolsOf } from "./stage.js";
import { fromHash, historyOf, START, toHash } from "./state.js";
import { meshOf, trace as traceFrom } from "./trace.js";

export const openDesk = (drawn, data) => {
  const desk = deskOf(drawn, data);
  desk.parts = partsOfPage(desk);
  listen(desk);
  connect(desk);
  start(desk);
  return desk;
};

/* ---- the page around the map */
const partsOfPage = (desk) => {
  const { drawn } = desk, container = drawn.map.getContainer(), main = container.closest("main");
  const parts = {
    header: headerOf(desk), bar: barOf(desk), side: sideOf(desk), panel: panelOf(desk), drawer: drawerOf(desk),
    times: timesOf(desk), tools: toolsOf(desk), legend: legendOf(desk), strip: stripOf(desk), tip: tipOf(desk), menus: menusOf(desk),
    say: h("p", { id: "dr-say", role: "status", class: "dr-off" }),
  };
  const { side, panel, drawer, times, tools, legend, strip, tip, menus, say } = parts;
  const stage = h("div", { id: "dr-stage" });
  main.append(side.box, stage);
  stage.append(container, times.box, tools.tools, tools.zoom, legend.box, tip.box, strip.box, panel.box, drawer.box);
  document.body.append(menus.box, say);
  document.documentElement.classList.add("dr-desk");
  return parts;
};
/* What happens on the map, and in the address. */
const connect = (desk) => {
  const { drawn, model } = desk;
  drawn.on("pick", ({ hits }) => {
    desk.hits = hits.map(({ layer, row }) => ({ layer: model.layer(desk.state.period, layer.key || layer), row })).filter(({ layer }) => layer);
    if (drawn.measuring()) return;
    desk.parts.menus.close(false);
    const [first] = desk.hits;
    if (first) desk.pick(model.refAt(first.layer, first.row), { back: drawn.map.getContainer() });
    else desk.close();
  });
  drawn.on("moved", () => desk.remember());
  drawn.on("theme", () => { desk.drawnFor = null; desk.refresh(); });
  drawn.on("said", (said) => desk.say(typeof said === "string" ? said : said.text || ""));
  window.addEventListener("hashchange", () => {
    if (window.location.hash.slice(1) !== desk.written) start(desk);
  });
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(desk.resized, 80); });
};
const start = async (desk) => {
  const { drawn, model } = desk, { data } = model;
  const layers = new Set(data.periods.flatMap((period) => period.layers.map(keyOf)));
  desk.state = fromHash(readHash(), { questions: desk.questions.map(({ key }) => key), periods: data.periods.length, layers });
  const { state } = desk;
  if (state.picked || state.trace || Object.keys(state.facets).length) await desk.whole();
  if (state.theme) drawn.setTheme(state.theme);
  if (state.base) drawn.setBase(state.base);
  if (state.period) drawn.setPeriod(state.period);
  desk.refresh();
  drawn.map.invalidateSize(false);
  desk.cards();
  drawn.home();
  desk.homeZoom = drawn.map.getZoom();
  if (state.view) drawn.setView(state.view);
  if (state.picked && model.find(state.period, state.picked)) desk.pick(state.picked, { fit: !state.view, quiet: true });
  if (state.beside) drawn.beside(Object.fromEntries(sidesOf(data).map((k, n) => [["left", "right"][n], k])));
  desk.ready = true;
  document.body.dataset.desk = "ready";
};
const readHash = () => {
  try {
    return window.location.hash;
  } catch { // in a cell of a notebook there may be no address
    return "";
  }
};

/* ---- what can be asked of it */
const deskOf = (drawn, data) => {
  const model = modelOf(data), questions = questionsOf(data), history = historyOf();
  const about = document.getElementById("provenance");
  const desk = {
    model, drawn, questions, history, state: { ...START }, parts: null, hits: [], back: null,
    dialog: dialogOf(model), hasSources: Boolean(about),
    question: () => questions.find(({ key }) => key === desk.state.question) || questions[0],
    whole: async () => { if (drawn.whole && data.tiles && !desk.isWhole) { await drawn.whole(); desk.isWhole = true; model.forget(); desk.refresh(); } },
    say: (text) => { desk.parts.say.textContent = text; },
    resized: () => { drawn.map.invalidateSize(false); desk.cards(); desk.parts.drawer.refresh(); },
    cards: () => {
      const { times, tools, legend, strip, panel, drawer } = desk.parts;
      drawn.setCards([times.box, tools.tools, tools.zoom, legend.box, strip.box, panel.box, drawer.box].filter((one) => !one.hidden));
    },
    set: (patch) => { Object.assign(desk.state, patch); desk.refresh(); },
    refresh: () => {
      const { facets, looks, layers, question, period } = desk.state;
      const wanted = JSON.stringify([facets, looks, layers, question, period]);
      if (wanted !== desk.drawnFor) desk.draw();
      desk.drawnFor = wanted;
      desk.showTrace();
      ["header", "bar", "times", "side", "tools", "legend", "strip", "panel", "drawer", "menus"].forEach((part) => desk.parts[part].refresh());
      desk.parts.side.mark();
      desk.cards();
      desk.remember();
    },
    /* The address says what is seen, once the page stands and the hand rests. */
    remember: () => {
      clearTimeout(desk.waiting);
      desk.waiting = setTimeout(() => {
        if (!desk.ready) return;
        desk.state.view = drawn.viewState();
        desk.written = toHash(desk.state);
        try {
          window.history.replaceState(null, "", `#${desk.written}`);
        } catch { // in a cell of a notebook there may be no address
        }
      }, 200);
    },
  };
  return Object.assign(desk, layersOf(desk), filtersOf(desk), choosing(desk), tracing(desk), wholePage(desk), exporterOf(desk));
};

/* ---- layers and rows */
const layersOf = (desk) => {
  const { model, drawn } = desk, k = () => desk.state.period;
  return {
    drawnNow: () => drawnLayers(model, k(), desk.question(), desk.state.layers),
    rowsOf: (layer, { looks = true } = {}) => {
      if (layer.context) return null;
      return rowsLeft(model, layer, { facets: desk.state.facets, looks: looks ? desk.state.looks[keyOf(layer)] || [] : [] });
    },
    showLayer: (layer, on) => desk.set({ layers: { ...desk.state.layers, [keyOf(layer)]: on } }),
    draw: () => {
      const { quiet } = answerOf(desk.question(), k());
      drawn.setLayers(desk.drawnNow().map((layer) => {
        const key = keyOf(layer), chosen = desk.state.layers[key];
        return { layer: key, rows: desk.rowsOf(layer), quiet: quiet.includes(key) && chosen !== true };
      }));
      const list = listLayer(model, k(), desk.question());
      if (list && drawn.listed) drawn.listed(keyOf(list), desk.rowsOf(list));
    },
    setBase: (base) => { drawn.setBase(base); desk.set({ base }); },
  };
};

/* ---- filters: each change can be taken back */
const filtersOf = (desk) => {
  const { model, history } = desk;
  const change = (patch) => {
    history.push(desk.state);
    desk.set(patch);
  };
  return {
    filter: (facets) => change({ facets }),
    toggleLook: (layer, label) => {
      const key = keyOf(layer), { [key]: now, ...rest } = desk.state.looks, next = toggled(now, label);
      change({ looks: next.length ? { ...rest, [key]: next } : rest });
    },
    clearFilters: () => change({ facets: {}, looks: {} }),
    undo: () => {
      const before = history.back();
      if (before) desk.set(before);
      if (before) desk.say(model.words.undone);
    },
    isFiltered: () => Object.keys(desk.state.facets).length + Object.keys(desk.state.looks).length > 0,
    canFilter: () => (model.data.facets || []).length > 0,
    facetLayers: () => desk.drawnNow().filter((layer) => !layer.context || layer.columns.length > 2),
    chips: () => {
      const label = (key) => ((model.data.facets || []).find((one) => one.key === key) || { label: key }).label;
      const text = (key, wanted) => (Array.isArray(wanted) ? wanted.join(", ") : `${wanted.from ?? "…"} – ${wanted.to ?? "…"}`);
      const without = (all, key) => Object.fromEntries(Object.entries(all).filter(([one]) => one !== key));
      return [
        ...Object.entries(desk.state.facets).map(([key, wanted]) => ({
          text: `${label(key)}: ${text(key, wanted)}`, remove: () => change({ facets: without(desk.state.facets, key) }) })),
        ...Object.entries(desk.state.looks).map(([key, labels]) => ({
          text: labels.join(", "), remove: () => change({ looks: without(desk.state.looks, key) }) })),
      ];
    },
  };
};

/* ---- what is chosen */
const choosing = (desk) => {
  const { model, drawn } = desk, k = () => desk.state.period;
  const lit = (found) => {
    const item = itemOf(model, k(), found);
    return [found, ...item.links.flatMap(({ items }) => items)].map(({ layer, row }) => ({ layer: keyOf(layer), row })).slice(0, 400);
  };
  return {
    picked: () => model.find(k(), desk.state.picked),
    also: () => desk.hits.filter(({ layer, row }) => model.refAt(layer, row) !== desk.state.picked),
    pick: (ref, { fit = false, back = null, quiet = false } = {}) => {
      const found = model.find(k(), ref);
      if (!found) return;
      if (!desk.hits.some(({ layer, row }) => model.refAt(layer, row) === ref)) desk.hits = [];
      if (back && !desk.parts.panel.box.contains(back)) desk.back = back;
      if (!desk.drawnNow().includes(found.layer)) desk.state.layers = { ...desk.state.layers, [keyOf(found.layer)]: true };
      desk.state.picked = ref;
      if (desk.state.drawer === "hydrograph" && !desk.hydrographOf(found.id)) desk.state.drawer = null;
      desk.refresh();
      drawn.highlight(lit(found));
      if (fit || !quiet) desk.fit(fit ? lit(found).slice(0, 60).map(({ layer, row }) => ({ layer: model.layer(k(), layer), row })) : [found], !fit);
      if (!quiet) desk.parts.panel.focus();
    },
    /* Shows features; those that are seen already, as they are, if `gently`. */
    fit: (features, gently = false) => {
      const placed = features.filter(({ layer, row }) => layer.shapes[row] >= 0).map(({ layer, row }) => ({ layer: keyOf(layer), row }));
      if (!placed.length || (gently && placed.some(({ layer, row }) => [...drawn.inView(layer)].includes(row)))) return;
      drawn.fit(placed, { maxZoom: desk.homeZoom + 4, animate: false });
    },
    close: () => {
      if (!desk.picked()) return false;
      desk.set({ picked: null, drawer: desk.state.drawer === "hydrograph" ? null : desk.state.drawer });
      drawn.highlight([]);
      const again = desk.back && (desk.back.isConnected ? desk.back
        : [...document.querySelectorAll("[data-at]")].find((one) => one.dataset.at === desk.back.dataset.at));
      (again || drawn.map.getContainer()).focus({ preventScroll: true });
      desk.back = null;
      return true;
    },
    goToRoad: (road) => {
      const all = roadsOf(model, k()).get(road) || [], own = all.find(({ layer, row }) => model.id(layer, row) === road);
      if (own) desk.pick(model.refAt(own.layer, own.row), { quiet: true });
      drawn.highlight(all.map(({ layer, row }) => ({ layer: keyOf(layer), row })).slice(0, 2000));
      desk.fit(all.slice(0, 2000));
      desk.say(road);
    },
    hydrographOf: (id) => {
      const { key } = model.data.periods[k()], given = (model.data.hydrographs || {})[key || ""] || {};
      return Object.prototype.hasOwnProperty.call(given, id) ? given[id] : null;
    },
  };
};

/* ---- traces and the drawer */
const tracing = (desk) => {
  const { model, drawn } = desk, meshes = new WeakMap();
  const meshFor = (network) => {
    if (!meshes.has(network)) meshes.set(network, meshOf(network));
    return meshes.get(network);
  };
  const traced = () => {
    const asked = desk.state.trace, network = desk.network(), from = asked && network ? model.find(desk.state.period, asked.ref) : null;
    const start = from ? startOf(model, network, from) : null;
    if (!start) return null;
    const once = `${asked.direction} ${asked.ref}`;
    const found = model.remembered(network, once, () => traceFrom(network, meshFor(network), start, asked.direction, systemsOf(model, network)));
    return found ? { found, direction: asked.direction, id: from.id } : null;
  };
  const show = () => {
    const one = traced(), network = desk.network();
    if (!one) return drawn.path(null);
    const { pipes, main, outfalls } = one.found;
    return drawn.path({
      layer: keyOf(network.pipeLayer), pipes, main, outfalls: outfalls.map((row) => ({ layer: keyOf(network.nodeLayer), row })),
    });
  };
  return {
    network: () => networkOf(model, desk.state.period),
    traced, showTrace: show,
    hasLevels: () => { const network = desk.network(); return Boolean(network && network.invert_up_m); },
    trace: (direction) => {
      const ref = desk.state.picked, now = desk.state.trace;
      if (!ref) return;
      if (now && now.ref === ref && now.direction === direction) { desk.untrace(); return; }
      desk.set({ trace: { direction, ref } });
      const one = traced();
      if (!one) { desk.untrace(); return; }
      desk.fit(one.found.pipes.slice(0, 5000).map((row) => ({ layer: desk.network().pipeLayer, row })));
      desk.say(desk.parts.strip.box.textContent);
    },
    untrace: () => desk.set({ trace: null, drawer: desk.state.drawer === "section" ? null : desk.state.drawer }),
    drawer: (which) => {
      const next = which === desk.state.drawer ? null : which;
      if (next === "section" && !traced() && desk.state.picked) desk.state.trace = { direction: "outfall", ref: desk.state.picked };
      if (next === "section" && !traced()) return;
      desk.set({ drawer: next });
      desk.resized();
      if (next === "section") desk.fit(traced().found.main.map((row) => ({ layer: desk.network().pipeLayer, row })));
      if (next) desk.parts.drawer.focus();
    },
  };
};

/* ---- questions, periods, the page as a whole */
const wholePage = (desk) => {
  const { model, drawn } = desk, { words } = model;
  return {
    ask: (key) => {
      const network = (model.data.periods[desk.state.period] || {}).network || {};
      const kept = partsOf(desk.state.picked), stays = kept && [network.pipes, network.nodes].includes(kept.key);
      desk.set({ question: key, order: 0, layers: {}, looks: {}, ...(stays ? {} : { picked: null }) });
      if (!stays) drawn.highlight([]);
      desk.say(desk.question().ask || desk.question().title);
    },
    showPeriod: (period) => {
      if (!model.data.periods[period]) return;
      drawn.setPeriod(period);
      desk.set({ period, order: 0 });
      const { verdict } = answerOf(desk.question(), period);
      desk.say([model.data.periods[period].label, verdict].filter(Boolean).join(": "));
    },
    toggleBeside: () => {
      const beside = !desk.state.beside, [left, right] = sidesOf(model.data);
      drawn.beside(beside ? { left, right } : null);
      desk.set({ beside });
    },
    measure: () => { drawn.measure(!drawn.measuring()); desk.parts.tools.refresh(); if (drawn.measuring()) desk.say(words.measure_how); },
    menu: (kind, button) => desk.parts.menus.toggle(kind, button),
    search: () => desk.parts.header.search.focus(),
    turnTheme: () => {
      const theme = drawn.theme() === "dark" ? "light" : "dark";
      drawn.setTheme(theme);
      desk.set({ theme });
    },
    share: () => {
      const done = () => desk.say(words.copied), failed = () => desk.dialog.open(words.share, h("p", { class: "dr-address", text: window.location.href }));
      if (navigator.clipboard && navigator.clipboard.writeText) navigator.clipboard.writeText(window.location.href).then(done, failed);
      else failed();
    },
    sources: () => {
      const block = document.getElementById("provenance");
      if (!block) return;
      const line = document.querySelector(".dr-provenance");
      desk.dialog.open(words.sources, line ? h("p", { text: line.textContent }) : null, provenanceList(JSON.parse(block.textContent)));
    },
    help: () => desk.dialog.open(words.help, h("dl", { class: "dr-about" }, KEYS_HELP.map(([keys, word]) => [
      h("dt", null, keys.split(" ").map((key) => h("kbd", { text: key }))), h("dd", { text: words[word] })]))),
    escape: () => {
      if (desk.dialog.close() || desk.parts.menus.close()) return true;
      if (drawn.measuring()) { desk.measure(); return true; }
      if (desk.state.drawer) { desk.drawer(null); desk.parts.panel.focus(); return true; }
      if (desk.close()) return true;
      if (desk.state.trace) { desk.untrace(); return true; }
      return false;
    },
  };
};
