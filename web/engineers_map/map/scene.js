/* What is drawn: the layers that were asked for, each with its rows by look. */
import { keyOf, layerOf } from "./data.js";
import { ROLES, quietLook } from "./drawing/looks.js";
import { isMark } from "./shapes.js";

const SMALL = 3.5; // radius, px, below which marks neither thin out nor are counted: manholes
const everyRow = (layer) => layer.shapes.map((_, row) => row);

/* One layer as it is asked for → its shapes by look, marks apart from lines and areas. */
const entryOf = (data, shapes, layer, asked, ground) => {
  const { style = null, quiet = false, labels = null, importance = null } = asked;
  const rows = asked.rows && asked.rows.length < layer.shapes.length ? asked.rows : null;
  const entry = {
    layer, key: keyOf(layer), quiet, style, rows, labels, importance, role: ROLES[layer.theme] || null,
    opacity: Number.isFinite(asked.opacity) ? asked.opacity : layer.opacity,
    looks: layer.styles.map((look) => ({ look: quiet ? quietLook(look, ground) : look, lines: [], areas: [] })),
    marks: [], list: [], count: 0, byTiles: Boolean(layer.tiled && !rows && !style),
  };
  (rows || everyRow(layer)).forEach((row) => addRow(entry, shapes, row));
  entry.count = entry.byTiles ? (layer.counts || []).reduce((sum, n) => sum + n, 0) : entry.list.length;
  return entry;
};
const addRow = (entry, shapes, row) => {
  const { layer, style } = entry, s = layer.shapes[row], k = style ? style(row) : layer.category[row];
  if (s === undefined || s < 0 || !entry.looks[k]) return;
  entry.list.push(row);
  if (isMark(shapes, s)) entry.marks.push({ row, s, look: k });
  else {
    entry.looks[k].lines.push(s);
    if (shapes.area[s]) entry.looks[k].areas.push(s);
  }
};

/* Layers as they lie on each other, the lowest first; a layer that the period lacks is left out. */
export const sceneOf = (data, shapes, period, asked, ground) => asked.flatMap((one) => {
  const layer = typeof one.layer === "string" ? layerOf(data, period, one.layer) : one.layer;
  return layer ? [entryOf(data, shapes, layer, one, ground)] : [];
});

export const isSmall = (look) => look.size < SMALL && look.shape !== "cross";

/* The look of a row as it is drawn. */
export const lookOf = (entry, row) => {
  const k = entry.style ? entry.style(row) : entry.layer.category[row];
  return entry.looks[k] ? entry.looks[k].look : null;
};
