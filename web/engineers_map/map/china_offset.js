/* The shift of GCJ-02, by which Chinese web maps move positions by 300 to 700 m; drainage/formats/china_offset.py has
   the same formula, and a test compares them. */
const AXIS = 6378245, FLATNESS = 0.006693421622965943; // Krassovsky: semi-major axis, m, and squared eccentricity
const { PI, sin, sqrt, abs, cos } = Math;

const wave = (v, long, short) => ((long[0] * sin(long[1] * v) + short[0] * sin(short[1] * v)) * 2) / 3;

export const toGcj02 = (lng, lat) => {
  const x = lng - 105, y = lat - 35, both = wave(x, [20, 6 * PI], [20, 2 * PI]);
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + both;
  north += wave(y, [20, PI], [40, PI / 3]) + wave(y, [160, PI / 12], [320, PI / 30]);
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + both;
  east += wave(x, [20, PI], [40, PI / 3]) + wave(x, [150, PI / 12], [300, PI / 30]);
  const angle = (lat * PI) / 180, flat = 1 - FLATNESS * sin(angle) ** 2;
  const dLat = (north * 180) / (((AXIS * (1 - FLATNESS)) / flat ** 1.5) * PI);
  const dLng = (east * 180) / ((AXIS / sqrt(flat)) * cos(angle) * PI);
  return [lng + dLng, lat + dLat];
};

/* The way back: the shift changes little over its own length, so a few steps come to a millimetre. */
export const fromGcj02 = (lng, lat) => {
  let [x, y] = [lng, lat];
  for (let step = 0; step < 30; step += 1) {
    const [a, b] = toGcj02(x, y), [dx, dy] = [lng - a, lat - b];
    x += dx;
    y += dy;
    if (Math.max(abs(dx), abs(dy)) < 1e-10) break;
  }
  return [x, y];
};
