/* Shapes of the page as GeoJSON, in the degrees (of a plan: the units) in which they came. */

const places = new WeakMap();

const placesOf = (packed) => {
  if (!places.has(packed)) {
    const sum = (steps) => { let at = 0; return Float64Array.from(steps, (d) => (at += d)); };
    const start = (sizes) => { let at = 0; return Uint32Array.from([0, ...sizes], (n) => (at += n)); };
    places.set(packed, {
      x: sum(packed.x), y: sum(packed.y), part: start(packed.parts), point: start(packed.sizes),
      area: new Set(packed.areas),
    });
  }
  return places.get(packed);
};

export const geometryOf = (packed, s) => {
  const { x, y, part, point, area } = placesOf(packed), round = (v) => Number((v * packed.step).toFixed(6));
  const parts = [];
  for (let p = part[s]; p < part[s + 1]; p += 1) {
    const line = [];
    for (let i = point[p]; i < point[p + 1]; i += 1) line.push([round(x[i]), round(y[i])]);
    parts.push(line);
  }
  if (area.has(s)) return ringsToArea(parts);
  if (parts.every((line) => line.length === 1)) {
    const points = parts.map(([at]) => at);
    return points.length === 1 ? { type: "Point", coordinates: points[0] }
      : { type: "MultiPoint", coordinates: points };
  }
  return parts.length === 1 ? { type: "LineString", coordinates: parts[0] }
    : { type: "MultiLineString", coordinates: parts };
};

const areaOf = (ring) => ring.reduce((sum, [x, y], i) => {
  const [bx, by] = ring[(i + 1) % ring.length];
  return sum + x * by - bx * y;
}, 0) / 2;

const isWithin = (ring, [x, y]) => ring.reduce((odd, [ax, ay], i) => {
  const [bx, by] = ring[(i + 1) % ring.length];
  return ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax) ? !odd : odd;
}, false);

/* The page keeps rings only: one that lies within a larger one is its hole. */
const ringsToArea = (rings) => {
  const lines = rings.filter((ring) => ring.length > 3).sort((a, b) => Math.abs(areaOf(b)) - Math.abs(areaOf(a)));
  const areas = [];
  lines.forEach((ring) => {
    const outer = areas.find(([shell]) => isWithin(shell, ring[0]));
    if (outer) outer.push(ring);
    else areas.push([ring]);
  });
  return areas.length === 1 ? { type: "Polygon", coordinates: areas[0] } : { type: "MultiPolygon", coordinates: areas };
};
