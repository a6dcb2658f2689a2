/* A place holder: ticks for the layers, until the desk stands. */
import { element, keyOf, layersOf } from "../map/data.js";

export const openDesk = (drawn, data) => {
  const box = element("div", "dr-box dr-layers"), shown = new Map();
  let period = 0;
  const show = () => {
    drawn.setLayers(layersOf(data, period).filter((layer) => shown.get(keyOf(layer)))
      .map((layer) => ({ layer: keyOf(layer) })));
  };
  data.periods.forEach(({ label, layers }, k) => {
    layers.forEach((layer) => { if (!shown.has(keyOf(layer))) shown.set(keyOf(layer), layer.shown !== false); });
    const button = element("button", "", label);
    button.addEventListener("click", () => { period = k; drawn.setPeriod(k); show(); });
    if (data.periods.length > 1) box.append(button);
  });
  layersOf(data, 0).forEach((layer) => {
    const line = element("label"), tick = element("input");
    Object.assign(tick, { type: "checkbox", checked: shown.get(keyOf(layer)) });
    tick.dataset.theme = keyOf(layer);
    tick.addEventListener("change", () => { shown.set(keyOf(layer), tick.checked); show(); });
    line.append(tick, " " + layer.label);
    box.append(line);
  });
  const { map } = drawn, control = L.control({ position: "topright" });
  control.onAdd = () => box;
  control.addTo(map);
  drawn.on("pick", ({ hits }) => drawn.highlight(hits.slice(0, 1)));
  show();
};
