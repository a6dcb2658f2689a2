/* Draws lines and areas: the rim, the colour, and upon it the pattern that tells a class without its colour. */
import { GROUNDS, casingOn, colorOn, dashOf } from "./looks.js";

const THIN = 2; // px: a thinner line is context, and has no rim
const BATCH = 500; // shapes in one stroke: a browser is slow with one path of many thousands

const trace = (pen, shapes, view, s) => {
  const { px, py, part, point } = shapes, { scale, origin } = view;
  for (let p = part[s]; p < part[s + 1]; p += 1) {
    const first = point[p], end = point[p + 1];
    if (end - first < 2) continue;
    pen.moveTo(px[first] * scale - origin.x, py[first] * scale - origin.y);
    for (let i = first + 1; i < end; i += 1) pen.lineTo(px[i] * scale - origin.x, py[i] * scale - origin.y);
  }
};

const stroke = (pen, shapes, view, list, { color, width, dash = [], cap = "round" }) => {
  pen.strokeStyle = color;
  pen.lineWidth = Math.max(0.7, width);
  pen.setLineDash(dash);
  pen.lineCap = cap;
  pen.lineJoin = "round";
  for (let k = 0; k < list.length; k += BATCH) {
    pen.beginPath();
    for (let n = k; n < Math.min(k + BATCH, list.length); n += 1) trace(pen, shapes, view, list[n]);
    pen.stroke();
  }
  pen.setLineDash([]);
};

/* Strokes of a line of this look, from below: rim, colour, pattern. `bare` leaves out what takes long. */
export const strokesOf = (look, width, ground, { bare = false, rim = true } = {}) => {
  const color = colorOn(look, ground), casing = casingOn(color, ground), found = [];
  const dash = bare ? [] : brokenBy(look, width), core = CORES[look.pattern];
  const plainRim = casing === GROUNDS[ground].halo;
  if (rim && look.size >= THIN && !(bare && plainRim)) found.push({ color: casing, width: width + 2, cap: "butt" });
  found.push({ color, width, dash, cap: dash.length ? "butt" : "round" });
  if (bare || width < 2.2 || !core) return found;
  return [...found, { color: contrastingCore(color, ground), width: Math.max(0.9, width * 0.34), ...core(width) }];
};
const brokenBy = (look, width) => {
  const dash = dashOf(look);
  return look.pattern === "gap" && !dash.length ? [width * 2.2, width * 1.3] : dash;
};
const CORES = {
  dash: (width) => ({ dash: [width * 1.8, width * 1.8], cap: "butt" }),
  dot: (width) => ({ dash: [0.1, width * 2.2], cap: "round" }),
  double: () => ({ dash: [], cap: "butt" }),
};

const contrastingCore = (color, ground) => {
  const { halo, ink } = GROUNDS[ground];
  return casingOn(color, ground) === ink ? ink : halo;
};

export const drawLines = (pen, shapes, view, list, look, ground, options = {}) => {
  if (!list.length) return;
  const width = Math.max(1, look.size * (options.ofRoad ? options.ofRoad : view.thick));
  strokesOf(look, width, ground, options).forEach((one) => stroke(pen, shapes, view, list, one));
};

/* One plain stroke of many shapes, as for what is chosen. */
export const drawPlain = (pen, shapes, view, list, color, width, dash = []) =>
  stroke(pen, shapes, view, list, { color, width, dash, cap: dash.length ? "butt" : "round" });

export const drawAreas = (pen, shapes, view, list, look, ground) => {
  if (!list.length) return;
  const fill = () => list.forEach((s) => {
    pen.beginPath();
    trace(pen, shapes, view, s);
    pen.fill("evenodd");
  });
  pen.fillStyle = colorOn(look, ground);
  fill();
  const hatch = look.pattern ? hatchOf(pen, look.pattern, GROUNDS[ground].ink) : null;
  if (!hatch) return;
  const strength = pen.globalAlpha;
  pen.globalAlpha = Math.min(1, strength * 0.8);
  pen.fillStyle = hatch;
  fill();
  pen.globalAlpha = strength;
};

const HATCHES = { // lines within a square of 8, from … to …
  dash: [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]],
  double: [[0, 8, 8, 0], [0, 0, 8, 8]],
  gap: [[4, 0, 4, 8]],
  dot: [[3.5, 4, 4.5, 4]],
};
const hatches = new Map();
const hatchOf = (pen, pattern, color) => {
  const known = pattern + color;
  if (!hatches.has(known)) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: 8, height: 8 });
    const inner = canvas.getContext("2d");
    inner.strokeStyle = color;
    inner.lineWidth = 1;
    HATCHES[pattern].forEach(([ax, ay, bx, by]) => {
      inner.beginPath();
      inner.moveTo(ax, ay);
      inner.lineTo(bx, by);
      inner.stroke();
    });
    hatches.set(known, canvas);
  }
  return pen.createPattern(hatches.get(known), "repeat");
};
