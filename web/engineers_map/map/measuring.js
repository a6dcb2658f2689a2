/* The measure tool: points by click, or by Enter at the middle of the map; length and area in a card of its own. */
import { element } from "./data.js";
import { GROUNDS } from "./drawing/looks.js";
import { areaOf, areaText, lengthOf, lengthText } from "./measures.js";

const CLOSE_PX = 12; // of the first point within which a click closes a ring

export const startMeasuring = (page, pane, ended) => {
  const { said } = page, { schematic } = page.places(), points = [];
  let closed = false, pointer = null;
  const card = element("div", "dr-box dr-measure"), told = element("p");
  const help = element("p", "dr-small", said.measure_help);
  const clear = element("button", "", said.measure_clear), end = element("button", "", said.measure_end);
  told.setAttribute("role", "status");
  card.append(told, help, clear, end);
  L.DomEvent.disableClickPropagation(card);
  pane.container.append(card);

  const places = () => points.map((latlng) => page.places().truly(latlng));
  const results = () => {
    const ring = places(), line = closed ? [...ring, ring[0]] : ring;
    return { length_m: lengthOf(line, schematic), area_m2: closed ? areaOf(ring, schematic) : 0, points: ring };
  };
  const tell = () => {
    const { length_m: length, area_m2: area } = results();
    const unit = (text) => (schematic ? text.replace(/ (k?m²?|hm²)$/, "") : text);
    told.textContent = [
      points.length ? `${said.measure_length} ${unit(lengthText(length))}` : "",
      closed ? `${said.measure_area} ${unit(areaText(area))}` : "",
    ].filter(Boolean).join(" · ");
    page.tell("measured", results());
    pane.painter.drawUpper();
  };
  const px = (latlng) => pane.map.latLngToLayerPoint(latlng);
  const add = (latlng) => {
    if (closed) { points.length = 0; closed = false; }
    if (points.length > 2 && px(points[0]).distanceTo(px(latlng)) < CLOSE_PX) closed = true;
    else points.push(latlng);
    tell();
  };
  const back = () => {
    if (closed) closed = false;
    else points.pop();
    tell();
  };
  const onClick = ({ latlng }) => add(latlng);
  const onMove = ({ latlng }) => { pointer = latlng; pane.painter.drawUpper(); };
  const onKey = (event) => {
    const at = { Enter: () => add(pane.map.getCenter()), Backspace: back, Delete: back, Escape: stop }[event.key];
    if (!at || event.target.closest("button, input, select")) return;
    event.preventDefault();
    event.stopPropagation();
    at();
  };
  function stop() {
    pane.map.off("click", onClick).off("mousemove", onMove);
    pane.container.removeEventListener("keydown", onKey);
    pane.container.classList.remove("dr-measuring");
    card.remove();
    pane.map.doubleClickZoom.enable();
    pane.measuring = null;
    pane.painter.drawUpper();
    ended();
  }
  clear.addEventListener("click", () => { points.length = 0; closed = false; tell(); });
  end.addEventListener("click", stop);
  pane.map.on("click", onClick).on("mousemove", onMove);
  pane.map.doubleClickZoom.disable();
  pane.container.addEventListener("keydown", onKey);
  pane.container.classList.add("dr-measuring");
  pane.container.focus({ preventScroll: true });
  const draw = (pen) => drawMeasure(pen, pane.map, { points, closed, pointer }, GROUNDS[page.ground()]);
  return { draw, stop, card };
};

/* The line or ring, its corners, and, for the keyboard, a cross at the middle of the map. */
const drawMeasure = (pen, map, { points, closed, pointer }, { ink, halo, chosen }) => {
  const at = [...points, ...(pointer && !closed ? [pointer] : [])].map((latlng) => map.latLngToLayerPoint(latlng));
  pen.setLineDash([]);
  pen.lineJoin = "round";
  pen.beginPath();
  at.forEach(({ x, y }, k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  if (closed) {
    pen.closePath();
    pen.globalAlpha = 0.25;
    pen.fillStyle = chosen;
    pen.fill();
    pen.globalAlpha = 1;
  }
  [[halo, 6], [ink, 2.4]].forEach(([color, width]) => {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    if (at.length) pen.stroke();
  });
  points.map((latlng) => map.latLngToLayerPoint(latlng)).forEach(({ x, y }) => {
    pen.beginPath();
    pen.arc(x, y, 4.5, 0, 2 * Math.PI);
    pen.fillStyle = chosen;
    pen.fill();
    pen.lineWidth = 1.6;
    pen.stroke();
  });
  const { x, y } = map.latLngToLayerPoint(map.getCenter());
  pen.beginPath();
  pen.moveTo(x - 8, y);
  pen.lineTo(x + 8, y);
  pen.moveTo(x, y - 8);
  pen.lineTo(x, y + 8);
  pen.lineWidth = 1.6;
  pen.stroke();
};
