/* What the panel says of one feature: why first, then what belongs to it, then its figures in groups. */
import { keyOf } from "./model.js";

const FIRST = ["work", "report"]; // kinds of links, by a part of the key of their layer, in the order of the panel
const NODE_COLUMNS = ["node_id", "worst_node", "nearest_node", "nodes", "from_node"];
const PIPE_COLUMNS = ["pipe_id", "pipes"];

export const itemOf = (model, k, { layer, row, id, ref }) => {
  const others = sameThing(model, k, layer, id);
  const parts = [{ layer, row }, ...others];
  const place = model.place(layer, row);
  return {
    ref, layer, row, id,
    name: place && place !== id ? place : id, number: place && place !== id ? id : "",
    what: whatOf(layer, row),
    why: [...new Set(parts.flatMap((part) => whyOf(model, part)))],
    links: [...backward(model, k, layer, id), ...parts.flatMap((part) => forward(model, k, part))]
      .filter(({ items }) => items.length).sort((a, b) => rankOf(a) - rankOf(b)),
    groups: groupsOf(model, parts),
  };
};
const rankOf = ({ key }) => {
  const rank = FIRST.findIndex((part) => key.includes(part));
  return rank < 0 ? FIRST.length : rank;
};
const whatOf = (layer, row) => {
  const look = layer.styles.length > 1 ? layer.styles[layer.category[row]] : null;
  return [layer.label, look && look.label].filter(Boolean).join(" · ");
};
const whyOf = (model, { layer, row }) => (layer.lead || []).map((k) => model.said(layer, row, k)).filter(Boolean);
/* The same pipe or node in the other layers that tell of it. */
const sameThing = (model, k, layer, id) => {
  const key = model.idKey(layer);
  if (!/_id$/.test(key)) return [];
  return model.layers(k).filter((other) => other !== layer && model.idKey(other) === key)
    .map((other) => ({ layer: other, row: model.row(other, id) })).filter(({ row }) => row >= 0);
};

/* ---- links, in both directions */
const link = (model, layer, row, k) => ({
  layer, row, ref: model.refAt(layer, row), text: model.id(layer, row),
  beside: k === undefined ? model.place(layer, row) : besideOf(model, layer, row),
});
/* What a linked row says of itself: why, or what it is; its road if it has one. */
const besideOf = (model, layer, row) => {
  const why = (layer.lead || []).map((k) => model.said(layer, row, k)).filter(Boolean);
  return [...why, model.place(layer, row)].filter(Boolean).slice(0, 2).join(" · ");
};
const forward = (model, k, { layer, row }) => (layer.refs || []).map(({ column, to }) => {
  const ids = model.idsOf(model.valueAt(layer, row, column));
  const items = ids.flatMap((wanted) => {
    const goal = to.map((key) => model.layer(k, key)).find((one) => one && model.row(one, wanted) >= 0);
    return goal ? [link(model, goal, model.row(goal, wanted), column)] : [];
  });
  return { key: to.join(" "), heading: model.labelOf(layer, column), items };
});
const backward = (model, k, layer, id) => model.layers(k).flatMap((other) =>
  (other.refs || []).filter(({ to }) => to.includes(keyOf(layer)) && other !== layer).map(({ column }) => {
    const rows = pointing(model, other, column).get(String(id)) || [];
    return { key: keyOf(other), heading: other.label, items: rows.map((row) => link(model, other, row, column)) };
  }));
const pointing = (model, layer, column) => model.remembered(layer, `points ${column}`, () => {
  const found = new Map();
  for (let row = 0; row < layer.shapes.length; row += 1) {
    model.idsOf(model.valueAt(layer, row, column)).forEach((wanted) => {
      if (!found.has(wanted)) found.set(wanted, []);
      found.get(wanted).push(row);
    });
  }
  return found;
});

/* ---- attributes in groups, each column once, empty ones left out */
const groupsOf = (model, parts) => {
  const known = (model.data.groups || []).map(({ key, label }) => ({ key, label, rows: [] }));
  const rest = { key: "", label: "", rows: [] }, groups = [...known, rest], seen = new Set();
  parts.forEach(({ layer, row }) => layer.columns.forEach((_, k) => {
    const column = model.columnAt(layer, k), text = model.textAt(layer, row, k);
    const skip = (layer.lead || []).includes(k) || (layer.refs || []).some((one) => one.column === k);
    if (!text || skip || seen.has(column.key)) return;
    seen.add(column.key);
    const group = groups.find(({ key }) => key === (column.group || "")) || rest;
    group.rows.push({ label: model.labelOf(layer, k), text, unit: model.unitOf(layer, k) });
  }));
  return groups.filter(({ rows }) => rows.length);
};

/* The pipe or node of the network at which a trace from a feature begins; null where it has none. */
export const startOf = (model, network, { layer, row, id }) => {
  if (!network) return null;
  const key = model.idKey(layer);
  if (key === model.idKey(network.pipeLayer)) return at(model.row(network.pipeLayer, id), "pipe");
  if (key === model.idKey(network.nodeLayer)) return at(model.row(network.nodeLayer, id), "node");
  const named = (keys, goal) => keys.flatMap((one) => model.idsOf(model.valueAt(layer, row, one)))
    .map((wanted) => model.row(goal, wanted)).find((found) => found >= 0);
  const node = named(NODE_COLUMNS, network.nodeLayer), pipe = named(PIPE_COLUMNS, network.pipeLayer);
  return node !== undefined ? { node } : pipe !== undefined ? { pipe } : null;
};
const at = (row, kind) => (row < 0 ? null : { [kind]: row });
