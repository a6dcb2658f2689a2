// The sheet over the map on a phone: a strip, a part, or the whole height; by button or by finger.
import { find } from "./dom.js";

const NEXT = { low: "mid", mid: "full", full: "mid" };
const LEAST_PX = 90;
const DRAGGED_PX = 6;
const SETTLED_MS = 240;

export function createSheet({ moved }) {
  const sheet = find("#sheet");
  const grip = find("#grip");
  const main = find("main");
  let start = null;
  let dragged = false;

  function pull(height) {
    sheet.dataset.height = height;
    sheet.style.height = "";
    grip.setAttribute("aria-expanded", String(height !== "low"));
  }

  const settle = () => setTimeout(moved, SETTLED_MS);

  grip.addEventListener("click", () => {
    if (dragged) return;
    pull(NEXT[sheet.dataset.height] ?? "mid");
    settle();
  });
  grip.addEventListener("pointerdown", (event) => {
    start = { y: event.clientY, height: sheet.offsetHeight };
    dragged = false;
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (!start) return;
    const up = start.y - event.clientY;
    if (!dragged && Math.abs(up) < DRAGGED_PX) return;
    dragged = true;
    sheet.classList.add("dragged");
    sheet.style.height = `${Math.max(LEAST_PX, Math.min(main.offsetHeight, start.height + up))}px`;
  });
  const drop = () => {
    if (start && dragged) {
      const share = sheet.offsetHeight / main.offsetHeight;
      sheet.classList.remove("dragged");
      pull(share < 0.3 ? "low" : share < 0.7 ? "mid" : "full");
      settle();
      setTimeout(() => {
        dragged = false;
      }, 0); // the click that follows is the end of the drag
    }
    start = null;
  };
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", drop);
  return { pull, height: () => sheet.dataset.height };
}
