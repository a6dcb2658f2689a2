// How old the page is, by the clock of its reader.
const DAY_MS = 86_400_000;
/** After that many days the page warns that it is old. */
const OLD_DAYS = 180;

/** Days since a day; null where the clock or the day cannot be right. */
export function ageInDays(made, now = Date.now()) {
  const [year, month, day] = String(made).split("-").map(Number);
  const then = new Date(year, month - 1, day).getTime();
  const days = Math.floor((now - then) / DAY_MS);
  return Number.isFinite(days) && days >= 0 ? days : null;
}

export const isOld = (days) => days !== null && days > OLD_DAYS;
export const monthsOf = (days) => Math.floor(days / 30.44);
