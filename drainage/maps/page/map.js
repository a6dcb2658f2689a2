/* Draws the layers that stand in the page as JSON. Every text from the data goes through textContent or fillText. */
const data = JSON.parse(document.getElementById("drainage-data").textContent);
const said = data.words; // what the page itself says, in the language of its reader
const crs = data.schematic ? L.CRS.Simple : L.CRS.EPSG3857;
const map = L.map("dr-map", { crs, center: [0, 0], zoom: 2, zoomSnap: 0.25, zoomControl: false });
L.control.zoom({ zoomInTitle: said.zoom_in, zoomOutTitle: said.zoom_out }).addTo(map);
const narrow = window.innerWidth <= 700;
const BATCH = 500; // shapes in one stroke: a browser is slow with one path of many thousands
const MANY = 30000; // shapes in view from which lines are drawn whole, as dashes take long
const PAGE = 200; // rows of the list shown at once
const element = (tag, cls, text) => {
  const made = document.createElement(tag);
  if (cls) made.className = cls;
  if (text !== undefined) made.textContent = text;
  return made;
};

/* ---- shapes: from differences of whole steps to points of the world at zoom 0 */
const shapes = unpack(data.shapes);
function unpack({ step, x, y, sizes, parts, areas }) {
  const count = parts.length, total = x.length;
  const px = new Float64Array(total), py = new Float64Array(total);
  const box = new Float64Array(4 * count), part = sums(parts), point = sums(sizes);
  for (let i = 0, lng = 0, lat = 0; i < total; i += 1) {
    lng += x[i];
    lat += y[i];
    const at = map.project(L.latLng(lat * step, lng * step), 0);
    px[i] = at.x;
    py[i] = at.y;
  }
  for (let s = 0; s < count; s += 1) {
    box.set([Infinity, Infinity, -Infinity, -Infinity], 4 * s);
    for (let i = point[part[s]]; i < point[part[s + 1]]; i += 1) {
      box[4 * s] = Math.min(box[4 * s], px[i]);
      box[4 * s + 1] = Math.min(box[4 * s + 1], py[i]);
      box[4 * s + 2] = Math.max(box[4 * s + 2], px[i]);
      box[4 * s + 3] = Math.max(box[4 * s + 3], py[i]);
    }
  }
  return { px, py, part, point, box, area: new Set(areas) };
}
function sums(sizes) {
  const found = new Uint32Array(sizes.length + 1);
  sizes.forEach((size, i) => { found[i + 1] = found[i] + size; });
  return found;
}
const isMark = (p) => shapes.point[p + 1] - shapes.point[p] === 1;
const hasLines = (layer) => layer.shapes.some((s) => s >= 0 && !isMark(shapes.part[s]));
const boxOf = (list) => {
  const at = (k, pick) => list.reduce((found, s) => pick(found, shapes.box[4 * s + k]), shapes.box[4 * list[0] + k]);
  const corner = (a, b, pick) => map.unproject(L.point(at(a, pick), at(b, pick)), 0);
  return L.latLngBounds(corner(0, 1, Math.min), corner(2, 3, Math.max));
};

/* ---- state */
const shown = new Map(); // theme → ticked
data.periods.forEach((period) => period.layers.forEach((layer) => shown.set(layer.theme, layer.shown)));
data.periods.forEach((period) => period.layers.forEach((layer) => { layer.rowsByStyle = groupRows(layer); }));
const home = { zoom: 0 }; // of the whole network
const crowd = element("p", "dr-box dr-note", said.crowd);
let current = 0;
let focus = []; // shapes that were searched for or clicked
let listed = "waterlogging"; // theme of the open list
const layers = () => data.periods[current].layers;
const visible = () => layers().filter((layer) => shown.get(layer.theme));
const placed = (layer) => layer.shapes.reduce((n, s) => n + (s >= 0), 0);
function groupRows(layer) {
  const rows = layer.styles.map(() => []);
  layer.category.forEach((style, row) => { if (layer.shapes[row] >= 0) rows[style].push(row); });
  return rows;
}
const cell = (layer, row, k) => {
  const { values, codes } = data.columns[layer.columns[k]];
  const value = codes ? values[codes[row]] : values[row];
  return value === undefined || value === null ? "" : String(value);
};
const title = (layer, row) => [layer.label, layer.columns.length ? cell(layer, row, 0) : ""].join(" ").trim();

/* ---- drawing */
const view = (zoom = map.getZoom(), origin = map.getPixelOrigin()) => {
  const scale = map.options.crs.scale(zoom) / map.options.crs.scale(0);
  const thick = Math.min(2, Math.max(0.75, 1 + 0.25 * (zoom - home.zoom - 1)));
  return { scale, thick, x: (i) => shapes.px[i] * scale - origin.x, y: (i) => shapes.py[i] * scale - origin.y, origin };
};
const inView = (now, bounds, s) => {
  const b = shapes.box, { scale, origin } = now;
  return b[4 * s] * scale - origin.x <= bounds.max.x && b[4 * s + 2] * scale - origin.x >= bounds.min.x &&
    b[4 * s + 1] * scale - origin.y <= bounds.max.y && b[4 * s + 3] * scale - origin.y >= bounds.min.y;
};
const trace = (ctx, now, s) => {
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    if (isMark(p)) continue;
    for (let i = shapes.point[p], first = i; i < shapes.point[p + 1]; i += 1) {
      if (i === first) ctx.moveTo(now.x(i), now.y(i));
      else ctx.lineTo(now.x(i), now.y(i));
    }
  }
};
const strokes = (ctx, now, list, look) => {
  ctx.strokeStyle = look.color;
  ctx.lineWidth = Math.max(1, look.size * now.thick);
  ctx.setLineDash(look.dash ? look.dash.split(" ").map(Number) : []);
  ctx.lineCap = look.dash ? "butt" : "round";
  ctx.lineJoin = "round";
  for (let k = 0; k < list.length; k += BATCH) {
    ctx.beginPath();
    list.slice(k, k + BATCH).forEach((s) => trace(ctx, now, s));
    ctx.stroke();
  }
  ctx.setLineDash([]);
};
const fills = (ctx, now, list, look) => {
  ctx.fillStyle = look.color;
  list.filter((s) => shapes.area.has(s)).forEach((s) => {
    ctx.beginPath();
    trace(ctx, now, s);
    ctx.fill("evenodd");
  });
};
const OUTLINES = { // corners of a mark of radius 1
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  diamond: [[0, -1.2], [1.1, 0], [0, 1.2], [-1.1, 0]],
  up: [[0, -1.15], [1.1, 0.8], [-1.1, 0.8]],
  down: [[0, 1.15], [1.1, -0.8], [-1.1, -0.8]],
  cross: [[-1, -1], [1, 1], null, [-1, 1], [1, -1]],
};
const mark = (ctx, x, y, r, look) => {
  ctx.beginPath();
  let pen = "moveTo";
  (OUTLINES[look.shape] || []).forEach((corner) => {
    if (corner) ctx[pen](x + r * corner[0], y + r * corner[1]);
    pen = corner ? "lineTo" : "moveTo";
  });
  if (!OUTLINES[look.shape]) ctx.arc(x, y, r, 0, 2 * Math.PI);
  const open = look.shape === "ring" || look.shape === "cross";
  if (!open) {
    ctx.closePath();
    ctx.fillStyle = look.color;
    ctx.fill();
  }
  [["#fff", 3.5], [open ? look.color : "#222", open ? 2 : 1.2]].slice(open ? 0 : 1).forEach(([color, width]) => {
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.stroke();
  });
};
const marks = (ctx, now, list, look) => list.forEach((s) => {
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    if (isMark(p)) mark(ctx, now.x(shapes.point[p]), now.y(shapes.point[p]), look.size * radius(now), look);
  }
});
const radius = (now) => Math.min(1.25, Math.max(narrow ? 0.7 : 0.8, now.thick));
const write = (ctx, text, x, y, color, halo) => {
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3;
  ctx.strokeStyle = "rgba(255, 255, 255, .95)";
  if (halo) ctx.strokeText(text, x, y);
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
};
const words = (layer, row) => layer.text.map((k) => {
  const value = cell(layer, row, k);
  return value && data.columns[layer.columns[k]].key.endsWith("_pct") ? Math.round(value) + " %" : value;
}).join(" ");
const light = (color) => {
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(color.slice(k, k + 2), 16));
  return 0.3 * r + 0.6 * g + 0.1 * b > 140;
};
const nameMarks = (ctx, now, bounds, layer, taken) => layer.shapes.forEach((s, row) => {
  if (s < 0 || !isMark(shapes.part[s]) || !inView(now, bounds, s)) return;
  const i = shapes.point[shapes.part[s]], x = now.x(i), y = now.y(i);
  taken.push({ x, y, half: 12 });
  write(ctx, words(layer, row), x, y, light(layer.styles[layer.category[row]].color) ? "#111" : "#fff", false);
});
/* Names of lines stand where the line is in view and nothing else is written; a name is written once. */
const nameLines = (ctx, now, bounds, layer, taken) => {
  const named = new Map();
  layer.shapes.forEach((s, row) => {
    const text = s >= 0 && inView(now, bounds, s) ? words(layer, row) : "";
    if (text) named.set(text, named.get(text) || []).get(text).push(s);
  });
  named.forEach((list, text) => {
    if (taken.some((t) => t.text === text)) return;
    const half = ctx.measureText(text).width / 2 + 3;
    const inside = ({ x, y }) => ({ x: Math.max(bounds.min.x + half, Math.min(bounds.max.x - half, x)), y });
    const free = ({ x, y }) => taken.every((t) => Math.abs(t.x - x) > t.half + half || Math.abs(t.y - y) > 18);
    const spot = spots(now, bounds, list[list.length >> 1]).map(inside).find(free);
    if (!spot) return;
    taken.push({ ...spot, half, text });
    write(ctx, text, spot.x, spot.y, "#222", true);
  });
};
/* Places along the longest part of a line that is in view: its middle first. */
const spots = (now, bounds, s) => {
  let seen = [];
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    if (shapes.point[p + 1] - shapes.point[p] <= seen.length) continue;
    const found = [];
    for (let i = shapes.point[p]; i < shapes.point[p + 1]; i += 1) {
      const at = L.point(now.x(i), now.y(i));
      if (bounds.contains(at)) found.push(at);
    }
    if (found.length > seen.length) seen = found;
  }
  return seen.length ? [0.5, 0.3, 0.7, 0.15, 0.85].map((share) => seen[Math.floor(share * seen.length)]) : [];
};
/* Draws what is in the bounds and names it, first and whole what is seen; tells whether dashes are left out, as there
   is so much of it. */
const paint = (ctx, bounds, now = view(), seen = bounds) => {
  const wide = L.bounds(bounds.min.subtract([30, 30]), bounds.max.add([30, 30]));
  const batches = [];
  visible().forEach((layer) => layer.styles.forEach((look, k) => {
    const list = layer.rowsByStyle[k].map((row) => layer.shapes[row]).filter((s) => inView(now, wide, s));
    batches.push({ layer, look, list });
  }));
  const crowded = batches.reduce((n, { list }) => n + list.length, 0) > MANY;
  const whole = crowded ? { dash: "" } : {};
  batches.forEach(({ layer, look, list }) => {
    ctx.globalAlpha = layer.opacity;
    fills(ctx, now, list, look);
    strokes(ctx, now, list.filter((s) => !isMark(shapes.part[s])), { ...look, ...whole });
  });
  ctx.globalAlpha = 1;
  strokes(ctx, now, focus, { color: "#111", size: 7, dash: "" });
  strokes(ctx, now, focus, { color: "#F0E442", size: 4, dash: "" });
  batches.forEach(({ look, list }) => marks(ctx, now, list, look));
  marks(ctx, now, focus, { color: "#111", size: 18, shape: "ring" });
  const taken = [];
  ctx.font = "600 12px " + getComputedStyle(document.body).fontFamily;
  const named = visible().filter((layer) => layer.text.length);
  named.forEach((layer) => nameMarks(ctx, now, wide, layer, taken));
  new Set([seen, bounds]).forEach((within) => {
    named.filter(hasLines).forEach((layer) => nameLines(ctx, now, within, layer, taken));
  });
  return crowded;
};
const Painter = L.Renderer.extend({
  _initContainer() {
    this._container = element("canvas");
    this._container.setAttribute("aria-hidden", "true"); // the list under the map says the same
  },
  _destroyContainer() { this._container.remove(); },
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const canvas = this._container, size = this._bounds.getSize(), ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = size.x * ratio;
    canvas.height = size.y * ratio;
    canvas.style.width = size.x + "px";
    canvas.style.height = size.y + "px";
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, -this._bounds.min.x * ratio, -this._bounds.min.y * ratio);
    crowd.hidden = !paint(ctx, this._bounds);
  },
});
const painter = new Painter({ padding: 0.1 });

/* ---- what lies under the pointer: marks before lines, upper layers before lower, the nearest of each */
const away = (x, y, ax, ay, bx, by) => {
  const dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
  const t = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
};
const distance = (now, s, x, y, look) => {
  let least = Infinity;
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    const first = shapes.point[p], last = shapes.point[p + 1] - 1;
    if (first === last) least = Math.min(least, Math.hypot(x - now.x(first), y - now.y(first)) - look.size);
    for (let i = first; i < last; i += 1) {
      const gap = away(x, y, now.x(i), now.y(i), now.x(i + 1), now.y(i + 1));
      least = Math.min(least, gap - (look.size * now.thick) / 2);
    }
  }
  return shapes.area.has(s) && inside(now, s, x, y) ? Math.min(least, 0) : least;
};
const inside = (now, s, x, y) => {
  let odd = false;
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    for (let i = shapes.point[p]; i < shapes.point[p + 1] - 1; i += 1) {
      const ya = now.y(i), yb = now.y(i + 1);
      if (ya > y !== yb > y && x < now.x(i) + ((y - ya) / (yb - ya)) * (now.x(i + 1) - now.x(i))) odd = !odd;
    }
  }
  return odd;
};
const hits = (latlng) => {
  const now = view(), { x, y } = map.latLngToLayerPoint(latlng), found = [], reach = narrow ? 10 : 5;
  const near = L.bounds([x - 30, y - 30], [x + 30, y + 30]);
  visible().reverse().forEach((layer) => {
    const best = { layer, row: -1, gap: reach, point: false };
    layer.shapes.forEach((s, row) => {
      if (s < 0 || !inView(now, near, s)) return;
      const gap = distance(now, s, x, y, layer.styles[layer.category[row]]);
      if (gap < best.gap) Object.assign(best, { row, gap, point: isMark(shapes.part[s]) });
    });
    if (best.row >= 0) found.push(best);
  });
  return found.sort((a, b) => b.point - a.point);
};
