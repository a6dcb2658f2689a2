/* The network of a period as arrays, for trace and long section: a pipe is a row of the layer of pipes, a node one of
   the layer of nodes. */

const NETWORK = {
  // here → column of the layer
  length_m: "length_m",
  invert_up_m: "invert_from_m",
  invert_down_m: "invert_to_m",
  diameter_mm: "diameter_mm",
  width_mm: "width_mm",
  height_mm: "height_mm",
  silt_share: "silt_share",
};
const NODES = { ground_m: "ground_m", invert_m: "invert_m", peak_level_m: "level_m" };

/* → null where nothing can be traced. */
export const networkOf = (model, k) => {
  const period = model.data.periods[k],
    given = period && period.network;
  if (!given) return null;
  const pipeLayer = model.layer(k, given.pipes),
    nodeLayer = model.layer(k, given.nodes);
  if (!pipeLayer || !nodeLayer || !given.from.length) return null;
  return model.remembered(given, "network", () => {
    return {
      pipeLayer,
      nodeLayer,
      from: given.from,
      to: given.to,
      nodes: nodeLayer.shapes.map((_, row) => model.id(nodeLayer, row)),
      outfall: given.outfall || [],
      ...arraysOf(model, pipeLayer, NETWORK),
      ...arraysOf(model, nodeLayer, NODES),
    };
  });
};
const arraysOf = (model, layer, names) =>
  Object.fromEntries(
    Object.entries(names).flatMap(([name, key]) => {
      const k = model.column(layer, key);
      return k < 0 ? [] : [[name, layer.shapes.map((_, row) => model.valueAt(layer, row, k))]];
    }),
  );
/* The system of a pipe in words. */
export const systemsOf = (model, { pipeLayer }) => {
  const k = model.column(pipeLayer, "system");
  return (pipe) => (k < 0 ? "" : model.textAt(pipeLayer, pipe, k));
};
/* DN500, or width × height. */
export const sizesOf = (model, { pipeLayer }) => {
  const [dn, wide, high] = ["diameter_mm", "width_mm", "height_mm"].map((key) => model.column(pipeLayer, key));
  const at = (pipe, k) => (k < 0 ? null : model.valueAt(pipeLayer, pipe, k));
  return (pipe) => {
    if (at(pipe, wide) && at(pipe, high)) return `${at(pipe, wide)}×${at(pipe, high)}`;
    return at(pipe, dn) ? `DN${Math.round(at(pipe, dn))}` : "";
  };
};
