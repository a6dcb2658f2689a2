// Lines of the drawn map, in its units: x to the east, y to the south.

/** The points of a line that is written as its start and the steps from there. */
export function steps(text) {
  const numbers = (text.match(/-?\d+/g) ?? []).map(Number);
  const points = [];
  for (let k = 0; k + 1 < numbers.length; k += 2) {
    const [x, y] = points[points.length - 1] ?? [0, 0];
    points.push([x + numbers[k], y + numbers[k + 1]]);
  }
  return points;
}

/** A line with its length, the point at half of it, and the direction there in which a name can be read. */
export function middleOf(line) {
  const lengths = line.slice(1).map(([x, y], k) => Math.hypot(x - line[k][0], y - line[k][1]));
  const length = lengths.reduce((sum, one) => sum + one, 0);
  let rest = length / 2;
  for (let k = 0; k < lengths.length; k += 1) {
    if (rest > lengths[k]) {
      rest -= lengths[k];
      continue;
    }
    const [x, y] = line[k];
    const [dx, dy] = [line[k + 1][0] - x, line[k + 1][1] - y];
    const share = lengths[k] ? rest / lengths[k] : 0;
    return { line, length, middle: [x + dx * share, y + dy * share], angle: upright(Math.atan2(dy, dx)) };
  }
  return { line, length, middle: line[0] ?? [0, 0], angle: 0 };
}

/** A direction of text that does not stand on its head. */
function upright(angle) {
  if (angle > Math.PI / 2) return angle - Math.PI;
  return angle <= -Math.PI / 2 ? angle + Math.PI : angle;
}

/** How far a point lies from a line. */
export function away([x, y], line) {
  if (line.length < 2) return line.length ? Math.hypot(x - line[0][0], y - line[0][1]) : Infinity;
  let least = Infinity;
  for (let k = 1; k < line.length; k += 1) {
    const [ax, ay] = line[k - 1];
    const [dx, dy] = [line[k][0] - ax, line[k][1] - ay];
    const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
    const share = Math.max(0, Math.min(1, along));
    least = Math.min(least, Math.hypot(x - ax - share * dx, y - ay - share * dy));
  }
  return least;
}

/** The stretches by their distance from a point, nearest first: pairs of distance and stretch. */
export const nearestFirst = (stretches, point) =>
  stretches.map((stretch) => [away(point, stretch.line), stretch]).sort((one, other) => one[0] - other[0]);

/** The box around points: left, top, right, bottom. */
export function boxOf(points) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}
