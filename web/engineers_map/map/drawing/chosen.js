/* What is chosen, lit or traced: drawn over the lines and below the marks. */
import { GROUNDS } from "./looks.js";
import { drawPlain } from "./lines.js";
import { layerOf } from "../data.js";
import { along, isMark } from "../shapes.js";
import { isInView } from "../view.js";
import { nameBeside } from "./names.js";
import { titleOf } from "../data.js";

const ARROW_PX = 70; // along the main path from one arrow to the next
const TINY_PX = 26; // size of a line below which a ring says where it is

const shapesOf = (data, period, list) => list.map(({ layer, row }) => {
  const found = layerOf(data, period, layer);
  return found && found.shapes[row] >= 0 ? { s: found.shapes[row], layer: found, row } : null;
}).filter(Boolean);

const ring = (pen, x, y, r, { ink, chosen }) => {
  pen.setLineDash([]);
  [[ink, 5], [chosen, 2.6]].forEach(([color, width]) => {
    pen.beginPath();
    pen.arc(x, y, r, 0, 2 * Math.PI);
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.stroke();
  });
};

const middleInView = (shapes, view, s) => {
  const { x, y } = along(shapes, s, 0.5);
  return { x: view.x(x), y: view.y(y) };
};
const sizeOf = (shapes, view, s) => {
  const b = shapes.box, k = 4 * s;
  return Math.hypot(b[k + 2] - b[k], b[k + 3] - b[k + 1]) * view.scale;
};

const drawLit = (pen, shapes, view, ground, { s }, strong) => {
  const colors = GROUNDS[ground];
  if (isMark(shapes, s)) {
    const i = shapes.point[shapes.part[s]];
    ring(pen, view.x(shapes.px[i]), view.y(shapes.py[i]), strong ? 19 : 15, colors);
    return;
  }
  if (shapes.area[s]) {
    drawPlain(pen, shapes, view, [s], colors.ink, 5);
    drawPlain(pen, shapes, view, [s], colors.chosen, 2.5);
    return;
  }
  const width = strong ? 6 : 4.5;
  drawPlain(pen, shapes, view, [s], colors.ink, width + 4);
  drawPlain(pen, shapes, view, [s], colors.chosen, width);
  if (strong) drawPlain(pen, shapes, view, [s], "#16212b", 1.4);
  if (sizeOf(shapes, view, s) < TINY_PX) {
    const { x, y } = middleInView(shapes, view, s);
    ring(pen, x, y, strong ? 15 : 11, colors);
  }
};

const arrow = (pen, x, y, ux, uy, { path, halo }) => {
  const r = 6.5;
  pen.fillStyle = path;
  pen.strokeStyle = halo;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x + ux * r, y + uy * r);
  pen.lineTo(x - ux * r - uy * r, y - uy * r + ux * r);
  pen.lineTo(x - ux * r + uy * r, y - uy * r - ux * r);
  pen.closePath();
  pen.stroke();
  pen.fill();
};

/* Pipes drain from their first point to their last. */
const drawArrows = (pen, shapes, view, bounds, list, colors) => {
  let gone = ARROW_PX / 2;
  list.forEach((s) => {
    const first = shapes.point[shapes.part[s]], last = shapes.point[shapes.part[s] + 1] - 1;
    for (let i = first; i < last; i += 1) {
      const ax = view.x(shapes.px[i]), ay = view.y(shapes.py[i]);
      const bx = view.x(shapes.px[i + 1]), by = view.y(shapes.py[i + 1]), length = Math.hypot(bx - ax, by - ay);
      gone += length;
      if (gone < ARROW_PX || length < 2) continue;
      gone = 0;
      if (bx > bounds.left && bx < bounds.right && by > bounds.top && by < bounds.bottom) {
        arrow(pen, bx, by, (bx - ax) / length, (by - ay) / length, colors);
      }
    }
  });
};

const drawPath = (pen, context, path, taken) => {
  const { data, period, shapes, view, bounds, ground } = context, colors = GROUNDS[ground];
  const layer = layerOf(data, period, path.layer);
  if (!layer) return;
  const of = (rows) => (rows || []).map((row) => layer.shapes[row]).filter((s) => s >= 0);
  const pipes = of(path.pipes).filter((s) => isInView(shapes, view, bounds, s)), main = of(path.main);
  drawPlain(pen, shapes, view, pipes, colors.halo, 8);
  drawPlain(pen, shapes, view, pipes, colors.path, 4.4);
  drawPlain(pen, shapes, view, main, colors.halo, 1.6, [7, 6]);
  drawArrows(pen, shapes, view, bounds, main, colors);
  shapesOf(data, period, path.outfalls || []).forEach(({ s, layer: owner, row }) => {
    const { x, y } = middleInView(shapes, view, s);
    pen.beginPath();
    pen.arc(x, y, 7, 0, 2 * Math.PI);
    pen.fillStyle = colors.halo;
    pen.fill();
    pen.strokeStyle = colors.path;
    pen.lineWidth = 3;
    pen.stroke();
    nameBeside(pen, titleOf(data, owner, row), x, y, 8, { ground, taken, color: colors.path });
  });
};

/* All of it; `state` has lit, path and spot. */
export const drawChosen = (pen, context, { lit, path, spot }, taken) => {
  const { data, period, shapes, view, ground, font } = context;
  pen.font = `600 12px ${font}`;
  if (path) drawPath(pen, context, path, taken);
  shapesOf(data, period, lit).reverse().forEach((one, k, all) => {
    drawLit(pen, shapes, view, ground, one, k === all.length - 1);
  });
  if (!spot) return;
  const [found] = shapesOf(data, period, [spot]);
  if (!found) return;
  const at = along(shapes, found.s, spot.share), colors = GROUNDS[ground];
  pen.beginPath();
  pen.arc(view.x(at.x), view.y(at.y), 8, 0, 2 * Math.PI);
  pen.fillStyle = colors.chosen;
  pen.fill();
  pen.strokeStyle = "#16212b";
  pen.lineWidth = 2;
  pen.stroke();
};
