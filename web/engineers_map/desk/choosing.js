/* What is chosen on the map, in the list or by search, and what is lit with it. */
import { roadsOf } from "./asking/find.js";
import { itemOf } from "./asking/item.js";
import { keyOf } from "./asking/model.js";

const isHere = ({ period }) => period === undefined; // not a link into another period
const NEAR = 2.5; // zoom steps from the whole town to one thing in its streets

export const choosing = (desk) => {
  const { model, drawn } = desk,
    k = () => desk.state.period;
  const lit = (found) => {
    const { links, connected } = itemOf(model, k(), found);
    return [found, ...[...links, ...connected].flatMap(({ items }) => items).filter(isHere)].slice(0, 400);
  };
  /* What is chosen is drawn, and a hydrograph of another place is put away. */
  const openFor = (found) => {
    const { state } = desk,
      key = keyOf(found.layer);
    if (!found.layer.context && !desk.drawnNow().includes(found.layer))
      state.layers = { ...state.layers, [key]: true };
    state.picked = found.ref;
    if (state.drawer === "hydrograph" && !desk.hydrographOf(found)) state.drawer = null;
  };
  const turnTo = (period) => period !== k() && desk.showPeriod(period);
  return {
    light: (found) => drawn.highlight(lit(found).map(({ layer, row }) => ({ layer: keyOf(layer), row }))),
    picked: () => model.find(k(), desk.state.picked),
    also: () => desk.hits.filter(({ layer, row }) => model.refAt(layer, row) !== desk.state.picked),
    pick: (ref, { fit = false, back = null, quiet = false, period = k() } = {}) => {
      turnTo(period);
      const found = model.find(k(), ref);
      if (!found) return;
      if (!desk.hits.some(({ layer, row }) => model.refAt(layer, row) === ref)) desk.hits = [];
      if (back && !desk.parts.panel.box.contains(back)) desk.back = back;
      openFor(found);
      desk.refresh();
      const all = lit(found);
      desk.light(found);
      if (fit) desk.fit(all.slice(0, 60));
      else if (!quiet) desk.fit([found], true);
      if (!quiet) desk.parts.panel.focus();
      if (!desk.isWhole) desk.whole().then(() => desk.picked() && desk.light(desk.picked()));
    },
    /* Shows features; those that are seen already, as they are, if `gently`. */
    fit: (features, gently = false) => {
      const placed = features
        .filter(({ layer, row }) => layer.shapes[row] >= 0)
        .map(({ layer, row }) => ({ layer: keyOf(layer), row }));
      if (!placed.length || (gently && placed.some(({ layer, row }) => [...drawn.inView(layer)].includes(row))))
        return;
      drawn.fit(placed, { maxZoom: desk.homeZoom + NEAR, animate: false });
    },
    close: () => {
      if (!desk.picked()) return false;
      desk.set({ picked: null, drawer: desk.state.drawer === "hydrograph" ? null : desk.state.drawer });
      drawn.highlight([]);
      const again =
        desk.back &&
        (desk.back.isConnected
          ? desk.back
          : [...document.querySelectorAll("[data-at]")].find((one) => one.dataset.at === desk.back.dataset.at));
      (again || drawn.map.getContainer()).focus({ preventScroll: true });
      desk.back = null;
      return true;
    },
    goToRoad: (road) => {
      const all = roadsOf(model, k()).get(road) || [],
        own = all.find(({ layer, row }) => model.id(layer, row) === road);
      if (own) desk.pick(model.refAt(own.layer, own.row), { quiet: true });
      drawn.highlight(all.map(({ layer, row }) => ({ layer: keyOf(layer), row })).slice(0, 2000));
      desk.fit(all.slice(0, 2000));
      desk.say(road);
    },
    /* Series over time of what is chosen, with what no series says: marks, a note. */
    hydrographOf: ({ id, layer }) => {
      const { key } = model.data.periods[k()],
        given = (model.data.hydrographs || {})[key || ""];
      if (!given || given.theme !== layer.theme || !Object.prototype.hasOwnProperty.call(given.of, id)) return null;
      return { marks: [], note: given.note || "", ...given.of[id] };
    },
  };
};
