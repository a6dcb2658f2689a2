/* Single keys for what is often done; none while something is typed, none with Ctrl but for undo. */

const TYPED = "input:not([type=checkbox]):not([type=radio]), select, textarea";

export const listen = (desk) => {
  const KEYS = {
    "/": () => desk.search(),
    "?": () => desk.help(),
    l: () => desk.menu("layers"),
    f: () => desk.canFilter() && desk.menu("filter"),
    e: () => desk.menu("export"),
    m: () => desk.measure(),
    b: () => desk.showPeriod(0),
    a: () => desk.showPeriod(1),
    c: () => desk.showPeriod(2),
    u: () => desk.trace("up"),
    d: () => desk.trace("down"),
    o: () => desk.trace("outfall"),
    x: () => desk.drawer("section"),
  };
  document.addEventListener("keydown", (press) => {
    if (press.key === "Escape") {
      if (!press.defaultPrevented && desk.escape()) press.preventDefault();
      return;
    }
    if (press.target.matches && press.target.matches(TYPED)) return;
    if ((press.ctrlKey || press.metaKey) && press.key === "z") {
      press.preventDefault();
      desk.undo();
      return;
    }
    if (press.ctrlKey || press.metaKey || press.altKey || desk.drawn.measuring()) return;
    const number = "123456789".indexOf(press.key);
    const act = number >= 0 && desk.questions[number] ? () => desk.ask(desk.questions[number].key) : KEYS[press.key];
    if (!act) return;
    press.preventDefault();
    act();
  });
};
/* What help shows: keys, and what they do in words. */
export const KEYS_HELP = [
  ["/", "search_by"], ["1 … 9", "questions"], ["B A C", "period"], ["L F E M", "keys_tools"], ["U D O X", "keys_trace"],
  ["← ↑ → ↓ + −", "keys_map"], ["Ctrl Z", "undo"], ["Esc", "close"],
];
