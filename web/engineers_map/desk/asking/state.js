/* What is looked at, and the address that says it. An address of others is taken as far as it makes sense. */

export const START = {
  question: null,
  period: 0,
  facets: {},
  looks: {},
  picked: null,
  trace: null,
  drawer: null,
  layers: {},
  order: 0,
  theme: null,
  base: null,
  beside: false,
  view: null,
};
const DIRECTIONS = ["up", "down", "outfall"],
  DRAWERS = ["section", "hydrograph"],
  THEMES = ["light", "dark"];
const LONGEST = 8000;

export const toHash = (state) => {
  const said = new URLSearchParams();
  const put = (name, value) => {
    if (value) said.append(name, value);
  };
  put("q", state.question);
  put("t", state.period ? String(state.period) : "");
  Object.entries(state.facets).forEach(([key, wanted]) => {
    if (Array.isArray(wanted)) wanted.forEach((value) => said.append(`f.${key}`, String(value)));
    else said.append(`r.${key}`, `${wanted.from ?? ""}~${wanted.to ?? ""}`);
  });
  Object.entries(state.looks).forEach(([key, labels]) => labels.forEach((label) => said.append(`k.${key}`, label)));
  Object.entries(state.layers).forEach(([key, on]) => said.append(on ? "on" : "off", key));
  put("s", state.picked);
  put("w", state.trace && `${state.trace.direction}~${state.trace.ref}`);
  put("d", state.drawer);
  put("o", state.order ? String(state.order) : "");
  put("c", state.theme);
  put("b", state.base);
  put("two", state.beside ? "1" : "");
  const { view } = state;
  put("v", view && [view.lat.toFixed(6), view.lng.toFixed(6), Number(view.zoom.toFixed(2))].join(","));
  return said.toString();
};

/* known: {questions: [key, …], periods: number, layers: Set of keys}. What is not known is left out. */
export const fromHash = (text, known) => {
  const state = { ...START, facets: {}, looks: {}, layers: {} };
  if (!text || text.length > LONGEST) return state;
  let said;
  try {
    said = new URLSearchParams(text.replace(/^#/, ""));
  } catch {
    return state;
  }
  const one = (name, fits) => {
    const value = said.get(name);
    return value !== null && fits(value) ? value : null;
  };
  const whole = (name, most) => Number(one(name, (value) => /^\d{1,3}$/.test(value) && Number(value) < most) || 0);
  state.question = one("q", (value) => known.questions.includes(value));
  state.period = whole("t", known.periods);
  state.order = whole("o", 50);
  state.picked = one("s", (value) => value.includes("~"));
  state.drawer = one("d", (value) => DRAWERS.includes(value));
  state.theme = one("c", (value) => THEMES.includes(value));
  state.base = one("b", (value) => /^[a-z]{1,20}$/.test(value));
  state.beside = one("two", (value) => value === "1") !== null && known.periods > 1;
  state.trace = traceOf(said.get("w"));
  state.view = viewOf(said.get("v"));
  lists(said, state, known);
  return state;
};
const traceOf = (text) => {
  const at = (text || "").indexOf("~");
  const direction = (text || "").slice(0, Math.max(0, at)),
    ref = (text || "").slice(at + 1);
  return DIRECTIONS.includes(direction) && ref.includes("~") ? { direction, ref } : null;
};
const viewOf = (text) => {
  const numbers = (text || "").split(",").map((part) => (part.trim() ? Number(part) : NaN));
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return null;
  const [lat, lng, zoom] = numbers;
  return Math.abs(lat) <= 2000 && Math.abs(lng) <= 2000 && Math.abs(zoom) <= 30 ? { lat, lng, zoom } : null;
};
/* An address as it is passed on: without the key of a base map, which is its reader's own. */
export const sharedAddress = (href) => {
  const address = new URL(href);
  address.searchParams.delete("tk");
  const said = new URLSearchParams(address.hash.slice(1));
  if (said.has("tk")) {
    said.delete("tk");
    address.hash = said.toString();
  }
  return address.href;
};
const plainKey = (key) => /^[\w.-]{1,80}$/.test(key) && !(key in {});
const edge = (text) => (text === "" ? null : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text.slice(0, 20));
const lists = (said, state, known) => {
  said.forEach((value, name) => {
    const kind = name.slice(0, 2),
      key = name.slice(2);
    if (kind === "f." && plainKey(key)) {
      state.facets[key] = [...(Array.isArray(state.facets[key]) ? state.facets[key] : []), value];
    }
    if (kind === "k." && known.layers.has(key)) (state.looks[key] = state.looks[key] || []).push(value);
    if (kind === "r." && plainKey(key)) {
      const [from, to] = value.split("~").map(edge);
      state.facets[key] = { from, to: to === undefined ? null : to };
    }
    if ((name === "on" || name === "off") && known.layers.has(value)) state.layers[value] = name === "on";
  });
  Object.entries(state.facets).forEach(([key, wanted]) => {
    if (wanted === undefined) delete state.facets[key];
  });
};

/* Steps back of the filters: each holds facets and looks as they were. */
export const historyOf = (most = 50) => {
  const steps = [];
  return {
    push: ({ facets, looks }) => {
      steps.push({ facets, looks });
      if (steps.length > most) steps.shift();
    },
    back: () => steps.pop() || null,
    get length() {
      return steps.length;
    },
  };
};
