/* A long section as numbers: chainage and levels along pipes that follow each other. */

const known = (value) => value !== undefined && value !== null && Number.isFinite(value);
const at = (array, k) => (array && k >= 0 && known(array[k]) ? array[k] : null);
const ADVERSE_M = 0.001; // an invert that rises by more than a millimetre

/* → {stretches, nodes, length_m, low, high, sizes}; null where no pipe has a level. */
export const profileOf = (network, pipes, { sizeText = () => "", surcharged = () => false } = {}) => {
  let chainage = 0;
  const stretches = pipes.map((pipe) => {
    const from_m = chainage;
    chainage += at(network.length_m, pipe) || 0;
    const up = at(network.invert_up_m, pipe),
      down = at(network.invert_down_m, pipe);
    const bore = at(network.height_mm, pipe) || at(network.diameter_mm, pipe) || 0;
    return {
      pipe,
      from_m,
      to_m: chainage,
      invert_up_m: up,
      invert_down_m: down,
      height_m: bore / 1000,
      adverse: up !== null && down !== null && down > up + ADVERSE_M,
      full: surcharged(pipe),
      size: sizeText(pipe),
      from: network.from[pipe],
      to: network.to[pipe],
    };
  });
  const nodes = stretches.map((one) => nodeAt(network, one.from, one.from_m));
  if (stretches.length) {
    const last = stretches[stretches.length - 1];
    nodes.push(nodeAt(network, last.to, last.to_m));
  }
  const levels = [
    ...stretches.flatMap(({ invert_up_m: a, invert_down_m: b, height_m: h }) => [
      a,
      b,
      a === null ? null : a + h,
      b === null ? null : b + h,
    ]),
    ...nodes.flatMap(({ ground_m: ground, water_m: water }) => [ground, water]),
  ].filter(known);
  if (!levels.length) return null;
  const low = levels.reduce((a, b) => Math.min(a, b)),
    high = levels.reduce((a, b) => Math.max(a, b));
  return { stretches, nodes, length_m: chainage, low, high, sizes: sizesOf(stretches) };
};
const nodeAt = (network, node, chainage_m) => ({
  node,
  chainage_m,
  ground_m: at(network.ground_m, node),
  water_m: at(network.peak_level_m, node),
  id: node >= 0 ? String(network.nodes[node]) : "",
});
/* Neighbouring pipes of one size share a label. */
const sizesOf = (stretches) =>
  stretches
    .reduce((found, { size, from_m, to_m }) => {
      const last = found[found.length - 1];
      if (last && last.size === size) last.to_m = to_m;
      else found.push({ size, from_m, to_m });
      return found;
    }, [])
    .filter(({ size }) => size);

/* What stands at a chainage: the pipe, and levels between its ends. */
export const levelsAt = ({ stretches, nodes }, chainage_m) => {
  const k = Math.max(
    0,
    stretches.findIndex(({ to_m: to }) => chainage_m <= to),
  );
  const one = stretches[k],
    long = one.to_m - one.from_m;
  const share = long > 0 ? Math.min(1, Math.max(0, (chainage_m - one.from_m) / long)) : 0;
  const between = (a, b) => (a === null || b === null ? null : a + (b - a) * share);
  return {
    pipe: one.pipe,
    share,
    full: one.full,
    size: one.size,
    invert_m: between(one.invert_up_m, one.invert_down_m),
    ground_m: between(nodes[k].ground_m, nodes[k + 1].ground_m),
    water_m: between(nodes[k].water_m, nodes[k + 1].water_m),
  };
};

/* Steps of an axis: 1, 2 or 5 times a power of ten, at most `most` of them. */
export const stepsOf = (low, high, most) => {
  const wide = Math.max(high - low, 1e-6),
    ten = 10 ** Math.floor(Math.log10(wide / most));
  const step = [1, 2, 5, 10].map((k) => k * ten).find((one) => wide / one <= most);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) found.push(k * step || 0); // no -0
  return found;
};
