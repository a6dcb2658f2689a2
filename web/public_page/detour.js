// The way round a flooded stretch: the shortest one over dry road, with shallow water only where there is no dry one.
import { gradeOf, UNIT_M } from "./town.js";

/** A metre through water of up to 15 cm counts as that many dry ones. */
const SHALLOW_FACTOR = 4;

/**
 * The way from one end of a stretch to the other without it.
 *
 * Gives its stretches, the names of its roads in order, how many metres it is longer, and whether it leads through
 * shallow water; null where there is none.
 */
export function wayRound(town, rain, stretch) {
  if (stretch.from === stretch.to) return null;
  for (const most of [0, 1]) {
    const stretches = shortest(town, stretch, (other) => {
      const grade = gradeOf(town, rain.depth[other.index]);
      if (other === stretch || grade > most) return Infinity;
      return other.length * (grade ? SHALLOW_FACTOR : 1);
    });
    if (!stretches) continue;
    const whole = stretches.reduce((sum, one) => sum + one.length, 0);
    const roads = stretches.map((one) => one.road).filter((road, k, all) => road !== all[k - 1]);
    return { stretches, roads, more: Math.max(0, whole - stretch.length) * UNIT_M, shallow: most > 0 };
  }
  return null;
}

/** The way round the flooded stretch that is looked at; null where none is. */
export const wayRoundOf = (town, { view, stretch, rain }) =>
  view === "stretch" && rain.depth[stretch.index] ? wayRound(town, rain, stretch) : null;

/** Whether any other road joins the ends of a stretch at all, wet or dry. */
export const hasOtherWay = (town, stretch) =>
  stretch.from !== stretch.to &&
  shortest(town, stretch, (other) => (other === stretch ? Infinity : other.length)) !== null;

/** Dijkstra's shortest way over stretches of that cost. */
function shortest(town, { from, to }, costOf) {
  const cost = new Map([[from, 0]]);
  const by = new Map();
  const done = new Set();
  const waiting = new Heap();
  waiting.push(0, from);
  while (waiting.size) {
    const node = waiting.pop();
    if (node === to) return traced(by, from, to);
    if (done.has(node)) continue;
    done.add(node);
    for (const stretch of town.at.get(node)) {
      const next = stretch.from === node ? stretch.to : stretch.from;
      const whole = cost.get(node) + costOf(stretch);
      if (whole < (cost.get(next) ?? Infinity)) {
        cost.set(next, whole);
        by.set(next, stretch);
        waiting.push(whole, next);
      }
    }
  }
  return null;
}

function traced(by, from, to) {
  const way = [];
  for (let node = to; node !== from;) {
    const stretch = by.get(node);
    way.unshift(stretch);
    node = stretch.from === node ? stretch.to : stretch.from;
  }
  return way;
}

/** What waits, the cheapest on top. */
class Heap {
  constructor() {
    this.rows = [];
  }

  get size() {
    return this.rows.length;
  }

  push(cost, node) {
    const { rows } = this;
    let k = rows.length;
    rows.push([cost, node]);
    while (k) {
      const above = (k - 1) >> 1;
      if (rows[above][0] <= rows[k][0]) return;
      [rows[above], rows[k]] = [rows[k], rows[above]];
      k = above;
    }
  }

  pop() {
    const { rows } = this;
    const [, node] = rows[0];
    const last = rows.pop();
    if (rows.length) {
      rows[0] = last;
      this.sink();
    }
    return node;
  }

  sink() {
    const { rows } = this;
    let k = 0;
    for (;;) {
      const left = 2 * k + 1;
      if (left >= rows.length) return;
      const least = left + 1 < rows.length && rows[left + 1][0] < rows[left][0] ? left + 1 : left;
      if (rows[k][0] <= rows[least][0]) return;
      [rows[k], rows[least]] = [rows[least], rows[k]];
      k = least;
    }
  }
}
