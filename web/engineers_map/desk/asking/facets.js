/* Filters: which rows of a layer remain. A layer is narrowed only by what it has columns for. */

/* {column: [text, …] or {from, to}} → rows that remain, in order; null where nothing narrows the layer.
   siblings: layers of the period; a layer that tells of the same pipes may have the column that this one lacks. */
export const rowsLeft = (model, layer, { facets = {}, looks = [], siblings = [] } = {}) => {
  const tests = Object.entries(facets)
    .map(([key, wanted]) => testOf(model, layer, key, wanted) || joinedTest(model, layer, siblings, key, wanted))
    .filter(Boolean);
  if (looks.length) tests.push((row) => looks.includes(lookOf(layer, row)));
  if (!tests.length) return null;
  const rows = [];
  for (let row = 0; row < layer.shapes.length; row += 1) if (tests.every((test) => test(row))) rows.push(row);
  return rows;
};
const joinedTest = (model, layer, siblings, key, wanted) => {
  const idKey = model.idKey(layer);
  const other =
    idKey && siblings.find((one) => one !== layer && model.idKey(one) === idKey && model.column(one, key) >= 0);
  if (!other) return null;
  const test = testOf(model, other, key, wanted);
  return (row) => {
    const same = model.row(other, model.id(layer, row));
    return same < 0 || test(same);
  };
};
export const lookOf = (layer, row) => (layer.styles[layer.category[row]] || { label: "" }).label;

const within =
  ({ from, to }) =>
  (value) =>
    value !== null &&
    (from === null || from === undefined || from === "" || value >= from) &&
    (to === null || to === undefined || to === "" || value <= to);
const testOf = (model, layer, key, wanted) => {
  const k = model.column(layer, key);
  if (k < 0) return null;
  const column = model.columnAt(layer, k);
  const set = Array.isArray(wanted) ? new Set(wanted) : null;
  const fits = set ? (value) => set.has(value === null ? "" : String(value)) : within(wanted);
  if (!column.codes) return (row) => fits(column.values[row] === undefined ? null : column.values[row]);
  const allowed = column.values.map((value) => fits(value));
  const none = fits(null);
  return (row) => (column.codes[row] < 0 ? none : allowed[column.codes[row]]);
};

/* The values of a facet with how often each is met in the layers: what a reader may choose from. */
export const choicesOf = (model, layers, key) => {
  const counts = new Map();
  let numbers = true;
  layers.forEach((layer) => {
    const k = model.column(layer, key);
    if (k < 0) return;
    for (let row = 0; row < layer.shapes.length; row += 1) {
      const value = model.valueAt(layer, row, k);
      if (value === null || value === "") continue;
      numbers = numbers && typeof value === "number";
      counts.set(value, (counts.get(value) || 0) + 1);
    }
  });
  const found = [...counts].map(([value, count]) => ({ value, count }));
  if (numbers) found.sort((a, b) => a.value - b.value);
  else if (found.length > FEW) found.sort((a, b) => String(a.value).localeCompare(String(b.value), model.locale));
  return { numbers: numbers && found.length > 0, choices: found };
};
const FEW = 8; // so many are boxes to tick; more are a list to choose from

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/* How a facet is asked for: "ticks", "range" of numbers, "days" or "list". */
export const kindOf = ({ numbers, choices }) => {
  if (!choices.length) return null;
  if (numbers) return choices.length > 1 ? "range" : null;
  if (choices.every(({ value }) => DAY.test(value))) return choices.length > 1 ? "days" : null;
  return choices.length > FEW ? "list" : "ticks";
};

/* The same filters with one value of a facet, or one look of a layer, put in or taken out. */
export const toggled = (list, value) =>
  ticked(list).includes(value) ? ticked(list).filter((one) => one !== value) : [...ticked(list), value];
/* A facet is a list or a span, by what the layers of a question hold; asked as the other it is not set. */
export const ticked = (wanted) => (Array.isArray(wanted) ? wanted : []);
export const spanOf = (wanted) => (Array.isArray(wanted) || !wanted ? {} : wanted);
export const withFacet = (facets, key, wanted) => {
  const rest = Object.fromEntries(Object.entries(facets).filter(([one]) => one !== key));
  const empty = !wanted || (Array.isArray(wanted) ? !wanted.length : !isSet(wanted.from) && !isSet(wanted.to));
  return empty ? rest : { ...rest, [key]: wanted };
};
const isSet = (value) => value !== undefined && value !== null && value !== "";
