/* One question rules the page: its layers, its list, its verdict. Pages without questions get one of their layers. */
import { keyOf } from "./model.js";

/* What stands in brackets, of either script; as a text, since no Chinese sign stands in a program. */
const BRACKETED = new RegExp("\\s*[(\\uff08][^)\\uff09]*[)\\uff09]", "g");

export const questionsOf = (data) => {
  const given = (data.questions || []).filter((one) => one && one.key);
  return given.length ? given : [only(data)];
};
/* All that is shown is one question; its list is that of the uppermost layer that has one. */
const only = (data) => ({
  key: "map",
  title: "",
  ask: "",
  subtitle: [],
  periods: data.periods.map(({ layers }) => {
    const asked = layers.filter((layer) => !layer.context);
    const lists = asked.filter((layer) => layer.listed && layer.shapes.length);
    const list = lists.find((layer) => layer.theme === "waterlogging") || lists[lists.length - 1];
    return {
      verdict: "",
      detail: [],
      unknown: "",
      count: null,
      quiet: [],
      orders: [],
      row: {},
      layers: asked.filter((layer) => layer.shown !== false).map(keyOf),
      more: asked.filter((layer) => layer.shown === false).map(keyOf),
      list: list ? keyOf(list) : "",
    };
  }),
});
const NOTHING = {
  verdict: "",
  detail: [],
  unknown: "",
  count: null,
  layers: [],
  more: [],
  quiet: [],
  hides: [],
  list: "",
  orders: [],
  row: {},
};

/* What a question says of a period; nothing where it was not asked then. */
export const answerOf = (question, k) => ({ ...NOTHING, ...(question.periods[k] || {}) });

/* Layers that are drawn, lowest first: the context, those of the question, and what the reader put on or off. */
export const drawnLayers = (model, k, question, chosen) => {
  const { layers, quiet, hides } = answerOf(question, k);
  return model.layers(k).filter((layer) => {
    const key = keyOf(layer);
    if (chosen[key] !== undefined) return chosen[key];
    if (layer.context) return layer.shown !== false && !hides.includes(key);
    return layers.includes(key) || quiet.includes(key);
  });
};
export const listLayer = (model, k, question) => {
  const { list } = answerOf(question, k);
  return list ? model.layer(k, list) || null : null;
};

/* Rows of the list in an order of the question; rows that are equal in it stay as they came, by importance. */
export const ordered = (model, layer, rows, order) => {
  const by = ((order && order.by) || []).map(([key, descending]) => [model.column(layer, key), descending ? -1 : 1]);
  const known = by.filter(([k]) => k >= 0);
  if (!known.length) return rows;
  const between = (a, b) =>
    known.reduce(
      (found, [k, sign]) =>
        found || compared(model.valueAt(layer, a, k), model.valueAt(layer, b, k), sign, model.locale),
      0,
    );
  return [...rows].sort((a, b) => between(a, b) || a - b);
};
/* Missing values come last, whichever way it is sorted. */
const compared = (a, b, sign, locale) => {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), locale);
};
/* What a row of the list says: bold the cause and at its right the first figure; below where it is, more of it, and
   the second figure. */
export const rowTexts = (model, layer, row, { cause = [], head = [], line = [], tail = [] } = {}) => {
  const texts = (keys) => keys.map((key) => model.said(layer, row, key)).filter(Boolean);
  const where = [...texts(head), model.title(layer, row)];
  const why = cause.length ? texts(cause) : (layer.lead || []).map((k) => model.said(layer, row, k)).filter(Boolean);
  const [figure = "", ...figures] = changed(tail, texts(tail)),
    details = line.map((key) => named(model, layer, row, key)).filter(Boolean);
  if (!why.length) {
    return { first: unique(where), more: "", right: figure, second: details.join(" · "), tail: figures.join(" · ") };
  }
  const [first, ...more] = why;
  const second = unique([...where, ...details].filter((text) => text !== first));
  return { first, more: more.join(" "), right: figure, second, tail: figures.join(" · ") };
};
/* A figure before and one after stand in one: "0.38 m → 0 m". */
const changed = (keys, texts) =>
  texts.length === 2 && /_before/.test(keys[0]) && /_after/.test(keys[1]) ? [texts.join(" → ")] : texts;
const unique = (texts) => [...new Set(texts.filter(Boolean))].join(" · ");
/* A number, a day, or an id of something else, says nothing without its name: "storm only 978 m"; what is 0 is left
   out. */
const isDay = (value) => /^\d{4}-\d{2}-\d{2}/.test(value);
const named = (model, layer, row, key) => {
  const k = model.column(layer, key),
    value = k < 0 ? null : model.valueAt(layer, row, k);
  if (value === null || value === "" || value === 0) return "";
  if (typeof value !== "number" && !isDay(value) && !(key in (layer.refs || {}))) return model.said(layer, row, k);
  const name = model.labelOf(layer, k).replace(BRACKETED, "");
  return `${name} ${model.said(layer, row, k)}`;
};
