/* What is under way is looked at again, politely: soon at first, then less and less often, never in a hidden page. */
import { wantWords } from "./deciding.js";
import { furnishUpload } from "./upload.js";

const SOON_MS = 1000;
const RARELY_MS = 10000;
const SLOWER = 1.3;

/** Look at everything on the page that is under way, until nothing is. */
export function watch() {
  let wait = SOON_MS;
  const next = () => document.querySelector("[data-watch]") && setTimeout(look, wait);
  const look = async () => {
    wait = Math.min(RARELY_MS, wait * SLOWER);
    if (!document.hidden) {
      const changed = await Promise.all([...document.querySelectorAll("[data-watch]")].map(lookAt));
      if (changed.includes(true) && (await replaceAll())) wait = SOON_MS;
    }
    next();
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) wait = SOON_MS;
  });
  next();
}

/** Show how far one is; tell whether its state is another now. */
async function lookAt(row) {
  try {
    const answer = await fetch(row.dataset.watch, { headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    const { state, progress } = await answer.json();
    if (state !== row.dataset.state) return true;
    if (progress) show(row, progress);
  } catch {
    // the line is broken off: it is looked at again
  }
  return false;
}

function show(row, { share, step }) {
  const bar = row.querySelector("progress");
  const told = row.querySelector("output");
  if (bar && typeof share === "number") bar.value = share;
  const words = step && (step[document.documentElement.lang.slice(0, 2)] || (typeof step === "string" && step));
  if (told && words && told.textContent !== words) told.textContent = words;
}

/** Put what the page says now in place of what it said; forms that somebody writes in stay as they are.
    A list under the pointer stays too until it is left, so that nothing moves there, unless it is `wanted` anew. */
export async function replaceAll({ wanted = false } = {}) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  let whole = true;
  const ids = ["live", "waiting", "mine", "all", "submissions", "jobs", "evidence"];
  ids.forEach((id) => {
    const [old, found] = [document.getElementById(id), now.getElementById(id)];
    if (!old || !found) return;
    const typed = [...old.querySelectorAll("textarea, input:not([type=hidden])")].some((field) => field.value);
    if (typed && id !== "live") return;
    if (!wanted && old.matches("[data-arrivals]:hover")) {
      whole = false;
      return;
    }
    const held = document.activeElement && old.contains(document.activeElement) ? document.activeElement.id : null;
    old.replaceWith(document.adoptNode(found));
    wantWords(found);
    found.querySelectorAll("form[data-upload]").forEach(furnishUpload);
    if (held) document.getElementById(held)?.focus();
    if (found.dataset.spoken) document.getElementById("spoken").textContent = found.dataset.spoken;
  });
  document.title = now.title;
  return whole;
}
