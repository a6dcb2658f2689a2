/* The drawer below the map: a long section along what was traced, or a hydrograph of what is chosen. */
import { h, iconButton, s } from "../dom.js";
import { hydrographDrawing, STROKES } from "./hydrograph_drawing.js";
import { keyOf } from "../asking/model.js";
import { profileOf } from "../asking/profile.js";
import { sectionDrawing, sectionKey } from "./section_drawing.js";
import { sizesOf } from "../asking/network.js";
import { kilometres } from "../stage.js";

const TALL = 218; // px of a drawing

export const drawerOf = (desk) => {
  const { model } = desk,
    { words } = model;
  const box = h("section", { id: "dr-drawer", class: "dr-card", role: "region", hidden: true, tabindex: "-1" });
  const wide = () => Math.max(280, box.clientWidth || window.innerWidth);
  const frame = (title, about, read, ...children) => {
    box.setAttribute("aria-label", title);
    box.replaceChildren(
      h(
        "div",
        { class: "dr-drawer-head" },
        h("h2", { text: title }),
        h("p", null, h("bdi", { text: about })),
        read,
        iconButton("close", words.close, { bare: true, "data-at": "drawer close", click: () => desk.drawer(null) }),
      ),
      ...children,
    );
  };
  /* More flows than the full pipe carries. */
  const fullPipes = (pipeLayer) => {
    const [flow, most] = ["flow_m3s", "capacity_m3s"].map((key) => model.column(pipeLayer, key));
    const at = (pipe, k) => (k < 0 ? null : model.valueAt(pipeLayer, pipe, k));
    return (pipe) => at(pipe, most) > 0 && at(pipe, flow) > at(pipe, most);
  };
  const section = () => {
    const network = desk.network(),
      { found } = desk.traced(),
      { pipeLayer } = network;
    const profile = profileOf(network, found.main, {
      sizeText: sizesOf(model, network),
      surcharged: fullPipes(pipeLayer),
    });
    const read = h("output", { class: "dr-read" });
    const first = found.main[0],
      last = found.main[found.main.length - 1];
    const ends = `${network.nodes[network.from[first]]} → ${network.nodes[network.to[last]]}`;
    const about = [ends, `${model.number(found.main.length)} ${words.pipes}`, kilometres(model, found.main_m)].join(
      " · ",
    );
    if (!profile) {
      frame(words.section, about, null, h("p", { class: "dr-none", text: words.no_levels }));
      return;
    }
    const levels = ({ ground_m: ground, invert_m: invert, water_m: water }) =>
      [
        [words.ground, ground],
        [words.invert, invert],
        [words.water, water],
      ]
        .filter(([, value]) => value !== null)
        .map(([name, value]) => `${name} ${model.number(value, 2)} m`);
    const moved = (one, at) => {
      read.textContent = one
        ? [kilometres(model, at), model.id(pipeLayer, one.pipe), one.size, ...levels(one)].filter(Boolean).join(" · ")
        : "";
      desk.drawn.spot(one ? { layer: keyOf(pipeLayer), row: one.pipe, share: one.share } : null);
    };
    const drawing = sectionDrawing(profile, {
      width: wide(),
      height: TALL,
      words,
      number: model.number,
      kilometres: (m) => kilometres(model, m),
      moved,
      idOf: (pipe) => model.id(pipeLayer, pipe),
      picked: (pipe) => desk.pick(model.refAt(pipeLayer, pipe), { quiet: true }),
    });
    const has = {
      full: profile.stretches.some((one) => one.full),
      adverse: profile.stretches.some((one) => one.adverse),
      water: profile.nodes.filter((one) => one.water_m !== null).length > 1,
    };
    frame(words.section, about, read, drawing, sectionKey(words, has));
  };
  const hydrograph = () => {
    const found = desk.picked(),
      given = desk.hydrographOf(found),
      read = h("output", { class: "dr-read" });
    const moved = (n) => {
      read.textContent = [
        `${model.number(given.minutes[n])} min`,
        ...given.series.map(({ label, unit, values }) =>
          values[n] === null ? "" : `${label} ${model.number(values[n])} ${unit}`,
        ),
      ]
        .filter(Boolean)
        .join(" · ");
    };
    const drawing = hydrographDrawing(given, { width: wide(), height: TALL, words, number: model.number, moved });
    const key = h(
      "p",
      { class: "dr-section-key" },
      given.series.map(({ label, unit }, k) =>
        h(
          "span",
          null,
          s(
            "svg",
            { viewBox: "0 0 22 10", "aria-hidden": "true" },
            s("path", {
              class: `dr-series dr-series-${k % STROKES.length}`,
              "stroke-dasharray": STROKES[k % STROKES.length] || null,
              d: "M1 5h20",
            }),
          ),
          `${label}, ${unit}`,
        ),
      ),
      given.note ? h("span", { text: given.note }) : null,
    );
    frame(
      words.hydrograph,
      [model.place(found.layer, found.row), found.id].filter(Boolean).join(" · "),
      read,
      drawing,
      key,
    );
  };
  const refresh = () => {
    const { drawer } = desk.state;
    const shows =
      (drawer === "section" && desk.traced() && desk.traced().found.main.length > 0) ||
      (drawer === "hydrograph" && desk.picked() && desk.hydrographOf(desk.picked()));
    box.hidden = !shows;
    document.documentElement.classList.toggle("dr-drawn-out", Boolean(shows));
    desk.drawn.spot(null);
    if (shows) ({ section, hydrograph })[drawer]();
  };
  return { box, refresh, focus: () => box.focus({ preventScroll: true }) };
};
