/* A combobox: what is typed is looked for in everything that has a name or a number. */
import { h, icon } from "./dom.js";
import { ROADS, entriesOf, find } from "./asking/find.js";

export const searchBox = (desk) => {
  const { words } = desk.model;
  const input = h("input", {
    type: "text",
    id: "dr-q",
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": "dr-hits",
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: words.search,
    "aria-label": words.search_by,
    enterkeyhint: "search",
  });
  const hits = h("div", { id: "dr-hits", role: "listbox", "aria-label": words.search_by, hidden: true });
  const box = h(
    "div",
    { class: "dr-find", role: "search" },
    icon("search"),
    input,
    h("kbd", { "aria-hidden": "true", text: "/" }),
    hits,
  );
  let options = [],
    chosen = -1;

  const close = () => {
    hits.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (k) => {
    chosen = k;
    options.forEach(({ node }, n) => node.setAttribute("aria-selected", String(n === k)));
    if (k < 0) return;
    input.setAttribute("aria-activedescendant", options[k].node.id);
    options[k].node.scrollIntoView({ block: "nearest" });
  };
  const take = ({ hit }) => {
    close();
    input.value = hit.text;
    if (hit.kind === ROADS) desk.goToRoad(hit.road);
    else desk.pick(hit.ref, { fit: true, back: input });
  };
  const kindName = (kind) => (kind === ROADS ? words.roads : kind.label);
  const optionOf = (hit) => {
    const node = h(
      "div",
      { role: "option", id: `dr-hit-${options.length}`, "aria-selected": "false" },
      h("span", { text: hit.text }),
      hit.beside && hit.beside !== hit.text ? h("small", { text: hit.beside }) : null,
    );
    const option = { hit, node };
    node.addEventListener("mousedown", (press) => {
      press.preventDefault();
      take(option);
    });
    options.push(option);
    return node;
  };
  const show = async () => {
    const query = input.value.trim();
    if (!query) return close();
    await desk.whole();
    const found = find(entriesOf(desk.model, desk.state.period, desk.question()), query);
    options = [];
    hits.replaceChildren(
      ...found.map(({ kind, count, hits: best }, n) =>
        h(
          "div",
          { role: "group", "aria-labelledby": `dr-kind-${n}` },
          h(
            "div",
            { class: "dr-kind", id: `dr-kind-${n}` },
            h("span", { text: kindName(kind) }),
            h("span", { text: desk.model.number(count) }),
          ),
          best.map(optionOf),
        ),
      ),
    );
    if (!found.length)
      hits.append(
        h("div", {
          role: "option",
          "aria-disabled": "true",
          "aria-selected": "false",
          class: "dr-empty",
          text: words.not_found,
        }),
      );
    hits.hidden = false;
    input.setAttribute("aria-expanded", "true");
    choose(options.length ? 0 : -1);
    const all = found.reduce((n, { count }) => n + count, 0);
    desk.say(all ? `${desk.model.number(all)} ${words.hits}` : words.not_found);
    return undefined;
  };
  const KEYS = {
    ArrowDown: () => choose(Math.min(options.length - 1, chosen + 1)),
    ArrowUp: () => choose(Math.max(0, chosen - 1)),
    Enter: () => {
      if (!hits.hidden && options[chosen]) take(options[chosen]);
      else show();
    },
    Escape: () => {
      if (hits.hidden) input.value = "";
      close();
    },
  };
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 80);
  });
  input.addEventListener("focus", () => {
    if (input.value.trim()) input.select();
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (press) => {
    const act = KEYS[press.key];
    if (!act || (press.key === "Escape" && hits.hidden && !input.value)) return;
    press.preventDefault();
    press.stopPropagation();
    act();
  });
  return {
    box,
    refresh: () => {},
    focus: () => {
      input.focus();
      input.select();
    },
  };
};
