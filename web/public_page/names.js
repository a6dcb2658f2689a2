// How a road and the place of a stretch on it are called.
import { inLanguage, say } from "./words.js";

export const nameOf = (road) => inLanguage(road.name) || say("unnamed_road");

/** Between which roads a stretch lies. */
export function placeOf(stretch, key = "between") {
  const [one, other] = stretch.crossings;
  if (!one && !other) return say("dead_end");
  if (!one || !other || one === other) return say("crossing_at", { other: nameOf(one ?? other) });
  return say(key, { one: nameOf(one), other: nameOf(other) });
}

/** The height of water of that depth on a body. */
export function bodyMark(town, cm) {
  const { body } = town.passing;
  const rank = body.upper_cm.findIndex((bound) => cm <= bound);
  return inLanguage({ zh: body.zh[rank], en: body.en[rank] });
}

export const gradeName = (town, grade) =>
  inLanguage({ zh: town.passing.gz[grade - 1], en: town.passing.ge[grade - 1] });

/** The bounds of a grade, as its legend says them. */
export function gradeRange(town, grade) {
  const { up } = town.passing;
  if (grade === 1) return `≤ ${say("centimetres", { cm: up[0] })}`;
  if (grade > up.length - 1 || up[grade - 1] > 500) return `> ${say("centimetres", { cm: up[grade - 2] })}`;
  return say("centimetres", { cm: `${up[grade - 2]}–${up[grade - 1]}` });
}

export const titleOf = (town, key = "title") => {
  const city = inLanguage(town.city);
  return city ? say(key, { city }) : say(`${key}_bare`);
};
