/* The data of the page as the desk asks for it: layers by key, cells by name of the column, rows by their id. */
import { columnOf, keyOf, layersOf, valueOf } from "../../map/data.js";

export { keyOf };
/* What is chosen, as one text: it stands in the address. */
const refOf = (key, id) => `${key}~${id}`;
export const partsOf = (ref) => {
  const at = String(ref || "").indexOf("~");
  return at < 0 ? null : { key: ref.slice(0, at), id: ref.slice(at + 1) };
};

/* Findings have ids such as `sewage_into_storm:YS0024`, or the same in words: readers see the number, the kind stands
   beside it. */
const FINDING = "finding_id";
const withoutCode = (id) => id.replace(/^[a-z_]+:/, "");
const withoutKind = (id) => id.replace(/^[^:]+:(?=.)/, "");
const idsOf = (text) =>
  String(text === null || text === undefined ? "" : text)
    .split(/,\s*/)
    .filter(Boolean);

/* Numbers below 10, below 1000 and above are told to three, two and one decimals at most: within one column those of
   one size to as many, so that 0.4 stands as 0.40 beside 0.38. */
const sizeOf = (value) => (Math.abs(value) < 10 ? 0 : Math.abs(value) < 1000 ? 1 : 2);
const decimalsIn = (values) =>
  values.reduce(
    (most, value) => {
      if (typeof value !== "number") return most;
      const size = sizeOf(value),
        [, tail = ""] = String(value).split(".");
      most[size] = Math.max(most[size], Math.min(3, tail.length));
      return most;
    },
    [0, 0, 0],
  );

export const modelOf = (data) => {
  let memory = new WeakMap();
  const remembered = (layer, what, make) => {
    if (!memory.has(layer)) memory.set(layer, new Map());
    const known = memory.get(layer);
    if (!known.has(what)) known.set(what, make());
    return known.get(what);
  };
  const layers = (k) => layersOf(data, k);
  /* By key, else the first of that theme. */
  const layer = (k, key) => layers(k).find((one) => keyOf(one) === key) || layers(k).find((one) => one.theme === key);
  const columnAt = (one, k) => data.columns[one.columns[k]];
  const column = (one, key) => columnOf(data, one, key);
  const valueAt = (one, row, key) => {
    const k = typeof key === "number" ? key : column(one, key);
    return k < 0 ? null : valueOf(data, one, row, k);
  };
  const textAt = (one, row, key) => {
    const value = valueAt(one, row, key);
    if (typeof value !== "number") return value === null ? "" : String(value);
    const found = columnAt(one, typeof key === "number" ? key : column(one, key));
    const decimals = remembered(found, "decimals", () => decimalsIn(found.values));
    return number(value, 3, decimals[sizeOf(value)]);
  };
  const locale = (data.lang || document.documentElement.lang || "en").startsWith("zh") ? "zh-CN" : "en-GB";
  const number = (value, digits = 3, least = 0) =>
    Number(value).toLocaleString(locale, { minimumFractionDigits: least, maximumFractionDigits: digits });
  const idColumn = (one) => (one.ids === undefined ? (one.columns.length ? 0 : -1) : one.ids);
  const id = (one, row) => {
    const k = idColumn(one);
    const value = k < 0 ? null : valueOf(data, one, row, k);
    return value === null ? String(row) : String(value);
  };
  const idKey = (one) => (idColumn(one) < 0 ? "" : columnAt(one, idColumn(one)).key);
  const rowsById = (one) =>
    remembered(one, "ids", () => {
      const found = new Map();
      for (let row = 0; row < one.shapes.length; row += 1) found.set(id(one, row), row);
      return found;
    });
  const row = (one, wanted) => {
    const found = rowsById(one).get(String(wanted));
    return found === undefined ? -1 : found;
  };
  /* What people call a feature by: its road, else what the layer says; "" where there is none. */
  const place = (one, r) => textAt(one, r, "road") || (one.name >= 0 ? textAt(one, r, one.name) : "");
  /* Its number; of a finding without one that of what it speaks of. */
  const title = (one, r) => {
    if (idColumn(one) >= 0) return (idKey(one) === FINDING ? withoutKind : withoutCode)(id(one, r));
    const key = Object.keys(one.refs || {}).find((name) => textAt(one, r, name));
    return key ? textAt(one, r, key) : "";
  };
  const unitOf = (one, k) => columnAt(one, k).unit || "";
  const labelOf = (one, k) => columnAt(one, k).label;
  /* A value as it is read, with its unit. */
  const said = (one, r, key) => {
    const k = typeof key === "number" ? key : column(one, key),
      text = k < 0 ? "" : textAt(one, r, k);
    return text && unitOf(one, k) ? `${text} ${unitOf(one, k)}` : text;
  };
  /* What a text of the address points to in a period, or null. */
  const find = (k, ref) => {
    const parts = partsOf(ref);
    if (!parts) return null;
    const one = layers(k).find((other) => keyOf(other) === parts.key);
    const at = one ? row(one, parts.id) : -1;
    return at < 0 ? null : { layer: one, row: at, id: parts.id, ref };
  };

  return {
    data,
    words: data.words,
    layers,
    layer,
    columnAt,
    column,
    valueAt,
    textAt,
    said,
    number,
    id,
    idKey,
    rowsById,
    row,
    place,
    title,
    unitOf,
    labelOf,
    find,
    idsOf,
    remembered,
    locale,
    forget: () => {
      memory = new WeakMap();
    }, // what was read before the data were whole
    refAt: (one, r) => refOf(keyOf(one), id(one, r)),
  };
};
