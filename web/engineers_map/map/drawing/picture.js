/* One drawing of the scene: areas and lines below, marks, numbers and names above. For the screen and for paper. */
import { GROUNDS } from "./looks.js";
import { drawAreas, drawLines, drawPlain } from "./lines.js";
import { badgeWidth, drawBadge, drawMark, drawRing, radiusFor } from "./marks.js";
import { columnOf, idOf, labelOf, sizeOf } from "../data.js";
import { isSmall } from "../scene.js";
import { nameBeside, nameLines, writeOnLines } from "./names.js";
import { Taken } from "./taken.js";
import { thin } from "./thinning.js";
import { grown, isInView } from "../view.js";

export const NEAR_M = 1.5; // metres on a px from which features are drawn one by one
export const MANY = 20000; // lines in view from which rims, dashes and patterns are left out, as they take long
const SIZES_M = 0.55, IDS_M = 0.3; // metres on a px from which sizes of pipes and ids of nodes are written
const MOST_IDS = 400;
const SMALL_MARKS = 3000; // small marks in view up to which they are drawn

const seenOf = (shapes, view, bounds, list) => list.filter((s) => isInView(shapes, view, bounds, s));

/* Draws areas and lines; answers whether patterns were left out, as there is so much of it. */
export const drawGround = (pen, scenes, { shapes, view, bounds, ground, tiles, tileShift, groundless }) => {
  const wide = grown(bounds, 30), found = [], isTiled = (scene) => isDrawnByTiles(scene, tiles, view);
  scenes.filter((scene) => !isTiled(scene)).forEach((scene) => scene.looks.forEach(({ look, lines, areas }) => {
    found.push({ scene, look, lines: seenOf(shapes, view, wide, lines), areas: seenOf(shapes, view, wide, areas) });
  }));
  const bare = found.reduce((n, { lines }) => n + lines.length, 0) > MANY;
  scenes.forEach((scene) => {
    if (isTiled(scene)) tiles.draw(pen, scene, view, bounds, ground, tileShift);
    if (groundless && (scene.role === "road" || scene.role === "river")) return; // the base map has them
    found.forEach((one) => { if (one.scene === scene) drawOne(pen, one, { shapes, view, ground, bare }); });
  });
  return bare;
};

/* From afar a large layer is drawn by its tiles, near by from its shapes, which are exact, once they are there. */
const isDrawnByTiles = (scene, tiles, view) =>
  Boolean(tiles && scene.byTiles && (!tiles.isWhole() || view.metres > NEAR_M));

const drawOne = (pen, { scene, look, lines, areas }, { shapes, view, ground, bare }) => {
  if (!lines.length) return;
  if (scene.role) drawRole(pen, scene.role, lines, shapes, view, GROUNDS[ground]);
  else {
    pen.globalAlpha = scene.opacity;
    drawAreas(pen, shapes, view, areas, look, ground);
    pen.globalAlpha = areas.length ? 1 : Math.max(scene.opacity, 0.85);
    const outline = areas.length ? { ...look, size: Math.min(look.size, 1.2), pattern: "" } : look; // thin about areas
    drawLines(pen, shapes, view, lines, outline, ground, { bare, rim: !scene.quiet && !areas.length });
    pen.globalAlpha = 1;
  }
};

/* Roads, waterways and thin pipes, as wide as they are on the ground where that is more than what can be seen. */
const drawRole = (pen, role, lines, shapes, view, colors) => {
  const metre = view.metres ? 1 / view.metres : 0;
  if (role === "pipe") return drawPlain(pen, shapes, view, lines, colors.pipe, Math.min(1.6, 0.9 * view.thick));
  if (role === "river") {
    return drawPlain(pen, shapes, view, lines, colors.river, Math.max(5, Math.min(60, 40 * metre)));
  }
  const width = Math.max(3, Math.min(28, 14 * metre));
  drawPlain(pen, shapes, view, lines, colors.roadRim, width + 1.6);
  return drawPlain(pen, shapes, view, lines, colors.road, width);
};

const markItems = (all, { data, shapes, view, bounds, pen, tiles }) => {
  const scenes = all.filter((scene) => !isDrawnByTiles(scene, tiles, view));
  const wide = grown(bounds, 40), rings = [], small = [], items = [];
  [...scenes].reverse().forEach((scene, depth) => {
    const numbered = scene.labels !== false && (scene.labels || (scene.layer.text || []).length);
    const label = scene.labels || ((row) => labelOf(data, scene.layer, row));
    scene.marks.forEach(({ row, s, look: k }, order) => {
      if (!isInView(shapes, view, wide, s)) return;
      const { look } = scene.looks[k];
      const text = numbered && !scene.quiet ? label(row) : "", inside = text.length <= 4 ? text : "";
      const r = radiusFor(look, view, inside ? pen.measureText(inside).width : 0);
      const rank = scene.importance ? -scene.importance(row) : order;
      eachPlace(shapes, s, (i) => {
        const x = view.x(shapes.px[i]), y = view.y(shapes.py[i]);
        const item = { x, y, r, scene, row, look, text, inside, depth, rank };
        (look.shape === "ring" ? rings : isSmall(look) || scene.quiet ? small : items).push(item);
      });
    });
  });
  items.sort((a, b) => a.depth - b.depth || a.rank - b.rank);
  return { rings, small: small.length > SMALL_MARKS ? [] : small, items };
};
const eachPlace = (shapes, s, act) => {
  for (let p = shapes.part[s]; p < shapes.part[s + 1]; p += 1) {
    if (shapes.point[p + 1] - shapes.point[p] === 1) act(shapes.point[p]);
  }
};

/* Draws marks and writes what has room; answers what can be picked there. `chosen` draws what lies between. */
export const drawUpper = (pen, scenes, context) => {
  const { view, bounds, ground, font, cards = [], chosen = null } = context, taken = new Taken();
  cards.forEach((card) => taken.hold(...card));
  pen.font = `700 11px ${font}`;
  const { rings, small, items } = markItems(scenes, { ...context, pen });
  const kept = thin(items, view.narrow ? 3 : 2);
  kept.forEach(({ x, y, r }) => taken.hold(x - r - 1, y - r - 1, x + r + 1, y + r + 1));
  small.forEach(({ x, y, r, look }) => drawMark(pen, x, y, r, look, ground));
  const round = rings.map((ring) => aroundMark(ring, kept));
  round.forEach(({ x, y, r, look, about }) => (about ? drawRing : drawMark)(pen, x, y, r, look, ground));
  if (chosen) chosen(pen, taken);
  [...kept].reverse().forEach(({ x, y, r, look, inside }) => drawMark(pen, x, y, r, look, ground, inside));
  pen.font = `700 10px ${font}`;
  kept.filter(({ joined }) => joined.length).forEach((mark) => {
    const { x, y } = badgePlace(pen, mark, taken);
    drawBadge(pen, x, y, mark.joined.length, ground);
  });
  writeNames(pen, scenes, kept, { ...context, taken, small });
  return { marks: [...kept, ...round, ...small.map((one) => ({ ...one, joined: [] }))], bounds };
};

/* Where the count of a mark has room: at one of its corners, the upper right first. */
const badgePlace = (pen, { x, y, r, joined }, taken) => {
  const half = badgeWidth(pen, joined.length) / 2, aside = r + half + 1.5;
  const corners = [[aside, -r], [aside, r], [-aside, -r], [-aside, r], [0, -r - 9], [0, r + 9]];
  const free = corners.find(([dx, dy]) => taken.take(x + dx, y + dy, 2 * half, 14)) || corners[0];
  return { x: x + free[0], y: y + free[1] };
};

/* A ring goes round the mark that it stands for, where that is near; alone it is a mark of its own. */
const RING_REACH = 30, RING_GAP = 4, RING_ALONE = 8;
const aroundMark = (ring, kept) => {
  const near = kept.map((mark) => ({ mark, gap: Math.hypot(mark.x - ring.x, mark.y - ring.y) }))
    .filter(({ gap }) => gap < RING_REACH).sort((a, b) => a.gap - b.gap)[0];
  if (!near) return { ...ring, r: Math.min(ring.r, RING_ALONE), joined: [], about: false };
  const { x, y, r, look } = near.mark, wide = { up: 1.25, down: 1.25, diamond: 1.15, square: 1.2 }[look.shape] || 1;
  return { ...ring, x, y: y - (look.shape === "up" ? 0.1 * r : 0), r: r * wide + RING_GAP, joined: [], about: true };
};

const writeNames = (pen, scenes, kept, context) => {
  const { ground, taken, font, view } = context, written = new Set();
  pen.font = `600 12px ${font}`;
  const outside = kept.filter(({ text, inside }) => text && !inside);
  outside.forEach(({ x, y, r, text }) => nameBeside(pen, text, x, y, r, { ground, taken }));
  const drawn = scenes.filter((scene) => !isDrawnByTiles(scene, context.tiles, view));
  const answers = drawn.filter((scene) => !scene.role && namesOf(scene));
  const roads = drawn.filter((scene) => scene.role && scene.role !== "pipe" && namesOf(scene));
  [...answers].reverse().forEach((scene) => nameLines(pen, scene, { ...context, written }));
  pen.font = `500 ${view.near > 6 ? 13 : 12}px ${font}`;
  roads.forEach((scene) => nameLines(pen, scene, { ...context, written }));
  if (isNear(view, SIZES_M)) writeSizes(pen, drawn, context);
  if (isNear(view, IDS_M)) writeIds(pen, kept, context);
};
const isNear = ({ metres, near }, most) => (metres === null ? near > 24 : metres < most);

/* Sizes along pipes, once for each, and ids beside manholes: only where there is room. */
const writeSizes = (pen, scenes, context) => {
  const { data, font } = context, [scene] = scenes.filter(({ layer }) => columnOf(data, layer, "diameter_mm") >= 0);
  pen.font = `500 11px ${font}`;
  if (scene) writeOnLines(pen, scene, (row) => sizeOf(data, scene.layer, row), context);
};
const writeIds = (pen, kept, { data, ground, taken, font, small }) => {
  pen.font = `500 11px ${font}`;
  [...kept, ...small].slice(0, MOST_IDS).forEach(({ x, y, r, scene, row, text, inside }) => {
    const id = text && !inside ? "" : idOf(data, scene.layer, row);
    if (id) nameBeside(pen, id, x, y, r, { ground, taken });
  });
};
const namesOf = (scene) => scene.labels !== false && !scene.quiet && (scene.labels || (scene.layer.text || []).length);
