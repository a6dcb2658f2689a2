/* Menus over the map: layers, filters, export. One is open at a time; Escape closes it and gives the focus back. */
import { choicesOf, kindOf, spanOf, ticked, toggled, withFacet } from "./asking/facets.js";
import { h } from "./dom.js";
import { keyOf } from "./asking/model.js";
import { answerOf } from "./asking/questions.js";

export const menusOf = (desk) => {
  const { model } = desk,
    { words } = model;
  const box = h("div", { id: "dr-menu", class: "dr-card", role: "dialog", hidden: true, tabindex: "-1" });
  let open = null,
    opener = null;

  /* ---- layers */
  const layerLine = (layer) => {
    const on = desk.drawnNow().includes(layer),
      total = layer.shapes.length || (layer.counts || []).reduce((a, b) => a + b, 0);
    return h(
      "label",
      null,
      h("input", {
        type: "checkbox",
        checked: on,
        "data-layer": keyOf(layer),
        "data-at": `layer ${keyOf(layer)}`,
        change: (change) => desk.showLayer(layer, change.target.checked),
      }),
      h("bdi", { text: layer.label }),
      h("span", { text: model.number(total) }),
    );
  };
  const layers = () => {
    const k = desk.state.period,
      answer = answerOf(desk.question(), k),
      own = [...answer.layers, ...answer.more, ...answer.quiet];
    const all = [...model.layers(k)].reverse();
    const parts = [
      [words.of_question, all.filter((layer) => own.includes(keyOf(layer)) && !layer.context)],
      [words.context, all.filter((layer) => layer.context)],
      [words.more_layers, all.filter((layer) => !own.includes(keyOf(layer)) && !layer.context)],
    ].filter(([, some]) => some.length);
    const bases = desk.drawn.bases ? desk.drawn.bases() : [];
    return [
      h("h2", { text: words.layers }),
      ...parts.map(([name, some]) => h("fieldset", null, h("legend", { text: name }), some.map(layerLine))),
      bases.length > 1 ? baseSet(bases) : null,
      ...notes(k),
    ];
  };
  const notes = (k) =>
    model
      .layers(k)
      .filter((layer) => layer.note)
      .map((layer) => h("p", { text: `${layer.label}: ${layer.note}` }));
  const baseSet = (bases) =>
    h(
      "fieldset",
      null,
      h("legend", { text: words.base }),
      bases.map(({ key, label }) =>
        h(
          "label",
          null,
          h("input", {
            type: "radio",
            name: "dr-base",
            value: key,
            checked: key === desk.drawn.base(),
            "data-at": `base ${key}`,
            change: () => desk.setBase(key),
          }),
          label,
        ),
      ),
    );

  /* ---- filters */
  const facetSet = ({ key, label }) => {
    const asked = choicesOf(model, desk.facetLayers(key), key),
      kind = kindOf(asked);
    if (!kind) return null;
    return h(
      "fieldset",
      { "data-facet": key },
      h("legend", { text: label }),
      INPUTS[kind](key, asked.choices, label),
    );
  };
  const change = (key, wanted) => desk.filter(withFacet(desk.state.facets, key, wanted));
  const INPUTS = {
    ticks: (key, choices) =>
      choices.map(({ value, count }) =>
        h(
          "label",
          null,
          h("input", {
            type: "checkbox",
            checked: ticked(desk.state.facets[key]).includes(String(value)),
            value: String(value),
            "data-at": `${key} ${value}`,
            change: () => change(key, toggled(desk.state.facets[key], String(value))),
          }),
          h("bdi", { text: String(value) }),
          h("span", { text: model.number(count) }),
        ),
      ),
    list: (key, choices, label) =>
      h(
        "select",
        {
          "aria-label": label,
          "data-at": `facet ${key}`,
          change: (event) => change(key, event.target.value ? [event.target.value] : null),
        },
        h("option", { value: "", text: words.all }),
        choices.map(({ value, count }) =>
          h("option", {
            value: String(value),
            selected: ticked(desk.state.facets[key]).includes(String(value)),
            text: `${value} (${model.number(count)})`,
          }),
        ),
      ),
    range: (key, choices, label) =>
      between(
        key,
        choices.map(({ value }) => value),
        label,
        Number,
      ),
    days: (key, choices, label) => between(key, choices.map(({ value }) => value).sort(), label, String),
  };
  /* From and to, of the values that there are; of very many an even choice. */
  const between = (key, values, label, read) => {
    const wanted = spanOf(desk.state.facets[key]),
      some = spread(values);
    const side = (end, name) =>
      h(
        "label",
        null,
        h("span", { text: name }),
        h(
          "select",
          {
            "aria-label": `${label} ${name}`,
            "data-at": `facet ${key} ${end}`,
            change: (event) =>
              change(key, {
                from: null,
                to: null,
                ...wanted,
                [end]: event.target.value === "" ? null : read(event.target.value),
              }),
          },
          h("option", { value: "", text: "…" }),
          some.map((value) =>
            h("option", {
              value: String(value),
              selected: wanted[end] === value,
              text: typeof value === "number" ? model.number(value) : value,
            }),
          ),
        ),
      );
    return h("div", { class: "dr-two" }, side("from", words.from), side("to", words.to));
  };
  const filters = () => {
    const sets = (model.data.facets || []).map(facetSet).filter(Boolean);
    return [
      h("h2", { text: words.filter }),
      ...sets,
      sets.length ? null : h("p", { text: words.no_filters }),
      h(
        "p",
        { class: "dr-menu-acts" },
        h("button", {
          type: "button",
          class: "dr-b",
          "data-at": "clear",
          disabled: !desk.isFiltered(),
          click: () => desk.clearFilters(),
          text: words.clear,
        }),
        h("button", {
          type: "button",
          class: "dr-b",
          "data-at": "menu undo",
          disabled: !desk.history.length,
          click: () => desk.undo(),
          text: words.undo,
        }),
      ),
    ];
  };

  /* ---- export */
  const exports = () => [
    h("h2", { text: words.export_seen }),
    h("p", { text: words.export_note }),
    h(
      "p",
      { class: "dr-menu-acts" },
      ["geojson", "csv"].map((kind) =>
        h("button", {
          type: "button",
          class: "dr-b",
          "data-export": kind,
          "data-at": `export ${kind}`,
          click: () => desk.exportSeen(kind),
          text: words[`export_${kind}`],
        }),
      ),
      h("button", {
        type: "button",
        class: "dr-b",
        "data-export": "list",
        "data-at": "export list",
        click: () => desk.exportList(),
        text: words.export_list,
      }),
    ),
  ];

  const FILLED = { layers, filter: filters, export: exports };
  const refresh = () => {
    if (!open) return;
    const held = box.contains(document.activeElement) ? document.activeElement.dataset.at : null,
      top = box.scrollTop;
    box.replaceChildren(
      h("button", {
        type: "button",
        class: "dr-ic dr-menu-close",
        "aria-label": words.close,
        "data-at": "menu close",
        click: () => close(),
        text: "×",
      }),
      ...FILLED[open]().filter(Boolean),
    );
    box.scrollTop = top;
    const again = held && [...box.querySelectorAll("[data-at]")].find((one) => one.dataset.at === held);
    if (again) again.focus({ preventScroll: true });
  };
  const expanded = (name, on) =>
    document
      .querySelectorAll(`[data-menu="${name}"]`)
      .forEach((one) => one.setAttribute("aria-expanded", String(on)));
  const close = (back = true) => {
    if (!open) return false;
    const name = open;
    open = null;
    box.hidden = true;
    expanded(name, false);
    desk.cards();
    const button = opener && opener.isConnected ? opener : document.querySelector(`[data-menu="${name}"]`);
    if (back && button) button.focus({ preventScroll: true });
    return true;
  };
  const toggle = async (name, button) => {
    if (open === name) return close();
    close(false);
    if (name !== "layers") await desk.whole();
    open = name;
    opener = button || document.querySelector(`[data-menu="${name}"]`);
    box.hidden = false;
    box.dataset.menu = name;
    box.setAttribute("aria-label", words[name]);
    refresh();
    expanded(name, true);
    place();
    desk.cards();
    box.focus({ preventScroll: true });
    return true;
  };
  /* Below its button, or beside the column that the button is in; on a phone the style lays it over the sheet. */
  const place = () => {
    const at = opener ? opener.getBoundingClientRect() : { left: 12, bottom: 60, top: 60 },
      wide = box.offsetWidth || 300;
    const side = opener && opener.closest("#dr-side"),
      left = side ? side.getBoundingClientRect().right + 8 : at.left;
    box.style.left = `${Math.max(8, Math.min(left, window.innerWidth - wide - 8))}px`;
    const lowest = window.innerHeight - box.offsetHeight - 8;
    box.style.top = `${Math.max(8, Math.min(side ? at.top : at.bottom + 6, lowest))}px`;
  };
  return {
    box,
    refresh,
    toggle,
    close,
    get open() {
      return open;
    },
  };
};
const MOST = 60;
const spread = (values) =>
  values.length <= MOST
    ? values
    : Array.from({ length: MOST }, (_, k) => values[Math.round((k * (values.length - 1)) / (MOST - 1))]);
