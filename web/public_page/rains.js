// The rains that the page holds: their names, and the grade of a depth of water.
import { say, span } from "./words.js";

export const amount = (rain) =>
  say("amount", { span: span(rain.minutes), depth: say("amount_mm", { mm: rain.mm }) });

export const gradeOfRain = (rain) => say(`rain_grade_${rain.grade}`);

/** Once in … years; the day of a rain that was observed; else the word of its amount. */
export function shortName(rain) {
  if (rain.years) return say("one_in_years", { years: rain.years });
  return rain.day ? say("rain_of_day", { day: rain.day }) : gradeOfRain(rain);
}

export function wholeName(rain) {
  const key = rain.years ? "rain_all" : rain.day ? "rain_observed" : "rain_plain";
  return say(key, { years: rain.years, day: rain.day, grade: gradeOfRain(rain), amount: amount(rain) });
}

/** Rains of the same word, from small to large. */
export const alike = (rains, grade) => rains.filter((rain) => rain.grade === grade);

/** The rain with which a word is entered: the one that the page opens with, else its smallest. */
export const entered = (town, grade) => {
  const own = alike(town.rains, grade);
  return own.find((rain) => rain === town.opening) ?? own[0];
};
