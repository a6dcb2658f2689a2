// The data of a page as plain lists, from the short form in which drainage/maps/desk/tight.py writes them.

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUE = Array.from({ length: 128 }, (_, code) => SIGNS.indexOf(String.fromCharCode(code)));

/** Whole numbers from their signs: five bits a sign, the lowest first; the lowest bit of a number is its sign. */
export function wholeNumbers(signs) {
  const numbers = [];
  let number = 0;
  let unit = 1;
  for (let k = 0; k < signs.length; k += 1) {
    const bits = VALUE[signs.charCodeAt(k)];
    number += (bits & 31) * unit;
    if (bits & 32) {
      unit *= 32;
      continue;
    }
    numbers.push(number % 2 ? -(number + 1) / 2 : number / 2);
    number = 0;
    unit = 1;
  }
  return numbers;
}

/** A list of whole numbers, written as signs, as signs of their differences, or plainly. */
export function list(short) {
  if (Array.isArray(short)) {
    return short;
  }
  const numbers = repeated(wholeNumbers(short.n === undefined ? short.d : short.n), short.k);
  if (short.n !== undefined) {
    return numbers;
  }
  for (let k = 1; k < numbers.length; k += 1) {
    numbers[k] += numbers[k - 1];
  }
  return numbers;
}

function repeated(numbers, more) {
  if (more === undefined) {
    return numbers;
  }
  const times = wholeNumbers(more);
  return numbers.flatMap((number, k) => new Array(times[k] + 1).fill(number));
}

/** The values of a column. */
export function valuesOf(short) {
  if (Array.isArray(short)) {
    return short;
  }
  if (short.stems !== undefined) {
    const ends = list(short.ends);
    return list(short.of).map((kind, k) => short.stems[kind] + String(ends[k]).padStart(short.wide[kind], "0"));
  }
  const by = 10 ** short.tenths;
  return list(short).map((number) => (number === short.hole ? null : number / by));
}

/** The data of a page, all lists plain; what is plain already stays as it is. */
export function unpack({ places, ...data }) {
  return {
    ...data,
    shapes: listed(data.shapes, ["x", "y", "sizes", "parts", "areas"]),
    columns: columnsOf(data.columns, places),
    periods: data.periods.map((period) => ({
      ...period,
      layers: period.layers.map((layer) => listed(layer, ["category", "shapes"])),
      network: period.network && listed(period.network, ["from", "to", "outfall"]),
    })),
  };
}

/** The columns, each told by itself or by an earlier one and what differs from it. */
function columnsOf(short, places) {
  const columns = [];
  short.forEach(({ like, place, rows, coded, ...column }) => {
    const plain = { ...listed(column, ["codes"]), values: valuesOf(column.values) };
    if (like !== undefined) {
      const before = columns[like];
      const values = list(places[place]).map((at) => cell(before, at));
      list(rows).forEach((row, k) => {
        values[row] = plain.values[k];
      });
      plain.values = values;
    }
    columns.push(coded ? numbered(plain) : plain);
  });
  return columns;
}

function cell({ values, codes }, row) {
  const at = codes && row >= 0 ? codes[row] : row;
  return at < 0 ? null : values[at];
}

/** A column by its distinct values and the number of each, -1 where there is none. */
function numbered(column) {
  const numbers = new Map();
  const codes = column.values.map((value) => {
    if (value === null) {
      return -1;
    }
    if (!numbers.has(value)) {
      numbers.set(value, numbers.size);
    }
    return numbers.get(value);
  });
  return { ...column, values: [...numbers.keys()], codes };
}

function listed(whole, names) {
  const plain = { ...whole };
  names.filter((name) => whole[name] !== undefined).forEach((name) => {
    plain[name] = list(whole[name]);
  });
  return plain;
}
