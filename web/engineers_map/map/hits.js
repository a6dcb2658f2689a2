/* What lies under the pointer: marks before lines before areas, of each layer the nearest. */
import { isInView } from "./view.js";
import { lookOf } from "./scene.js";

const away = (x, y, ax, ay, bx, by) => {
  const dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
  const t = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
};

const isInside = (shapes, view, s, x, y) => {
  let odd = false;
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    for (let i = shapes.point[p]; i < shapes.point[p + 1] - 1; i += 1) {
      const ya = view.y(shapes.py[i]), yb = view.y(shapes.py[i + 1]), xa = view.x(shapes.px[i]);
      if (ya > y !== yb > y && x < xa + ((y - ya) / (yb - ya)) * (view.x(shapes.px[i + 1]) - xa)) odd = !odd;
    }
  }
  return odd;
};

/* Distance in px from a line, or 0 within an area. */
export const distanceTo = (shapes, view, s, x, y) => {
  let least = Infinity;
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    for (let i = shapes.point[p]; i < shapes.point[p + 1] - 1; i += 1) {
      least = Math.min(least, away(x, y, view.x(shapes.px[i]), view.y(shapes.py[i]),
        view.x(shapes.px[i + 1]), view.y(shapes.py[i + 1])));
    }
  }
  return shapes.area[s] && least > 3 && isInside(shapes, view, s, x, y) ? 0 : least;
};

const marksAt = (marks, x, y, reach) => marks
  .map((mark) => ({ mark, gap: Math.hypot(mark.x - x, mark.y - y) - mark.r }))
  .filter(({ gap }) => gap <= reach)
  .sort((a, b) => a.gap - b.gap || a.mark.depth - b.mark.depth)
  .map(({ mark, gap }) => ({
    layer: mark.scene.key, row: mark.row, distance: Math.max(0, gap), count: 1 + (mark.joined || []).length,
    rows: [mark, ...(mark.joined || [])].filter((one) => one.scene === mark.scene).map((one) => one.row),
    joined: (mark.joined || []).map((one) => ({ layer: one.scene.key, row: one.row })),
  }));

const lineAt = (scene, shapes, view, x, y, reach) => {
  const near = { left: x - 30, right: x + 30, top: y - 30, bottom: y + 30 }, { layer } = scene;
  let best = null;
  scene.list.forEach((row) => {
    const s = layer.shapes[row];
    if (!isInView(shapes, view, near, s)) return;
    const look = lookOf(scene, row), half = ((look ? look.size : 1) * view.thick) / 2;
    const gap = distanceTo(shapes, view, s, x, y) - half;
    if (gap <= reach && (!best || gap < best.distance)) best = hitOf(scene, row, gap, shapes.area[s]);
  });
  return best;
};
const hitOf = (scene, row, gap, area) =>
  ({ layer: scene.key, row, distance: Math.max(0, gap), count: 1, rows: [row], joined: [], area: Boolean(area) });

/* All that can be picked at (x, y) of the drawing, the first is what was meant. */
export const hitsAt = ({ scenes, marks, shapes, view }, x, y, reach) => {
  const points = marksAt(marks, x, y, view.narrow ? reach : reach / 2).slice(0, 12);
  const joined = points.flatMap(({ joined: others, distance }) => others.slice(0, 50).map((one) =>
    ({ ...one, distance, count: 1, rows: [one.row], joined: [] })));
  const lines = [...scenes].reverse().map((scene) => lineAt(scene, shapes, view, x, y, reach)).filter(Boolean);
  const known = new Set(), found = [...points, ...joined, ...lines.filter(({ area }) => !area),
    ...lines.filter(({ area }) => area)];
  return found.filter(({ layer, row }) => !known.has(layer + " " + row) && known.add(layer + " " + row));
};
