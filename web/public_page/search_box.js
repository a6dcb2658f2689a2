// The search for a road as a combobox: all hits are offered with what they say in the chosen rain.
import { find, findAll, html, named } from "./dom.js";
import { nameOf } from "./names.js";
import { matches } from "./search.js";
import { counted, say } from "./words.js";

const MOST_HITS = 50;

export function createSearch(page) {
  const input = find("#asked");
  const list = find("#hits");
  let found = [];
  let active = -1;

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function look() {
    if (!input.value.trim()) return close();
    const hits = matches(page.town.roads, input.value);
    found = hits.slice(0, MOST_HITS);
    const rows = found.map((road, k) =>
      html(
        "li",
        { role: "option", id: `hit-${k}`, click: () => take(road) },
        html("b", {}, named(nameOf(road))),
        html("small", {}, stateOf(road)),
      ),
    );
    const none = html(
      "li",
      { role: "option", class: "none", "aria-disabled": "true", "aria-selected": "false" },
      say("hit_none"),
    );
    list.replaceChildren(...(rows.length ? rows : [none]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    activate(found.length ? 0 : -1);
    page.tellStatus(hits.length ? readOut(hits) : say("hit_none"));
    return undefined;
  }

  /** How many there are, then the first of them. */
  const readOut = (hits) => counted("hits", hits.length) + hits.slice(0, 8).map(nameOf).join(say("comma"));

  function stateOf(road) {
    const wet = road.stretches.filter(({ index }) => page.state.rain.depth[index]).length;
    return wet ? counted("hit_wet", wet) : say("hit_dry");
  }

  function activate(k) {
    active = k;
    findAll("[id^=hit-]", list).forEach((row, own) => {
      row.setAttribute("aria-selected", String(own === k));
      if (own === k && list.scrollHeight > list.clientHeight) row.scrollIntoView({ block: "nearest" });
    });
    if (k < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `hit-${k}`);
  }

  function take(road) {
    input.value = "";
    close();
    input.blur();
    page.go(road.stretches.length === 1 ? { stretch: road.stretches[0] } : { road });
  }

  input.addEventListener("input", look);
  input.addEventListener("focus", look);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || list.hidden || !found.length) return;
    event.preventDefault();
    activate((active + step + found.length) % found.length);
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  find("#find").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!list.hidden && found[active]) take(found[active]);
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  return { isOpen: () => !list.hidden, close };
}
