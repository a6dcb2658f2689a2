/* Shapes of the page: from differences of whole steps to points of the world at zoom 0, with the box of each.

   A shape has parts, a part has points: part[s] … part[s + 1] are the parts of shape s, point[p] … point[p + 1] the
   points of part p. A part of one point is a mark. */

const sums = (sizes) => {
  const found = new Uint32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i += 1) found[i + 1] = found[i] + sizes[i];
  return found;
};

/* `project` turns degrees (of a plan: its units) into x and y at zoom 0. */
export const unpackShapes = ({ step, x, y, sizes, parts, areas }, project) => {
  const count = parts.length, total = x.length;
  const px = new Float64Array(total), py = new Float64Array(total);
  const box = new Float64Array(4 * count), part = sums(parts), point = sums(sizes);
  for (let i = 0, lng = 0, lat = 0; i < total; i += 1) {
    lng += x[i];
    lat += y[i];
    [px[i], py[i]] = project(lng * step, lat * step);
  }
  const area = new Uint8Array(count);
  areas.forEach((s) => { area[s] = 1; });
  const shapes = { px, py, part, point, box, area, count };
  for (let s = 0; s < count; s += 1) measureBox(shapes, s);
  return shapes;
};

const measureBox = ({ px, py, part, point, box }, s) => {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = point[part[s]]; i < point[part[s + 1]]; i += 1) {
    left = Math.min(left, px[i]);
    top = Math.min(top, py[i]);
    right = Math.max(right, px[i]);
    bottom = Math.max(bottom, py[i]);
  }
  box.set([left, top, right, bottom], 4 * s);
};

/* The place of degrees on the world of zoom 0, 256 px wide, as web maps have it. */
export const mercator = (lng, lat) => {
  const sine = Math.min(0.9999, Math.max(-0.9999, Math.sin((lat * Math.PI) / 180)));
  return [128 + (lng * 128) / 180, 128 - (64 * Math.log((1 + sine) / (1 - sine))) / Math.PI];
};

export const isMark = (shapes, s) => {
  const first = shapes.part[s];
  return shapes.part[s + 1] > first && shapes.point[first + 1] - shapes.point[first] === 1;
};

/* Left, top, right, bottom of many shapes; null of none. */
export const boxOf = (shapes, list) => {
  const all = [Infinity, Infinity, -Infinity, -Infinity];
  for (const s of list) {
    if (s < 0 || !(shapes.box[4 * s] < Infinity)) continue;
    for (let k = 0; k < 4; k += 1) all[k] = (k < 2 ? Math.min : Math.max)(all[k], shapes.box[4 * s + k]);
  }
  return all[0] <= all[2] ? all : null;
};

/* Where a point lies that has gone `share` of the length of a line: its place and the way it goes there. */
export const along = (shapes, s, share) => {
  const { px, py, part, point } = shapes, first = point[part[s]], last = point[part[s] + 1] - 1;
  let total = 0;
  for (let i = first; i < last; i += 1) total += Math.hypot(px[i + 1] - px[i], py[i + 1] - py[i]);
  let rest = Math.min(1, Math.max(0, share)) * total;
  for (let i = first; i < last; i += 1) {
    const length = Math.hypot(px[i + 1] - px[i], py[i + 1] - py[i]);
    if (rest <= length || i === last - 1) {
      const t = length ? Math.min(1, rest / length) : 0;
      return { x: px[i] + t * (px[i + 1] - px[i]), y: py[i] + t * (py[i + 1] - py[i]) };
    }
    rest -= length;
  }
  return { x: px[first], y: py[first] };
};

/* Middle of a shape: of a mark its place, of a line half its way, of an area the middle of its box. */
export const middleOf = (shapes, s) => {
  if (!shapes.area[s]) return along(shapes, s, 0.5);
  const b = shapes.box;
  return { x: (b[4 * s] + b[4 * s + 2]) / 2, y: (b[4 * s + 1] + b[4 * s + 3]) / 2 };
};

/* The box of the place where nearly all shapes lie, and how many lie far from it: one feature that was given no place
   (0, 0) must not make the town a dot. Far is beyond the middle half by more than 20 times its size. */
export const homeBox = (shapes, list) => {
  const placed = [...list].filter((s) => shapes.box[4 * s] < Infinity);
  if (placed.length < 8) return { box: boxOf(shapes, placed), far: [] };
  const within = [0, 1].map((k) => {
    const at = placed.map((s) => (shapes.box[4 * s + k] + shapes.box[4 * s + k + 2]) / 2).sort((a, b) => a - b);
    const low = at[Math.floor(0.25 * at.length)], high = at[Math.floor(0.75 * at.length)];
    return [low, high];
  });
  const size = Math.max(...within.map(([low, high]) => high - low), 1e-4);
  const isFar = (s) => [0, 1].some((k) =>
    shapes.box[4 * s + k] > within[k][1] + 20 * size || shapes.box[4 * s + k + 2] < within[k][0] - 20 * size);
  const far = placed.filter(isFar);
  return { box: boxOf(shapes, placed.filter((s) => !isFar(s))), far };
};
