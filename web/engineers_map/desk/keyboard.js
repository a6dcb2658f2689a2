/* Single keys for what is often done; none while something is typed, none with Ctrl but for undo. */

const TYPED = "input:not([type=checkbox]):not([type=radio]), select, textarea";

const KEPT = "drainage-single-keys";

/* Whether single keys act, which the reader may turn off, in this browser, as WCAG 2.1.4 asks. */
export const singleKeys = {
  on: () => {
    try {
      return localStorage.getItem(KEPT) !== "off";
    } catch {
      return !singleKeys.off; // a page in a cell or from a disk may not keep anything
    }
  },
  turn: (on) => {
    singleKeys.off = !on;
    try {
      localStorage.setItem(KEPT, on ? "on" : "off");
    } catch {
      // holds for as long as the page stands
    }
  },
};

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
  const plain = (press) => {
    const number = "123456789".indexOf(press.key),
      question = desk.questions[number];
    return question ? () => desk.ask(question.key) : KEYS[press.key];
  };
  const undone = ({ ctrlKey, metaKey, shiftKey, key }) => (ctrlKey || metaKey) && !shiftKey && key === "z";
  const actOf = (press) => {
    if (press.key === "Escape") return press.defaultPrevented ? null : desk.escape;
    if (press.target.matches && press.target.matches(TYPED)) return null;
    if (undone(press)) return desk.undo;
    const held = press.ctrlKey || press.metaKey || press.altKey || desk.measuring();
    return held || desk.dialog.isOpen || !singleKeys.on() ? null : plain(press);
  };
  document.addEventListener("keydown", (press) => {
    const act = actOf(press);
    if (!act) return;
    if (press.key !== "Escape") press.preventDefault();
    act();
  });
};
/* What help shows: keys, and what they do in words. */
export const KEYS_HELP = [
  ["/", "search_by"],
  ["1 … 9", "questions"],
  ["B A C", "period"],
  ["L F E M", "keys_tools"],
  ["U D O X", "keys_trace"],
  ["← ↑ → ↓ + −", "keys_map"],
  ["Ctrl Z", "undo"],
  ["Esc", "close"],
];
