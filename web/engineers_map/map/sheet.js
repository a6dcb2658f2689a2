/* The sheet that is printed: what is seen of the map, drawn for paper, with its legend, scale and list.

   What paper it is no program is told: the drawing reaches beyond what is seen, the style fits it to the paper. */
import { cell, element } from "./data.js";
import { drawGround, drawUpper } from "./drawing/picture.js";
import { boxOf, isMark } from "./shapes.js";
import { drawSwatch } from "./drawing/swatch.js";
import { makeView } from "./view.js";

const PAPER = { width: 1000, height: 800, dots: 2 }; // of what is seen, in px of the drawing, and its dots for each
const NARROWEST = 0.6, WIDEST = 1.8; // width / height of the frames that the drawing fills
const LISTED = 80; // rows that are offered to the sheet; it takes as many as it has room for
const EDGE = 12, CSS_PX_M = 0.0254 / 96;

/* What is seen between the cards, and no more than there is to be seen, at zoom 0. */
const seenBox = (page, pane) => {
  const size = pane.map.getSize(), { left, right, top, bottom } = pane.roomTaken();
  const unit = pane.map.options.crs.scale(0) / page.places().worldSize;
  const corner = (x, y) => pane.map.project(pane.map.containerPointToLatLng([x, y]), 0).divideBy(unit);
  const wide = size.x - left - right > 100, high = size.y - top - bottom > 100;
  const rim = page.narrow() ? 14 : 28;
  const low = corner(wide ? left - rim : 0, high ? top - rim : 0);
  const far = corner(wide ? size.x - right + rim : size.x, high ? size.y - bottom + rim : size.y);
  const every = pane.scenes.flatMap(({ layer, list }) => list.map((row) => layer.shapes[row]));
  const all = boxOf(page.shapes(), every);
  if (!all) return [low.x, low.y, far.x, far.y];
  const cut = [Math.max(low.x, all[0]), Math.max(low.y, all[1]), Math.min(far.x, all[2]), Math.min(far.y, all[3])];
  return cut[0] < cut[2] && cut[1] < cut[3] ? cut : [low.x, low.y, far.x, far.y];
};

const drawSheet = (page, pane, frame, seen) => {
  const [width0, height0] = [seen[2] - seen[0], seen[3] - seen[1]];
  const scale = Math.min((PAPER.width - 2 * EDGE) / width0, (PAPER.height - 2 * EDGE) / height0);
  const width = width0 * scale + 2 * EDGE, height = height0 * scale + 2 * EDGE;
  const wide = Math.ceil(Math.max(width, height * WIDEST)), high = Math.ceil(Math.max(height, width / NARROWEST));
  const origin = { x: ((seen[0] + seen[2]) / 2) * scale - wide / 2, y: ((seen[1] + seen[3]) / 2) * scale - high / 2 };
  const canvas = element("canvas");
  Object.assign(canvas, { width: wide * PAPER.dots, height: high * PAPER.dots });
  const pen = canvas.getContext("2d");
  pen.scale(PAPER.dots, PAPER.dots);
  const metres = page.places().metresOfPx(scale, latitudeOf(page, pane, seen));
  const near = scale / (pane.map.options.crs.scale(pane.home.zoom) / pane.map.options.crs.scale(0));
  const view = makeView({ scale, origin, near, metres }), whole = { left: 0, top: 0, right: wide, bottom: high };
  const rim = { x: (wide - width) / 2, y: (high - height) / 2 };
  const sure = { left: rim.x, top: rim.y, right: wide - rim.x, bottom: high - rim.y };
  const context = { ...pane.context(view, whole), ground: "light" };
  const crowded = drawGround(pen, pane.scenes, context); // nothing on the sheet says what is chosen
  drawUpper(pen, pane.scenes, { ...context, bounds: sure, wide: whole });
  frame.style.setProperty("--aspect", width / height);
  frame.style.setProperty("--width", width + "px");
  canvas.style.width = wide + "px";
  const cut = element("div", "dr-drawn");
  cut.append(canvas);
  frame.append(cut);
  return { crowded, width, perMetre: metres ? 1 / metres : 1 };
};
const latitudeOf = (page, pane, seen) => {
  const unit = pane.map.options.crs.scale(0) / page.places().worldSize;
  return pane.map.unproject(L.point(seen[0], (seen[1] + seen[3]) / 2).multiplyBy(unit), 0).lat;
};

/* A bar whose length is true on any paper, as the style gives it the scale of the drawing; and the scale in figures. */
const scaleBox = ({ width, perMetre }, said) => {
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
const north = (said) => {
  const box = element("div", "dr-north");
  box.append(element("span", "dr-arrow"), element("span", "", said.north));
  return box;
};

const legendOf = (page, scene) => {
  const box = element("ul"), { layer } = scene, counts = layer.styles.map(() => 0);
  if (!scene.list.length) (layer.counts || []).forEach((n, k) => { counts[k] = n; });
  scene.list.forEach((row) => { counts[scene.style ? scene.style(row) : layer.category[row]] += 1; });
  layer.styles.forEach((look, k) => {
    if (!counts[k]) return;
    const entry = element("li");
    entry.append(drawSwatch(layer, k, "light", page.shapes()),
      element("span", "", `${look.label} (${counts[k].toLocaleString("en")})`));
    box.append(entry);
  });
  if (!box.children.length) box.append(element("li", "", page.said.none));
  return box;
};
const sheetLegend = (page, pane, crowded) => {
  const box = element("div", "dr-legend");
  [...pane.scenes].reverse().forEach((scene) => {
    const part = element("section");
    part.append(element("h2", "", scene.layer.label), legendOf(page, scene));
    box.append(part);
  });
  if (crowded) box.append(element("p", "dr-note", page.said.crowd));
  return box;
};

/* The rows of the list that lie on the sheet: of the open list if it is drawn, else of the uppermost that is. */
const sheetList = (page, pane, seen) => {
  const shapes = page.shapes();
  const within = (layer, row) => {
    const s = layer.shapes[row], b = shapes.box;
    return s >= 0 && isMark(shapes, s) && b[4 * s] >= seen[0] && b[4 * s] <= seen[2] &&
      b[4 * s + 1] >= seen[1] && b[4 * s + 1] <= seen[3];
  };
  const lists = [...pane.scenes].reverse().filter(({ layer }) => layer.listed)
    .map((scene) => ({ scene, rows: scene.list.filter((row) => within(scene.layer, row)) }))
    .filter(({ rows }) => rows.length);
  const chosen = lists.find(({ scene }) => page.listed && scene.key === page.listed.key) || lists[0];
  if (!chosen) return null;
  const { layer } = chosen.scene, columns = layer.columns.map((_, k) => k).slice(0, 5);
  const ours = page.listed && page.listed.rows && page.listed.key === chosen.scene.key;
  const wanted = new Set(ours ? page.listed.rows : []), rows = chosen.rows.filter((row) => !ours || wanted.has(row));
  const box = element("div", "dr-sheet-list"), table = element("table"), head = table.createTHead().insertRow();
  columns.forEach((k) => head.append(element("th", "", page.data.columns[layer.columns[k]].label)));
  const body = table.createTBody();
  rows.slice(0, LISTED).forEach((row) => {
    const line = body.insertRow();
    columns.forEach((k) => line.insertCell().append(cell(page.data, layer, row, k)));
  });
  box.append(element("h2", "", `${layer.label} (${page.said.on_screen} ${rows.length}${page.said.as_room})`), table);
  return box;
};

const fillSheet = (page, pane) => {
  const sheet = element("section"), frame = element("div", "dr-frame"), key = element("div", "dr-key");
  sheet.id = "dr-sheet";
  const seen = seenBox(page, pane), drawn = drawSheet(page, pane, frame, seen), list = sheetList(page, pane, seen);
  const foot = element("div", "dr-foot");
  if (!page.data.schematic) foot.append(north(page.said), scaleBox(drawn, page.said));
  foot.append(element("p", "", `${page.said.printed} ${new Date().toLocaleDateString("sv")}`));
  frame.append(foot);
  key.append(sheetLegend(page, pane, drawn.crowded));
  if (list) key.append(list);
  sheet.append(frame, key);
  document.body.append(sheet);
  return sheet;
};

export const listenForPrint = (page) => {
  let sheet = null;
  window.addEventListener("beforeprint", () => { if (!sheet) sheet = fillSheet(page, page.panes[0]); });
  window.addEventListener("afterprint", () => {
    if (sheet) sheet.remove();
    sheet = null;
  });
};
