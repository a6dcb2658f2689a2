/* What came in since the page was made is told by its number; nothing moves until somebody wants to see it. */
import { replaceAll } from "./watching.js";

const EVERY_MS = 30000;

/** Ask from time to time, never in a hidden page, whether there is more in the list of what waits. */
export function watchArrivals() {
  if (!listed()) return;
  let tag = "";
  let asked = Date.now();
  const look = async () => {
    asked = Date.now();
    try {
      tag = await lookAt(listed(), tag);
    } catch {
      // the line is broken off: it is looked at again
    }
  };
  setInterval(() => document.hidden || look(), EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - asked >= EVERY_MS) look();
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest(".arrived button")) replaceAll({ wanted: true });
  });
}

const listed = () => document.querySelector("[data-arrivals]");

/** Tell how many are new; return the tag of what was answered. */
async function lookAt(list, tag) {
  const headers = { Accept: "application/json", ...(tag && { "If-None-Match": tag }) };
  const answer = await fetch(list.dataset.arrivals, { headers, cache: "no-store" });
  if (!answer.ok) return tag; // 304: nothing is new
  const { submissions } = await answer.json();
  const fresh = submissions.filter(({ received }) => received > list.dataset.since).length;
  const button = list.querySelector(".arrived button");
  const said = fresh ? list.dataset.said.replace("#", fresh) : "";
  if (button.textContent !== said) {
    button.textContent = said;
    button.hidden = !fresh;
    if (fresh) document.getElementById("spoken").textContent = said;
  }
  return answer.headers.get("ETag") || "";
}
