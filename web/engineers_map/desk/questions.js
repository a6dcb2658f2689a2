/* One question rules the page: its layers, its list, its verdict. Pages without questions get one of their layers. */
import { keyOf } from "./model.js";

export const questionsOf = (data) => {
  const given = (data.questions || []).filter((one) => one && one.key);
  return given.length ? given : [only(data)];
};
/* All that is shown is one question; its list is that of the uppermost layer that has one. */
const only = (data) => ({
  key: "map", title: "", ask: "", subtitle: [],
  periods: data.periods.map(({ layers }) => {
    const asked = layers.filter((layer) => !layer.context);
    const lists = asked.filter((layer) => layer.listed && layer.shapes.length);
    const list = lists.find((layer) => layer.theme === "waterlogging") || lists[lists.length - 1];
    return {
      verdict: "", detail: [], unknown: "", count: null, quiet: [], order: [], row: {},
      layers: asked.filter((layer) => layer.shown !== false).map(keyOf),
      more: asked.filter((layer) => layer.shown === false).map(keyOf), list: list ? keyOf(list) : "",
    };
  }),
});
const NOTHING = { verdict: "", detail: [], unknown: "", count: null, layers: [], more: [], quiet: [], list: "", order: [], row: {} };

/* What a question says of a period; nothing where it was not asked then. */
export const answerOf = (question, k) => ({ ...NOTHING, ...(question.periods[k] || {}) });

/* Layers that are drawn, lowest first: the context, those of the question, and what the reader put on or off. */
export const drawnLayers = (model, k, question, chosen) => {
  const { layers, quiet } = answerOf(question, k);
  return model.layers(k).filter((layer) => {
    const key = keyOf(layer);
    if (chosen[key] !== undefined) return chosen[key];
    return layer.context || layers.includes(key) || quiet.includes(key);
  });
};
export const listLayer = (model, k, question) => {
  const { list } = answerOf(question, k);
  return list ? model.layer(k, list) || null : null;
};

/* Rows of the list in an order of the question; rows that are equal in it stay as they came, by importance. */
export const ordered = (model, layer, rows, order) => {
  if (!order || order.column < 0 || order.column === undefined) return rows;
  const sign = order.descending ? -1 : 1, value = (row) => model.valueAt(layer, row, order.column);
  return [...rows].sort((a, b) => compared(value(a), value(b), sign, model.locale) || a - b);
};
/* Missing values come last, whichever way it is sorted. */
const compared = (a, b, sign, locale) => {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), locale);
};
/* What a row of the list says: bold the cause and at its right the figures, below where and what it is. */
export const rowTexts = (model, layer, row, { cause = [], head = [], tail = [] } = {}) => {
  const texts = (columns) => columns.map((k) => model.said(layer, row, k)).filter(Boolean);
  const id = model.id(layer, row), where = head.length ? texts(head) : [model.place(layer, row), id].filter(Boolean);
  const why = cause.length ? texts(cause) : texts(layer.lead || []);
  const [figure, ...figures] = texts(tail);
  const second = [...new Set(where)].join(" · ");
  if (!why.length) return { first: second, right: figure || "", second: "", tail: figures.join(" · ") };
  return { first: why[0], right: figure || "", second: [second, ...why.slice(1)].join(" · "), tail: figures.join(" · ") };
};
