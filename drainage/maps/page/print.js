/* The sheet that is printed: what is seen of the map, drawn for paper, with its legend, scale and list.
   What paper it is no program is told, so the drawing reaches beyond what is seen and the style fits it to the paper. */
const PAPER = { width: 1000, height: 800, dots: 2 }; // of what is seen, in px of the drawing, and its dots for each
const NARROWEST = 0.6, WIDEST = 1.8; // width / height of the frames that the drawing fills
const LISTED = 80; // rows that are offered to the sheet; it takes as many as it has room for
const METRES_ROUND_EARTH = 40075016.686, CSS_PX_M = 0.0254 / 96;

/* What is seen between the controls, and no more than there is to be seen, at zoom 0. */
const seenBox = () => {
  const size = map.getSize(), [left, right] = narrow ? [0, 0] : [60, panel.open ? 290 : 0];
  const corner = (x, y) => map.project(map.containerPointToLatLng([x, y]), 0);
  const screen = L.bounds(corner(left, 0), corner(Math.max(left + 1, size.x - right), size.y));
  const drawn = visible().flatMap((layer) => layer.shapes.filter((s) => s >= 0));
  if (!drawn.length) return screen;
  const at = (k, pick) => drawn.reduce((found, s) => pick(found, shapes.box[4 * s + k]), shapes.box[4 * drawn[0] + k]);
  const all = L.bounds([at(0, Math.min), at(1, Math.min)], [at(2, Math.max), at(3, Math.max)]);
  const low = L.point(Math.max(screen.min.x, all.min.x), Math.max(screen.min.y, all.min.y));
  const high = L.point(Math.min(screen.max.x, all.max.x), Math.min(screen.max.y, all.max.y));
  return low.x < high.x && low.y < high.y ? L.bounds(low, high) : screen;
};
const drawSheet = (frame, seen) => {
  const edge = 12, size = seen.getSize();
  const scale = Math.min((PAPER.width - 2 * edge) / size.x, (PAPER.height - 2 * edge) / size.y);
  const width = size.x * scale + 2 * edge, height = size.y * scale + 2 * edge;
  const wide = Math.ceil(Math.max(width, height * WIDEST)), high = Math.ceil(Math.max(height, width / NARROWEST));
  const zoom = map.options.crs.zoom(scale * map.options.crs.scale(0));
  const origin = seen.getCenter().multiplyBy(scale).subtract([wide / 2, high / 2]);
  const canvas = element("canvas"), held = focus;
  Object.assign(canvas, { width: wide * PAPER.dots, height: high * PAPER.dots });
  const ctx = canvas.getContext("2d");
  ctx.scale(PAPER.dots, PAPER.dots);
  focus = []; // nothing on the sheet says what is chosen
  const middle = L.point(wide / 2, high / 2), half = L.point(width / 2, height / 2);
  const whole = L.bounds([0, 0], [wide, high]), sure = L.bounds(middle.subtract(half), middle.add(half));
  const crowded = paint(ctx, whole, view(zoom, origin), sure);
  focus = held;
  frame.style.setProperty("--aspect", width / height);
  frame.style.setProperty("--width", width + "px");
  canvas.style.width = wide + "px";
  const cut = element("div", "dr-drawn");
  cut.append(canvas);
  frame.append(cut);
  return { crowded, width, perMetre: scale / metresAt(seen.getCenter()) };
};
const metresAt = (point) => { // of one unit at zoom 0
  const { lat } = map.unproject(point, 0);
  return (METRES_ROUND_EARTH * Math.cos((lat * Math.PI) / 180)) / map.options.crs.scale(0);
};
/* A bar whose length is true on any paper, as the style gives it the scale of the drawing; and the scale in figures. */
const scaleBox = ({ width, perMetre }) => {
  const most = width / 4 / perMetre, ten = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((k) => k * ten).find((metres) => metres <= most);
  const box = element("div", "dr-scale"), bar = element("div", "dr-length"), figure = element("p", "dr-figure");
  const ground = width / perMetre, about = ground / (PAPER.width * CSS_PX_M);
  const step = 5 * 10 ** (Math.floor(Math.log10(about)) - 2);
  box.style.setProperty("--bar", (length * perMetre) / width);
  box.style.setProperty("--ground", ground / CSS_PX_M / step);
  box.style.setProperty("--step", step);
  figure.dataset.about = said.scale_about;
  box.append(bar, element("p", "", length < 1000 ? length + " m" : length / 1000 + " km"), figure);
  return box;
};
const north = () => {
  const box = element("div", "dr-north");
  box.append(element("span", "dr-arrow"), element("span", "", said.north));
  return box;
};
const sheetLegend = (crowded) => {
  const box = element("div", "dr-legend");
  [...visible()].reverse().forEach((layer) => {
    const part = element("section");
    part.append(element("h2", "", layer.label), legend(layer));
    box.append(part);
  });
  if (crowded) box.append(element("p", "dr-note", said.crowd));
  return box;
};
/* The rows of the list that lie on the sheet: of the open list if it is drawn, else of the uppermost that is. */
const sheetList = (seen) => {
  const within = (layer, s) => s >= 0 && isMark(shapes.part[s]) && [0, 1].every((k) => {
    const axis = "xy"[k], at = shapes.box[4 * s + k];
    return at >= seen.min[axis] && at <= seen.max[axis];
  });
  const lists = [...visible()].reverse().filter((layer) => layer.listed)
    .map((layer) => ({ layer, rows: layer.shapes.flatMap((s, row) => (within(layer, s) ? [row] : [])) }))
    .filter(({ rows }) => rows.length);
  const chosen = lists.find(({ layer }) => layer.theme === listed) || lists[0];
  if (!chosen) return null;
  const { layer, rows } = chosen, columns = layer.columns.map((_, k) => k).slice(0, 5);
  const box = element("div", "dr-sheet-list"), table = element("table"), head = table.createTHead().insertRow();
  columns.forEach((k) => head.append(element("th", "", data.columns[layer.columns[k]].label)));
  const body = table.createTBody();
  rows.slice(0, LISTED).forEach((row) => {
    const line = body.insertRow();
    columns.forEach((k) => line.insertCell().append(cell(layer, row, k)));
  });
  box.append(element("h2", "", `${layer.label} (${said.on_screen} ${rows.length}${said.as_room})`), table);
  return box;
};
let sheet = null;
const fillSheet = () => {
  if (sheet) return;
  sheet = element("section");
  sheet.id = "dr-sheet";
  const frame = element("div", "dr-frame"), key = element("div", "dr-key"), seen = seenBox();
  const drawn = drawSheet(frame, seen), list = sheetList(seen), foot = element("div", "dr-foot");
  if (!data.schematic) foot.append(north(), scaleBox(drawn));
  foot.append(element("p", "", `${said.printed} ${new Date().toLocaleDateString("sv")}`));
  frame.append(foot);
  key.append(sheetLegend(drawn.crowded));
  if (list) key.append(list);
  sheet.append(frame, key);
  document.body.append(sheet);
};
window.addEventListener("beforeprint", fillSheet);
window.addEventListener("afterprint", () => {
  sheet?.remove();
  sheet = null;
});
const printButton = () => {
  const box = element("div", "leaflet-bar dr-print"), button = element("button", "", said.print);
  button.addEventListener("click", () => window.print());
  box.append(button);
  return box;
};
