/* Reads what stands in the page: layers, rows and their cells. Every text from the data goes out as text. */
import { html } from "../../elements.js";

export const element = (tag, cls, text) => html(tag, { class: cls || null, text });

/* What a layer is called in calls and addresses; two layers of one theme have keys of their own. */
export const keyOf = (layer) => layer.key || layer.theme;

export const layersOf = (data, period) => (data.periods[period] ? data.periods[period].layers : []);

export const layerOf = (data, period, key) => layersOf(data, period).find((layer) => keyOf(layer) === key) || null;

export const valueOf = (data, layer, row, k) => {
  const column = data.columns[layer.columns[k]];
  if (!column) return null;
  const value = column.codes ? column.values[column.codes[row]] : column.values[row];
  return value === undefined ? null : value;
};

export const cell = (data, layer, row, k) => {
  const value = valueOf(data, layer, row, k);
  return value === null ? "" : String(value);
};

export const columnOf = (data, layer, key) => layer.columns.findIndex((column) => data.columns[column].key === key);

export const titleOf = (data, layer, row) =>
  [layer.label, layer.columns.length ? cell(data, layer, row, Math.max(0, layer.ids || 0)) : ""].join(" ").trim();

const LONGEST = 60; // letters of a name on the map; a text may be as long as a book
const shortened = (text) => (text.length > LONGEST ? text.slice(0, LONGEST - 1) + "…" : text);

/* What is written beside a feature: its label columns, shares as whole per cent. */
export const labelOf = (data, layer, row) => shortened((layer.text || []).map((k) => {
  const value = cell(data, layer, row, k);
  return value && data.columns[layer.columns[k]].key.endsWith("_pct") ? Math.round(value) + " %" : value;
}).filter(Boolean).join(" "));

/* The size of a pipe as it is written on plans; "" where the layer does not have it. */
export const sizeOf = (data, layer, row) => {
  const k = columnOf(data, layer, "diameter_mm"), size = k < 0 ? null : valueOf(data, layer, row, k);
  return Number.isFinite(size) ? "DN" + Math.round(size) : "";
};

export const idOf = (data, layer, row) => (layer.ids >= 0 ? shortened(cell(data, layer, row, layer.ids)) : "");
