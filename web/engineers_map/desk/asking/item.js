/* What the panel says of one feature: why first, then what belongs to it, then its figures in groups. */
import { lookOf } from "./facets.js";
import { keyOf } from "./model.js";

const FIRST = ["work", "relief", "report"]; // parts of the keys of layers whose links come first
const NETWORK = ["pipe_id", "node_id"]; // links to these stand below the figures
const [BEFORE, CHANGES] = ["before", "changes"]; // keys of periods
const [POINTS, OUTCOME] = ["waterlogging", "outcome_points"];
const NETWORK_LAYERS = /pipes|nodes/;
const [REPORT, REPORTED] = ["report_id", ["date", "depth_m", "note"]]; // a report: when, how deep, in whose words
const MINUTES_BELOW = 2; // h
const SEEN = 0.01; // a smaller share is no bar
const RANK = "rank"; // the number on the map
const NODE_COLUMNS = ["node_id", "worst_node", "nearest_node", "nodes", "from_node", "node_after", "node_before"];
const PIPE_COLUMNS = ["pipe_id", "pipes"];

export const itemOf = (model, k, { layer, row, id, ref }) => {
  const parts = [{ layer, row }, ...sameThing(model, k, layer, id)];
  const place = model.place(layer, row),
    title = model.title(layer, row),
    name = place && place !== title ? place : title;
  const links = joined(
    model,
    [
      ...parts.flatMap((part) => backward(model, k, part, id)),
      ...parts.flatMap((part) => forward(model, k, part)),
      ...becameOf(model, k, layer, id),
    ],
    `${model.idKey(layer)} ${id}`,
  );
  const isNetwork = ({ items }) => items.every((item) => NETWORK.includes(model.idKey(item.layer)));
  const why = [...new Set(parts.flatMap((part) => whyOf(model, k, part)))];
  const told = new Set([name, title, id, ...why, ...(layer.styles.length > 1 ? [lookOf(layer, row)] : [])]);
  return {
    ref,
    layer,
    row,
    id,
    name: name || layer.label,
    number: name === title ? "" : title,
    what: whatOf(layer, row),
    why,
    bars: barsOf(model, k, layer, row),
    links: links.filter((one) => !isNetwork(one)).sort((a, b) => rankOf(a) - rankOf(b)),
    groups: groupsOf(model, k, parts, told),
    connected: links.filter(isNetwork),
  };
};
/* Links of one heading once, and each thing under one heading only, whichever layer draws it. */
const joined = (model, links, own) => {
  const found = new Map(),
    seen = new Set([own]);
  links.forEach(({ key, heading, items }) =>
    items.forEach((item) => {
      const once = `${model.idKey(item.layer)} ${model.id(item.layer, item.row)}`;
      if (seen.has(once)) return;
      seen.add(once);
      if (!found.has(heading)) found.set(heading, { key, heading, items: [] });
      found.get(heading).items.push(item);
    }),
  );
  return [...found.values()];
};
/* How much of a whole each cause or class has, the largest first, as the question of this list asks for it. */
const barsOf = (model, k, layer, row) => {
  const asked = (model.data.questions || [])
    .map(({ periods }) => periods[k])
    .find((answer) => answer && answer.bars && answer.list === keyOf(layer));
  const whole = asked ? model.valueAt(layer, row, asked.bars.of) : null;
  if (!whole) return [];
  return asked.bars.parts
    .map((key) => ({
      key,
      label: model.labelOf(layer, model.column(layer, key)),
      share: (model.valueAt(layer, row, key) || 0) / whole,
    }))
    .filter(({ share }) => share >= SEEN)
    .sort((a, b) => b.share - a.share);
};
const barKeys = (model, k) =>
  new Set(
    (model.data.questions || []).flatMap(({ periods }) => {
      const { bars } = periods[k] || {};
      return bars ? bars.parts : [];
    }),
  );
const rankOf = ({ key }) => {
  const rank = FIRST.findIndex((part) => key.includes(part));
  return rank < 0 ? FIRST.length : rank;
};
const whatOf = (layer, row) => {
  const look = layer.styles.length > 1 ? layer.styles[layer.category[row]] : null;
  return [layer.label, look && look.label].filter(Boolean).join(" · ");
};
/* Why: what the list of a question says first, then what its layer leads with. */
const causeKeys = (model, k, layer) => {
  const asked = (model.data.questions || [])
    .map(({ periods }) => periods[k])
    .find((answer) => answer && answer.list === keyOf(layer));
  return (asked && asked.row.cause) || [];
};
const whyOf = (model, k, { layer, row }) => {
  const cause = causeKeys(model, k, layer)
    .map((key) => model.said(layer, row, key))
    .filter(Boolean)
    .join(" ");
  const lead = (layer.lead || []).map((at) => model.said(layer, row, at)).filter(Boolean);
  return [cause, ...lead.filter((text) => !cause.includes(text))].filter(Boolean);
};
/* The same pipe or node in the other layers that tell of it. */
const sameThing = (model, k, layer, id) => {
  const key = model.idKey(layer);
  if (!/_id$/.test(key)) return [];
  return model
    .layers(k)
    .filter((other) => other !== layer && model.idKey(other) === key)
    .map((other) => ({ layer: other, row: model.row(other, id) }))
    .filter(({ row }) => row >= 0);
};

/* ---- links, in both directions */
const link = (model, layer, row) => ({
  layer,
  row,
  ref: model.refAt(layer, row),
  text: model.title(layer, row) || layer.label,
  beside: besideOf(model, layer, row),
});
/* What a linked row says of itself: why, or what it is; its road if it has one. */
const besideOf = (model, layer, row) => {
  if (model.idKey(layer) === REPORT)
    return REPORTED.map((key) => model.said(layer, row, key)).filter(Boolean).join(" · ");
  const why = (layer.lead || []).map((k) => model.said(layer, row, k)).filter(Boolean);
  const place = model.place(layer, row);
  return [...why.slice(0, 1), place === model.title(layer, row) ? "" : place].filter(Boolean).join(" · ");
};
const forward = (model, k, { layer, row }) =>
  Object.entries(layer.refs || {}).map(([column, to]) => {
    const items = model.idsOf(model.valueAt(layer, row, column)).flatMap((wanted) => {
      const goal = to.map((key) => model.layer(k, key)).find((one) => one && model.row(one, wanted) >= 0);
      return goal ? [link(model, goal, model.row(goal, wanted))] : [];
    });
    return { key: to.join(" "), heading: model.labelOf(layer, model.column(layer, column)), items };
  });
const backward = (model, k, { layer }, id) =>
  model
    .layers(k)
    .filter((other) => other !== layer)
    .flatMap((other) =>
      Object.entries(other.refs || {})
        .filter(([, to]) => to.includes(keyOf(layer)))
        .map(([column]) => {
          const rows = pointing(model, other, column).get(String(id)) || [];
          return { key: keyOf(other), heading: other.label, items: rows.map((row) => link(model, other, row)) };
        }),
    );
/* Of a point before the works: what has become of it, and the works that settled it, both drawn with the changes. */
const becameOf = (model, k, layer, id) => {
  const { periods } = model.data,
    period = periods.findIndex(({ key }) => key === CHANGES);
  if (periods[k].key !== BEFORE || layer.theme !== POINTS || period < 0) return [];
  const outcome = model.layer(period, OUTCOME);
  const [row = -1] = outcome ? pointing(model, outcome, "id_before").get(String(id)) || [] : [];
  if (row < 0) return [];
  const works = forward(model, period, { layer: outcome, row }).filter(({ key }) => !NETWORK_LAYERS.test(key));
  const itself = { ...link(model, outcome, row), beside: endOf(model, outcome, row) };
  return [...works, { key: OUTCOME, heading: outcome.label, items: [itself] }].map((one) => ({
    ...one,
    items: one.items.map((item) => ({ ...item, period })),
  }));
};
/* "solved · 0.38 m → 0 m" */
const endOf = (model, layer, row) => {
  const depths = ["depth_before_m", "depth_after_m"].map((key) => model.said(layer, row, key));
  return [model.said(layer, row, "fate"), depths.every(Boolean) ? depths.join(" → ") : ""].filter(Boolean).join(" · ");
};
const pointing = (model, layer, column) =>
  model.remembered(layer, `points ${column}`, () => {
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
const groupsOf = (model, k, parts, above) => {
  const groups = new Map(),
    seen = new Set(barKeys(model, k));
  parts.forEach(({ layer }) => causeKeys(model, k, layer).forEach((key) => seen.add(key)));
  parts.forEach(({ layer, row }) =>
    layer.columns.forEach((_, at) => {
      const { key, group = "" } = model.columnAt(layer, at),
        text = model.textAt(layer, row, at);
      const told = (layer.lead || []).includes(at) || at === layer.ids || key === RANK || key in (layer.refs || {});
      if (!text || above.has(text) || told || seen.has(key) || isSaidBeyond(model, layer, row, key)) return;
      seen.add(key);
      if (!groups.has(group)) groups.set(group, { label: group, rows: [] });
      groups.get(group).rows.push({ key, label: model.labelOf(layer, at), ...measured(model, layer, row, at) });
    }),
  );
  return [...groups.values()].sort((a, b) => Number(a.label === "") - Number(b.label === ""));
};

/* What is beyond the standard is said once. */
const isSaidBeyond = (model, layer, row, key) =>
  key === "within_standard" && Boolean(model.valueAt(layer, row, "beyond_standard"));
/* A value and its unit; hours that are few in minutes, as other durations are. */
const measured = (model, layer, row, at) => {
  const value = model.valueAt(layer, row, at),
    unit = model.unitOf(layer, at);
  if (unit === "h" && typeof value === "number" && value < MINUTES_BELOW)
    return { text: model.number(value * 60, 0), unit: "min" };
  return { text: model.textAt(layer, row, at), unit };
};

/* The pipe or node of the network at which a trace from a feature begins; null where it has none. */
export const startOf = (model, network, { layer, row, id }) => {
  if (!network) return null;
  const key = model.idKey(layer);
  if (key === model.idKey(network.pipeLayer)) return at(model.row(network.pipeLayer, id), "pipe");
  if (key === model.idKey(network.nodeLayer)) return at(model.row(network.nodeLayer, id), "node");
  const others = Object.keys(layer.refs || {});
  const named = (keys, goal) =>
    [...keys, ...others]
      .flatMap((one) => model.idsOf(model.valueAt(layer, row, one)))
      .map((wanted) => model.row(goal, wanted))
      .find((found) => found >= 0);
  const node = named(NODE_COLUMNS, network.nodeLayer),
    pipe = named(PIPE_COLUMNS, network.pipeLayer);
  return node !== undefined ? { node } : pipe !== undefined ? { pipe } : null;
};
const at = (row, kind) => (row < 0 ? null : { [kind]: row });
