/* Marks thin out: one that would touch a more important one joins it, which then counts it. */

/* `items` have x, y, r and come the most important first; the answer has those that stay, each with `joined`. */
export const thin = (items, apart = 0) => {
  const kept = [], cells = new Map();
  const size = Math.max(8, ...items.map(({ r }) => 2 * r + apart));
  for (const item of items) {
    const i = Math.floor(item.x / size), j = Math.floor(item.y / size);
    const home = near(cells, i, j, item, apart);
    if (home) {
      home.joined.push(item);
      continue;
    }
    const stays = { ...item, joined: [] };
    kept.push(stays);
    const key = i * 65536 + j;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(stays);
  }
  return kept;
};

const near = (cells, i, j, item, apart) => {
  for (let a = i - 1; a <= i + 1; a += 1) {
    for (let b = j - 1; b <= j + 1; b += 1) {
      const found = (cells.get(a * 65536 + b) || []).find((one) =>
        Math.hypot(one.x - item.x, one.y - item.y) < one.r + item.r + apart);
      if (found) return found;
    }
  }
  return null;
};
