/* What drains to a place, what it drains through, and the way to the outfall: the same pipes as `drainage trace`. */

const NONE = -1;

/* Pipes that leave and that enter each node, in one run of numbers each. */
export const meshOf = (network) => {
  const count = network.nodes.length;
  const by = (ends) => {
    const first = new Int32Array(count + 1),
      pipes = new Int32Array(ends.length);
    ends.forEach((node) => {
      if (node >= 0) first[node + 1] += 1;
    });
    for (let node = 0; node < count; node += 1) first[node + 1] += first[node];
    const next = first.slice();
    ends.forEach((node, pipe) => {
      if (node >= 0) pipes[next[node]++] = pipe;
    });
    return { first, pipes };
  };
  return { from: network.from, to: network.to, leaving: by(network.from), entering: by(network.to), count };
};
const pipesAt = (side, node) => side.pipes.subarray(side.first[node], side.first[node + 1]);

const lengthOf = (network, pipe) => network.length_m[pipe] || 0;
const sum = (network, pipes) => pipes.reduce((all, pipe) => all + lengthOf(network, pipe), 0);
const at = (array, pipe) => (array && array[pipe]) || 0;
/* The area that a pipe has for water, mm²: of a box its width times its height. */
const sizeAt = ({ diameter_mm: round, width_mm: wide, height_mm: high }, pipe) =>
  at(wide, pipe) * at(high, pipe) || (Math.PI / 4) * at(round, pipe) ** 2;

/* Every pipe that is passed from a node on, up or down. */
const passed = (mesh, network, start, up) => {
  const side = up ? mesh.entering : mesh.leaving,
    ends = up ? mesh.from : mesh.to;
  const far = new Float64Array(mesh.count).fill(NONE),
    by = new Int32Array(mesh.count).fill(NONE);
  const queue = [start],
    pipes = [];
  far[start] = 0;
  for (let k = 0; k < queue.length; k += 1) {
    const node = queue[k];
    pipesAt(side, node).forEach((pipe) => {
      pipes.push(pipe);
      const end = ends[pipe];
      if (end < 0 || far[end] !== NONE) return;
      far[end] = far[node] + lengthOf(network, pipe);
      by[end] = pipe;
      queue.push(end);
    });
  }
  return { pipes, queue, far, by };
};
/* Down along the largest pipe of each node, until an outfall, a dead end or a node that comes again. */
const largestWay = (mesh, network, start, outfalls) => {
  const way = [],
    seen = new Set();
  let node = start;
  while (node >= 0 && !seen.has(node) && (node === start || !outfalls.has(node))) {
    seen.add(node);
    const next = [...pipesAt(mesh.leaving, node)].sort((a, b) => sizeAt(network, b) - sizeAt(network, a))[0];
    if (next === undefined) break;
    way.push(next);
    node = mesh.to[next];
  }
  return { way, end: node };
};
/* From the farthest node above, down to the start. */
const longestWay = (mesh, found, start) => {
  const top = found.queue.reduce((best, node) => (found.far[node] > found.far[best] ? node : best), start);
  const way = [];
  for (let node = top; node !== start;) {
    way.push(found.by[node]);
    node = mesh.to[found.by[node]];
  }
  return way;
};

/* Traces from a node, or from a pipe, which is part of what is found.
   direction: "up", "down", or "outfall" (the one way along the largest pipes). */
export const trace = (network, mesh, { node = NONE, pipe = NONE }, direction, systemOf = () => "") => {
  const up = direction === "up",
    own = pipe >= 0 ? [pipe] : [];
  const start = pipe >= 0 ? (up ? mesh.from : mesh.to)[pipe] : node;
  if (start < 0) return null;
  const found = passed(mesh, network, start, up);
  const all = [...own, ...found.pipes.filter((one) => one !== pipe)];
  const outfalls = new Set(network.outfall || []);
  const told = (pipes, main, nodes) => ({
    direction,
    pipes,
    main,
    length_m: sum(network, pipes),
    main_m: sum(network, main),
    systems: bySystem(network, pipes, systemOf),
    outfalls: up ? [] : nodes.filter((one) => outfalls.has(one)),
  });
  if (up) return told(all, [...longestWay(mesh, found, start), ...own], []);
  const { way, end } = largestWay(mesh, network, start, outfalls),
    main = [...own, ...way];
  return direction === "outfall" ? told(main, main, [end]) : told(all, main, found.queue);
};
const bySystem = (network, pipes, systemOf) => {
  const found = new Map();
  pipes.forEach((pipe) => {
    const name = systemOf(pipe);
    const one = found.get(name) || { system: name, pipes: 0, length_m: 0 };
    one.pipes += 1;
    one.length_m += lengthOf(network, pipe);
    found.set(name, one);
  });
  return [...found.values()].sort((a, b) => b.length_m - a.length_m);
};
