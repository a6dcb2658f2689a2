/* Which layers and rows are drawn, and the filters that narrow them. */
import { rowsLeft, toggled } from "./asking/facets.js";
import { keyOf } from "./asking/model.js";
import { answerOf, drawnLayers, listLayer } from "./asking/questions.js";

/* ---- layers and rows */
export const layersOf = (desk) => {
  const { model, drawn } = desk,
    k = () => desk.state.period;
  return {
    drawnNow: () => drawnLayers(model, k(), desk.question(), desk.state.layers),
    rowsOf: (layer, { looks = true } = {}) => {
      if (layer.context) return null;
      const chosen = looks ? desk.state.looks[keyOf(layer)] || [] : [];
      return rowsLeft(model, layer, { facets: desk.state.facets, looks: chosen, siblings: model.layers(k()) });
    },
    showLayer: (layer, on) => desk.set({ layers: { ...desk.state.layers, [keyOf(layer)]: on } }),
    draw: () => {
      const { quiet } = answerOf(desk.question(), k());
      drawn.setLayers(
        desk.drawnNow().map((layer) => {
          const key = keyOf(layer),
            chosen = desk.state.layers[key];
          return { layer: key, rows: desk.rowsOf(layer), quiet: quiet.includes(key) && chosen !== true };
        }),
      );
      const list = listLayer(model, k(), desk.question());
      if (list && drawn.listed) drawn.listed(keyOf(list), desk.rowsOf(list));
    },
    setBase: (base) => {
      drawn.setBase(base);
      desk.set({ base });
    },
  };
};

/* ---- filters: each change can be taken back */
export const filtersOf = (desk) => {
  const { model, history } = desk;
  const change = (patch) => {
    history.push(desk.state);
    desk.set(patch);
  };
  return {
    filter: (facets) => change({ facets }),
    toggleLook: (layer, label) => {
      const key = keyOf(layer),
        { [key]: now, ...rest } = desk.state.looks,
        next = toggled(now, label);
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
    /* Of layers that tell of the same things one is counted. */
    facetLayers: (key) => {
      const seen = new Set();
      return [...model.layers(desk.state.period)].filter((layer) => {
        const things = model.idKey(layer) || keyOf(layer),
          drawn = desk.drawnNow().includes(layer);
        if (layer.context || !drawn || model.column(layer, key) < 0 || seen.has(things)) return false;
        seen.add(things);
        return true;
      });
    },
    chips: () => {
      const label = (key) => ((model.data.facets || []).find((one) => one.key === key) || { label: key }).label;
      const text = (key, wanted) =>
        Array.isArray(wanted) ? wanted.join(", ") : `${wanted.from ?? "…"} – ${wanted.to ?? "…"}`;
      const without = (all, key) => Object.fromEntries(Object.entries(all).filter(([one]) => one !== key));
      return [
        ...Object.entries(desk.state.facets).map(([key, wanted]) => ({
          text: `${label(key)}: ${text(key, wanted)}`,
          remove: () => change({ facets: without(desk.state.facets, key) }),
        })),
        ...Object.entries(desk.state.looks).map(([key, labels]) => ({
          text: labels.join(", "),
          remove: () => change({ looks: without(desk.state.looks, key) }),
        })),
      ];
    },
  };
};
