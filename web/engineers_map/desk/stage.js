/* What lies on the map: periods, tools, the legend, the strip of a trace, the text at the pointer. */
import { h, iconButton, refill } from "./dom.js";
import { keyOf } from "./asking/model.js";
import { answerOf, listLayer } from "./asking/questions.js";
import { countsOf, lookKey } from "./side.js";
import { termWord } from "./terms.js";

export const timesOf = (desk) => {
  const { data, words } = desk.model;
  const box = h("div", { id: "dr-times", class: "dr-card", role: "group", "aria-label": words.period });
  const [first, last] = sidesOf(data);
  const refresh = () => {
    const one = ({ label, day }, k) =>
      h(
        "button",
        {
          type: "button",
          "data-period": k,
          "data-at": `period ${k}`,
          "aria-pressed": String(k === desk.state.period),
          click: () => desk.showPeriod(k),
        },
        h("span", { text: day ? label.replace(day, "").trim() : label }),
        day ? h("small", { text: day }) : null,
      );
    refill(
      box,
      data.periods.map(one),
      first < last
        ? iconButton("beside", words.beside, {
            bare: true,
            "data-at": "beside",
            "data-act": "beside",
            "aria-pressed": String(desk.state.beside),
            click: () => desk.toggleBeside(),
          })
        : null,
    );
  };
  box.hidden = data.periods.length < 2;
  return { box, refresh };
};
/* The two periods that stand side by side: the first, and the last that is not the drawing of changes. */
export const sidesOf = ({ periods }) => {
  const own = periods.map((period, k) => ({ period, k })).filter(({ period }) => period.key !== "changes");
  return [0, own.length ? own[own.length - 1].k : 0];
};

export const toolsOf = (desk) => {
  const { words } = desk.model;
  const button = (shape, label, at, more) => iconButton(shape, label, { "data-at": at, "data-act": at, ...more });
  const opens = (menu) => ({
    "data-menu": menu,
    "aria-expanded": "false",
    click: (press) => desk.menu(menu, press.currentTarget),
  });
  const measure = button("measure", words.measure, "measure", {
    "aria-pressed": "false",
    click: () => desk.measure(),
  });
  const tools = h(
    "div",
    { id: "dr-tools", class: "dr-card", role: "group", "aria-label": words.tools },
    button("layers", words.layers, "layers", opens("layers")),
    measure,
    button("export", words.export, "export", opens("export")),
  );
  const zoom = h(
    "div",
    { id: "dr-zoom", class: "dr-card", role: "group", "aria-label": words.zoom },
    iconButton("plus", words.zoom_in, { bare: true, "data-at": "in", click: () => desk.drawn.map.zoomIn() }),
    iconButton("minus", words.zoom_out, { bare: true, "data-at": "out", click: () => desk.drawn.map.zoomOut() }),
    iconButton("home", words.home, { bare: true, "data-at": "home", click: () => desk.drawn.home() }),
  );
  /* Tells whether measuring began or ended since it was shown last. */
  const refresh = () => {
    const before = measure.getAttribute("aria-pressed"),
      now = String(desk.measuring());
    measure.setAttribute("aria-pressed", now);
    document.documentElement.classList.toggle("dr-measuring", desk.measuring());
    return before !== now;
  };
  return { tools, zoom, refresh };
};

/* Metres of pipe of each look; null where lengths are not known, or no rows are at hand. */
export const lengthsOf = (model, layer, rows, pipeLayer = null) => {
  const own = model.column(layer, "length_m") >= 0;
  if (!layer.shapes.length || !(own || (pipeLayer && model.idKey(layer) === model.idKey(pipeLayer)))) return null;
  const long = (row) => {
    const at = own ? row : model.row(pipeLayer, model.id(layer, row));
    return at < 0 ? 0 : model.valueAt(own ? layer : pipeLayer, at, "length_m") || 0;
  };
  const found = layer.styles.map(() => 0);
  (rows || layer.shapes.map((_, row) => row)).forEach((row) => {
    found[layer.category[row]] += long(row);
  });
  return found;
};

/* Looks of the drawn layers whose keys do not stand at the left, with how often each is met. */
export const legendOf = (desk) => {
  const { model } = desk;
  const box = h("div", { id: "dr-legend", class: "dr-card", role: "group", "aria-label": model.words.legend });
  const part = (layer) => {
    const { pipeLayer = null } = desk.network() || {};
    const rows = desk.rowsOf(layer, { looks: false }),
      counts = countsOf(layer, rows),
      metres = lengthsOf(model, layer, rows, pipeLayer);
    const much = (n) => (metres && metres[n] ? kilometres(model, metres[n], 1) : null);
    const seen = layer.styles.map((look, n) => ({ look, n })).filter(({ n }) => counts[n]);
    return h(
      "div",
      { class: "dr-legend-part" },
      h("h3", null, termWord(desk.terms.label(layer.label), layer.label)),
      seen.map(({ look, n }) =>
        layer.styles.length > 1
          ? lookKey(desk, layer, look, n, counts[n], much(n))
          : h(
              "span",
              { class: "dr-key-one" },
              desk.drawn.swatch(layer, n, { width: 26, height: 20 }),
              h("b", { text: [model.number(counts[n]), much(n)].filter(Boolean).join(" · ") }),
            ),
      ),
    );
  };
  const refresh = () => {
    const k = desk.state.period,
      list = listLayer(model, k, desk.question()),
      { quiet } = answerOf(desk.question(), k);
    const layers = desk
      .drawnNow()
      .filter((layer) => !layer.context && layer !== list && !quiet.includes(keyOf(layer)));
    refill(
      box,
      layers
        .reverse()
        .filter((layer) => countsOf(layer, null).some(Boolean))
        .map(part),
    );
    box.hidden = !box.children.length;
  };
  return { box, refresh };
};

/* The strip above the map that says what was traced. */
export const stripOf = (desk) => {
  const { model } = desk,
    { words } = model;
  const box = h("div", { id: "dr-strip", class: "dr-card", role: "region", "aria-label": words.trace, hidden: true });
  const refresh = () => {
    const traced = desk.traced();
    box.hidden = !traced;
    if (!traced) return;
    const { found, direction } = traced;
    const systems = found.systems.map(
      ({ system, pipes, length_m: long }) => `${system || "–"} ${model.number(pipes)}, ${kilometres(model, long)}`,
    );
    const ends = found.outfalls
      .slice(0, 5)
      .map((node) => desk.network().nodes[node])
      .join(", ");
    refill(
      box,
      h("span", { class: "dr-sample", "aria-hidden": "true" }),
      h(
        "p",
        null,
        h(
          "b",
          null,
          h("bdi", { text: traced.id }),
          ` ${words[`trace_${direction}`]} · `,
          h("span", {
            class: "dr-traced",
            text: `${model.number(found.pipes.length)} ${words.pipes} · ${kilometres(model, found.length_m)}`,
          }),
        ),
        h(
          "small",
          null,
          h("bdi", { text: [...systems, ends ? `${words.outfalls} ${ends}` : ""].filter(Boolean).join(" · ") }),
        ),
      ),
      desk.hasLevels() && found.main.length
        ? h("button", {
            type: "button",
            class: "dr-b",
            "data-at": "strip section",
            "aria-pressed": String(desk.state.drawer === "section"),
            click: () => desk.drawer("section"),
            text: words.section,
          })
        : null,
      iconButton("close", words.close, { bare: true, "data-at": "untrace", click: () => desk.untrace() }),
    );
  };
  return { box, refresh };
};
export const kilometres = (model, metres, digits = 3) =>
  metres >= 1000 ? `${model.number(metres / 1000, digits)} km` : `${model.number(metres, 0)} m`;

/* The text at the pointer. */
export const tipOf = (desk) => {
  const { model, drawn } = desk,
    box = h("div", { id: "dr-tip", "aria-hidden": "true", hidden: true });
  drawn.on("hover", (hover) => {
    const [hit] = (hover && hover.hits) || [];
    box.hidden = !hit || desk.measuring();
    if (box.hidden) return;
    const layer = model.layer(desk.state.period, hit.layer.key || hit.layer),
      { row } = hit;
    if (!layer) {
      box.hidden = true;
      return;
    }
    const why = (layer.lead || []).map((k) => model.said(layer, row, k)).find(Boolean);
    const more = hit.count > 1 ? `+${model.number(hit.count - 1)}` : "";
    box.textContent = [why, model.place(layer, row), model.id(layer, row), more].filter(Boolean).join(" · ");
    const { x, y } = hover.point,
      wide = drawn.map.getSize().x;
    box.style.left = `${Math.max(4, Math.min(x + 14, wide - box.offsetWidth - 6))}px`;
    box.style.top = `${Math.max(4, y - 32)}px`;
  });
  return { box };
};
