/* The desk around the map: it holds what is looked at, and every part of the page asks it. */
import { choosing } from "./choosing.js";
import { dialogOf } from "./dialog.js";
import { h } from "./dom.js";
import { drawerOf } from "./drawer/drawer.js";
import { exporterOf } from "./exporter.js";
import { barOf, headerOf } from "./header.js";
import { listen } from "./keyboard.js";
import { filtersOf, layersOf } from "./layering.js";
import { menusOf } from "./menus.js";
import { keyOf, modelOf } from "./asking/model.js";
import { wholePage } from "./page_acts.js";
import { panelOf } from "./panel.js";
import { questionsOf } from "./asking/questions.js";
import { sideOf } from "./side.js";
import { legendOf, sidesOf, stripOf, timesOf, tipOf, toolsOf } from "./stage.js";
import { fromHash, historyOf, START, toHash } from "./asking/state.js";
import { termTip, termsOf } from "./terms.js";
import { tracing } from "./tracing.js";

const NARROW = 420; // px of a map whose edges are taken by cards
const REFRESHED = ["header", "bar", "times", "side", "tools", "legend", "strip", "panel", "drawer", "menus", "terms"];
const NO_EDGES = { top: 0, right: 0, bottom: 0 };

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
  const container = document.getElementById("dr-map"),
    main = container.closest("main");
  const parts = {
    header: headerOf(desk),
    bar: barOf(desk),
    side: sideOf(desk),
    panel: panelOf(desk),
    drawer: drawerOf(desk),
    times: timesOf(desk),
    tools: toolsOf(desk),
    legend: legendOf(desk),
    strip: stripOf(desk),
    tip: tipOf(desk),
    terms: termTip(desk.terms),
    menus: menusOf(desk),
    say: h("p", { id: "dr-say", role: "status", class: "dr-off" }),
  };
  const { side, panel, drawer, times, tools, legend, strip, tip, menus, say } = parts;
  const stage = h("div", { id: "dr-stage" });
  main.append(side.box, stage, parts.terms.box);
  stage.append(container, times.box, tools.tools, tools.zoom, legend.box, tip.box, strip.box, panel.box, drawer.box);
  document.body.append(menus.box, say);
  document.documentElement.classList.add("dr-desk");
  return parts;
};
/* What happens on the map, and in the address. */
const connect = (desk) => {
  const { drawn, model } = desk;
  drawn.on("pick", ({ hits }) => {
    desk.hits = hits
      .map(({ layer, row }) => ({ layer: model.layer(desk.state.period, layer.key || layer), row }))
      .filter(({ layer }) => layer);
    if (desk.measuring()) return;
    desk.parts.menus.close(false);
    const [first] = desk.hits;
    if (first) desk.pick(model.refAt(first.layer, first.row), { back: drawn.map.getContainer() });
    else desk.close();
  });
  drawn.on("measuring", () => desk.parts.tools.refresh());
  drawn.on("moved", () => desk.remember());
  drawn.on("theme", () => {
    desk.drawnFor = null;
    desk.refresh();
  });
  drawn.on("said", (said) => desk.say(typeof said === "string" ? said : said.text || ""));
  window.addEventListener("hashchange", () => {
    if (window.location.hash.slice(1) !== desk.written) start(desk);
  });
  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(desk.resized, 80);
  });
};
const start = async (desk) => {
  const { drawn, model } = desk,
    { data } = model;
  desk.written = readHash().slice(1);
  const layers = new Set(data.periods.flatMap((period) => period.layers.map(keyOf)));
  desk.state = fromHash(readHash(), {
    questions: desk.questions.map(({ key }) => key),
    periods: data.periods.length,
    layers,
  });
  const { state } = desk;
  if (state.picked || state.trace || Object.keys(state.facets).length) await desk.whole();
  drawn.setPeriod(state.period); // before all else, as a change of the theme draws
  if (state.theme) drawn.setTheme(state.theme);
  if (state.base) drawn.setBase(state.base);
  desk.refresh();
  drawn.map.invalidateSize(false);
  desk.cards();
  drawn.home();
  desk.homeZoom = drawn.map.getZoom();
  if (state.view) drawn.setView(state.view);
  if (state.picked && model.find(state.period, state.picked))
    desk.pick(state.picked, { fit: !state.view, quiet: true });
  if (state.beside) drawn.beside(Object.fromEntries(sidesOf(data).map((k, n) => [["left", "right"][n], k])));
  desk.ready = true;
  document.body.dataset.desk = "ready";
};
const readHash = () => {
  try {
    return window.location.hash;
  } catch {
    // in a cell of a notebook there may be no address
    return "";
  }
};

/* What small cards take of the edges of a narrow map: the town lies between them. */
const edgesTaken = (around, { times, tools }) => {
  const [above, below] = [times.box, tools.tools].map((one) => one.getBoundingClientRect()),
    beside = tools.zoom.getBoundingClientRect();
  return {
    top: above.height ? above.bottom - around.top : 0,
    right: beside.width ? around.right - beside.left : 0,
    bottom: below.height ? around.bottom - below.top : 0,
  };
};

/* ---- what can be asked of it */
const deskOf = (drawn, data) => {
  const model = modelOf(data),
    questions = questionsOf(data),
    history = historyOf();
  const desk = {
    model,
    drawn,
    questions,
    history,
    state: { ...START },
    parts: null,
    hits: [],
    back: null,
    dialog: dialogOf(model),
    terms: termsOf(model),
    hasSources: (data.about || []).length > 0,
    provenance: (document.querySelector(".dr-provenance") || { textContent: "" }).textContent,
    question: () => questions.find(({ key }) => key === desk.state.question) || questions[0],
    /* In a page with tiles: all rows and the network, which filters, search, lists and traces need. */
    whole: async () => {
      if (desk.isWhole || !drawn.whole || !data.tiles) return;
      await drawn.whole();
      if (desk.isWhole) return;
      desk.isWhole = true;
      model.forget();
      desk.drawnFor = null;
      desk.refresh();
    },
    say: (text) => {
      desk.parts.say.textContent = text;
    },
    resized: () => {
      drawn.map.invalidateSize(false);
      desk.cards();
      desk.parts.drawer.refresh();
    },
    /* What lies on the map; a panel across the whole of it takes its foot. */
    cards: () => {
      const { times, tools, legend, strip, panel, drawer } = desk.parts;
      drawn.setCards(
        [times.box, tools.tools, tools.zoom, legend.box, strip.box, panel.box, drawer.box].filter(
          (one) => !one.hidden,
        ),
      );
      const around = document.getElementById("dr-map").getBoundingClientRect(),
        whole = 0.8 * around.width;
      const seen = [panel.box, drawer.box].filter((one) => !one.hidden).map((one) => one.getBoundingClientRect());
      const feet = seen.filter(({ width }) => width > whole).map(({ top }) => around.bottom - top);
      const sides = seen.filter(({ width }) => width && width <= whole).map(({ left }) => around.right - left);
      const edges = around.width && around.width < NARROW ? edgesTaken(around, desk.parts) : NO_EDGES;
      drawn.setInsets({
        left: 0,
        top: edges.top,
        right: Math.max(edges.right, ...sides),
        bottom: Math.max(edges.bottom, ...feet),
      });
    },
    set: (patch) => {
      Object.assign(desk.state, patch);
      desk.refresh();
    },
    refresh: () => {
      const { facets, looks, layers, question, period } = desk.state;
      const wanted = JSON.stringify([facets, looks, layers, question, period]);
      if (wanted !== desk.drawnFor) desk.draw();
      desk.drawnFor = wanted;
      desk.showTrace();
      REFRESHED.forEach((part) => desk.parts[part].refresh());
      desk.parts.side.mark();
      desk.cards();
      desk.remember();
    },
    /* The address says what is seen, once the page stands and the hand rests. */
    remember: () => {
      clearTimeout(desk.waiting);
      desk.waiting = setTimeout(() => {
        if (!desk.ready || readHash().slice(1) !== desk.written) return; // another was just called, and is followed
        desk.state.view = drawn.viewState();
        const hash = toHash(desk.state);
        try {
          window.history.replaceState(null, "", `#${hash}`);
          desk.written = hash;
        } catch {
          // in a cell of a notebook there may be no address
        }
      }, 200);
    },
  };
  return Object.assign(
    desk,
    layersOf(desk),
    filtersOf(desk),
    choosing(desk),
    tracing(desk),
    wholePage(desk),
    exporterOf(desk),
  );
};
