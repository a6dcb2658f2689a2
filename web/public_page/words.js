// What the page says, in the language that its reader chose.
// The page has two programs, what opens it and what comes after: they speak with one voice.
const voice = (globalThis.publicVoice ??= { language: "zh", tables: { zh: {}, en: {} } });

export const addWords = (own, words) => Object.assign(voice.tables[own], words);
export const spoken = () => voice.language;
export const speak = (own) => {
  voice.language = own;
};
/** Whether the words of a language have arrived. */
export const speaks = (own) => Object.keys(voice.tables[own]).length > 0;

const template = (key) => voice.tables[voice.language][key] ?? "";

/** The sentence of that key with its braces filled in. */
export function say(key, values = {}) {
  return template(key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? ""));
}

/** The sentence for one or for many. */
export const counted = (key, count, values = {}) =>
  say(`${key}_${count === 1 ? "one" : "many"}`, { ...values, count });

/** The sentence of that key as a list of texts and of the nodes that stand in its braces. */
export function sayWith(key, nodes) {
  return template(key)
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part);
      return name ? nodes[name[1]] : part;
    });
}

/** Sentences after each other; Chinese ones stand close. */
export const joined = (sentences) => sentences.filter(Boolean).join(spoken() === "en" ? " " : "");

/** That of two texts which is in the language of the reader; what is told in one language only stays as it is. */
export const inLanguage = ({ zh, en }) => (spoken() === "en" ? en || zh : zh || en);

// ---- amounts ----------------------------------------------------------------------------------------------------

/** A time in minutes, as people say it. */
export function span(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!hours) return rest === 30 ? say("minutes_30") : say("minutes", { minutes: rest });
  if (!rest) return say("hours", { hours });
  return rest === 30 ? say("hours_and_half", { hours }) : say("hours_minutes", { hours, minutes: rest });
}

/** A way on the map, no finer than 50 m. */
export function distance(metres) {
  if (metres < 950) return say("metres", { m: Math.max(50, Math.round(metres / 50) * 50) });
  return say("kilometres", { km: Number((metres / 1000).toFixed(metres < 99500 ? 1 : 0)) });
}

/** Two metres and more are one class: `MOST` of `drainage/publication/by_stretch.py`. */
const MOST_CM = 200;
const depth = (key) => (cm) => say(cm < MOST_CM ? key : "centimetres_above", { cm });
export const centimetres = depth("centimetres");
export const about = depth("centimetres_about");

/** Year and month of a day or a month. */
export function month(day) {
  const [year, number] = day.split("-").map(Number);
  // asked of the browser in English alone: it loads its calendar for that
  const name = spoken() === "en" ? new Date(year, number - 1, 1).toLocaleString("en", { month: "long" }) : "";
  return say("month", { year, month: number, name });
}
