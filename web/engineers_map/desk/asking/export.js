/* What is seen, as files: GeoJSON with where it comes from, and CSV in which no cell is run as a formula. */

// As drainage/spreadsheets.py: OWASP, CSV injection, with the wide forms of Chinese keyboards.
const FORMULA = new RegExp("^'*[=+\\-@\\t\\r\\n\\uff1d\\uff0b\\uff0d\\uff20]"); // the wide signs of Chinese too
const BOM = "\ufeff"; // by which a spreadsheet sees that the text is UTF-8

export const guarded = (value) => (typeof value === "string" && FORMULA.test(value) ? `'${value}` : value);
const cellText = (value) => {
  const text = value === null || value === undefined ? "" : String(guarded(value));
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};

/* head: texts; rows: arrays of values; above: lines about the data, each in a row of its own. */
export const csvOf = (head, rows, above = []) =>
  `${BOM}${[...above.map((line) => [line]), head, ...rows].map((row) => row.map(cellText).join(",")).join("\r\n")}\r\n`;

/* Features of some layers as one collection; `about` stands at its top. */
export const geojsonOf = (model, parts, about, shapeOf) => {
  const features = parts.flatMap(({ layer, rows }) =>
    [...rows].flatMap((row) => {
      const geometry = shapeOf(layer, row);
      if (!geometry) return [];
      return [{ type: "Feature", id: model.id(layer, row), properties: propertiesOf(model, layer, row), geometry }];
    }),
  );
  return JSON.stringify({ type: "FeatureCollection", ...about, features }, null, 1);
};
const propertiesOf = (model, layer, row) => {
  const found = { layer: layer.label };
  layer.columns.forEach((_, k) => {
    const value = model.valueAt(layer, row, k);
    if (value !== null) found[model.columnAt(layer, k).key] = value;
  });
  return found;
};
/* Rows of several layers in one table: their columns side by side, each once. */
export const tableOf = (model, parts) => {
  const heads = new Map();
  parts.forEach(({ layer }) =>
    layer.columns.forEach((_, k) => {
      const { key, label } = model.columnAt(layer, k);
      if (!heads.has(key)) heads.set(key, withUnit(label, model.unitOf(layer, k)));
    }),
  );
  const keys = [...heads.keys()];
  const rows = parts.flatMap(({ layer, rows: chosen }) =>
    [...chosen].map((row) => [layer.label, ...keys.map((key) => model.valueAt(layer, row, key))]),
  );
  return { head: ["", ...heads.values()], rows };
};
const withUnit = (label, unit) => (unit ? `${label}, ${unit}` : label);

/* Hands a file to the reader, without any server. */
export const hand = (name, type, text) => {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
};
/* A file name that every system takes: no signs of paths, no marks that turn the direction of what is read. */
const UNFIT = /[\\/:*?"<>|\p{Cc}\p{Cf}]+/gu;
export const fileName = (...parts) => parts.filter(Boolean).join(" ").replace(UNFIT, " ").trim().slice(0, 80);
