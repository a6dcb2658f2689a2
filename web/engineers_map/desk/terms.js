/* What the words of the page mean: told at the pointer, the focus and the finger, and all of them in a box. */
import { h } from "./dom.js";

const GAP = 6; // px between a word and what is told of it
const MARKED = "[data-term]";

/* A name in both languages, what it means, and where a standard speaks of it. */
const told = ([name, other, says, clause]) => [
  h("dt", null, name, " ", h("small", { text: other })),
  h("dd", null, says, clause ? h("small", { text: clause }) : null),
];

export const termsOf = ({ words, data }) => {
  const { list = [], questions = {}, labels = {}, columns = {} } = data.terms || {};
  const of = (known, key) => (Object.prototype.hasOwnProperty.call(known, key) ? known[key] : null);
  return {
    some: list.length > 0,
    question: (key) => of(questions, key),
    label: (text) => of(labels, text),
    column: (key) => of(columns, key),
    at: (n) => list[n],
    all: () => h("dl", { class: "dr-terms" }, list.map(told)),
    title: words.terms,
  };
};

/* A word that is explained and is no button by itself: it is reached by Tab and by a finger. */
export const termWord = (n, ...children) =>
  n === null ? children : h("button", { type: "button", class: "dr-term-word", "data-term": n }, ...children);

/* The text beside a word: shown for the pointer and the focus, gone with them, by Escape, or when the page moves. */
export const termTip = (terms) => {
  const box = h("dl", { class: "dr-terms" }),
    tip = h("div", { id: "dr-term", role: "tooltip", class: "dr-card", hidden: true }, box);
  let word = null;
  const hide = () => {
    if (!word) return false;
    word.removeAttribute("aria-describedby");
    word = null;
    tip.hidden = true;
    return true;
  };
  const place = () => {
    const { left, top, bottom } = word.getBoundingClientRect(),
      { offsetWidth: wide, offsetHeight: high } = tip;
    const within = (at, size, all) => `${Math.max(GAP, Math.min(at, all - size - GAP))}px`;
    const below = bottom + GAP + high <= window.innerHeight || top < GAP + high;
    tip.style.left = within(left, wide, window.innerWidth);
    tip.style.top = within(below ? bottom + GAP : top - GAP - high, high, window.innerHeight);
  };
  const show = (one) => {
    if (one === word) return;
    hide();
    const term = terms.at(Number(one.dataset.term));
    if (!term) return;
    word = one;
    box.replaceChildren(...told(term));
    tip.hidden = false;
    word.setAttribute("aria-describedby", "dr-term");
    place();
  };
  /* What moved may be the word that has the focus, which Tab brought into view. */
  const moved = () => {
    if (!word) return;
    if (word === document.activeElement) place();
    else hide();
  };
  const wordOf = ({ target }) => (target && target.closest ? target.closest(MARKED) : null);
  const follow = (happened) => {
    if (tip.contains(happened.target)) return;
    const one = wordOf(happened);
    if (one) show(one);
    else hide();
  };
  ["pointerover", "focusin", "click"].forEach((kind) => document.addEventListener(kind, follow));
  document.addEventListener("focusout", () => hide());
  window.addEventListener("resize", moved);
  document.addEventListener("scroll", moved, { capture: true, passive: true });
  document.addEventListener(
    "keydown",
    (press) => {
      if (press.key === "Escape" && hide()) press.preventDefault();
    },
    true,
  );
  /* What is made anew under the pointer takes the word away. */
  const refresh = () => {
    if (word && !word.isConnected) hide();
  };
  return { box: tip, refresh };
};
