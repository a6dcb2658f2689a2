/* Names along lines, where nothing else is written: Chinese ones are stacked on steep roads, others follow them. */
import { labelOf } from "../data.js";
import { GROUNDS } from "./looks.js";
import { holds, isInView } from "../view.js";

const STEEP = 1.05; // rad from which Chinese letters are stacked
const SHARES = [0.5, 0.36, 0.64, 0.22, 0.78, 0.1, 0.9, 0.43, 0.57, 0.29, 0.71];
const LETTER = 13.5; // px from one stacked letter to the next
const CHINESE = /^[\u2e80-\u9fff\uf900-\ufaff]/;

/* The longest run of a line that is in view, as points of the drawing with the length up to each. */
export const runInView = (shapes, view, bounds, s) => {
  let best = null, run = null;
  const end = () => { if (run && (!best || run.total > best.total)) best = run; run = null; };
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    for (let i = shapes.point[p]; i < shapes.point[p + 1]; i += 1) {
      const at = { x: view.x(shapes.px[i]), y: view.y(shapes.py[i]) }, last = run && run.points[run.points.length - 1];
      const cut = last && clip(last, at, bounds);
      if (last && !cut) end();
      if (!run) run = { points: [at], lengths: [0], total: 0 };
      else addTo(run, at);
    }
    end();
  }
  return best && trimmed(best, bounds);
};
const addTo = (run, at) => {
  const last = run.points[run.points.length - 1];
  run.total += Math.hypot(at.x - last.x, at.y - last.y);
  run.points.push(at);
  run.lengths.push(run.total);
};
const clip = (a, b, bounds) => Math.max(a.x, b.x) >= bounds.left && Math.min(a.x, b.x) <= bounds.right &&
  Math.max(a.y, b.y) >= bounds.top && Math.min(a.y, b.y) <= bounds.bottom;

/* Of a run that leaves the view the part that is seen: by steps along it. */
const trimmed = (run, bounds) => {
  const steps = 40, seen = [...Array(steps + 1).keys()].filter((k) => {
    const { x, y } = placeOn(run, k / steps);
    return holds(bounds, x, y);
  });
  return seen.length < 2 ? null : { ...run, from: seen[0] / steps, to: seen[seen.length - 1] / steps };
};

export const placeOn = (run, share) => {
  const want = share * run.total, { points, lengths } = run;
  let k = 1;
  while (k < lengths.length - 1 && lengths[k] < want) k += 1;
  if (points.length < 2) return { ...points[0], angle: 0 };
  const a = points[k - 1], b = points[k], length = lengths[k] - lengths[k - 1];
  const t = length ? (want - lengths[k - 1]) / length : 0;
  let angle = Math.atan2(b.y - a.y, b.x - a.x);
  if (angle > Math.PI / 2) angle -= Math.PI;
  if (angle < -Math.PI / 2) angle += Math.PI;
  return { x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y), angle };
};

/* How a text lies on a line that goes by an angle: its box, and whether its letters are stacked. */
export const setOut = (text, width, angle) => {
  if (Math.abs(angle) > STEEP && CHINESE.test(text)) {
    const [name, ...rest] = text.split(" ");
    const high = [...name].length * LETTER + (rest.length ? 18 : 2);
    const w = rest.length ? width * restShare(name, rest) + 8 : LETTER + 4;
    return { stacked: [...name], rest: rest.join(" "), w, h: high };
  }
  const c = Math.abs(Math.cos(angle)), s = Math.abs(Math.sin(angle));
  return { stacked: null, w: c * width + s * 16, h: s * width + c * 16 };
};

/* Chinese letters are as wide as two others. */
const restShare = (name, rest) => {
  const long = rest.join(" ").length;
  return long / (long + 2 * [...name].length);
};

const write = (pen, text, x, y, ground, color) => {
  pen.lineJoin = "round";
  pen.strokeStyle = GROUNDS[ground].halo;
  pen.lineWidth = 3.5;
  pen.strokeText(text, x, y);
  pen.fillStyle = color;
  pen.fillText(text, x, y);
};

/* What says something of an answer stands on a plate, names of the ground in a halo. */
const plate = (pen, x, y, width, height, ground) => {
  pen.fillStyle = GROUNDS[ground].halo;
  pen.strokeStyle = GROUNDS[ground].roadRim;
  pen.lineWidth = 1;
  pen.setLineDash([]);
  pen.beginPath();
  pen.rect(x - width / 2, y - height / 2, width, height);
  pen.fill();
  pen.stroke();
};

const writeAlong = (pen, text, spot, laid, { ground, color, plated, width }) => {
  if (!laid.stacked) {
    pen.save();
    pen.translate(spot.x, spot.y);
    pen.rotate(spot.angle);
    if (plated) plate(pen, 0, 0, width, 17, ground);
    write(pen, text, 0, 0, ground, color);
    pen.restore();
    return;
  }
  const top = spot.y - laid.h / 2, first = top + (laid.rest ? 18 : 1);
  if (plated && laid.rest) plate(pen, spot.x, top + 8, laid.w, 17, ground);
  if (plated) plate(pen, spot.x, (first + top + laid.h) / 2, LETTER + 4, laid.h - (first - top), ground);
  if (laid.rest) write(pen, laid.rest, spot.x, top + 8, ground, color);
  laid.stacked.forEach((letter, k) => write(pen, letter, spot.x, first + (k + 0.5) * LETTER, ground, color));
};

/* Names of the lines of a layer, the longest in view first; a name is written once, near by up to three times. */
export const nameLines = (pen, scene, { data, shapes, view, bounds, ground, taken, written }) => {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const { layer } = scene, label = scene.labels || ((row) => labelOf(data, layer, row));
  const named = new Map();
  scene.list.forEach((row) => {
    const s = layer.shapes[row];
    if (s < 0 || shapes.area[s] || !isInView(shapes, view, bounds, s)) return;
    const text = label(row);
    if (text && !written.has(text)) named.set(text, named.get(text) || []).get(text).push(s);
  });
  const color = scene.role === "river" ? GROUNDS[ground].riverName : GROUNDS[ground].label;
  named.forEach((list, text) => {
    const runs = list.map((s) => runInView(shapes, view, bounds, s)).filter(Boolean).sort((a, b) => b.total - a.total);
    const most = view.near > 6 ? 3 : 1;
    let placed = 0;
    const context = { ground, taken, color, bounds, plated: !scene.role };
    for (const run of runs.slice(0, 6)) placed += placeOnRun(pen, run, text, most - placed, context);
    if (placed) written.add(text);
  });
};

/* A text on each line that is in view and long enough for it, beside the line. */
export const writeOnLines = (pen, scene, label, { shapes, view, bounds, ground, taken }) => {
  const { layer } = scene;
  scene.list.forEach((row) => {
    const s = layer.shapes[row];
    if (shapes.area[s] || !isInView(shapes, view, bounds, s)) return;
    const text = label(row), run = text ? runInView(shapes, view, bounds, s) : null;
    if (!run) return;
    const width = pen.measureText(text).width + 6, spot = placeOn(run, (run.from + run.to) / 2);
    if (run.total * (run.to - run.from) < width + 16) return;
    const beside = { ...spot, x: spot.x + Math.sin(spot.angle) * 9, y: spot.y - Math.cos(spot.angle) * 9 };
    const w = Math.abs(Math.cos(spot.angle)) * width + 13 * Math.abs(Math.sin(spot.angle));
    const h = Math.abs(Math.sin(spot.angle)) * width + 13 * Math.abs(Math.cos(spot.angle));
    if (!taken.take(beside.x, beside.y, w, h)) return;
    writeAlong(pen, text, beside, { stacked: null }, { ground, color: GROUNDS[ground].label, plated: false, width });
  });
};

const placeOnRun = (pen, run, text, most, context) => {
  const { taken, bounds } = context;
  const width = pen.measureText(text).width + 6;
  if (most < 1 || run.total * (run.to - run.from) < Math.min(46, width * 0.7)) return 0;
  let placed = 0;
  for (const share of SHARES) {
    if (placed >= most) break;
    const spot = placeOn(run, run.from + share * (run.to - run.from)), laid = setOut(text, width, spot.angle);
    if (spot.x - laid.w / 2 < bounds.left || spot.x + laid.w / 2 > bounds.right) continue;
    if (spot.y - laid.h / 2 < bounds.top || spot.y + laid.h / 2 > bounds.bottom) continue;
    if (!taken.take(spot.x, spot.y, laid.w, laid.h)) continue;
    writeAlong(pen, text, spot, laid, { ...context, width });
    placed += 1;
  }
  return placed;
};

/* A text beside a mark: at its right, left, below or above, where there is room. */
export const nameBeside = (pen, text, x, y, r, { ground, taken, color }) => {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const w = pen.measureText(text).width + 4;
  const spots = [[x + r + w / 2 + 2, y], [x - r - w / 2 - 2, y], [x, y + r + 9], [x, y - r - 9]];
  const spot = spots.find(([a, b]) => taken.take(a, b, w, 15));
  if (spot) write(pen, text, spot[0], spot[1], ground, color || GROUNDS[ground].label);
  return Boolean(spot);
};
