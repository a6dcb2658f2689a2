/* The top of the page: its name, the questions, search, and what concerns the whole page. */
import { h, iconButton, refill } from "./dom.js";
import { answerOf } from "./asking/questions.js";
import { searchBox } from "./search_box.js";

export const headerOf = (desk) => {
  const { words } = desk.model,
    header = document.querySelector("header");
  const brand = h("div", { class: "dr-brand" });
  brand.append(...header.childNodes);
  const tabs = h("nav", { class: "dr-questions", "aria-label": words.questions });
  const acts = h("div", { class: "dr-acts" });
  const search = searchBox(desk);
  header.append(brand, tabs, search.box, acts);
  tabs.hidden = desk.questions.length < 2;

  const keyed = ({ title }, n) => (n < 9 ? `${title} (${n + 1})` : title);
  const tab = (question, n) => {
    const asked = question.periods[desk.state.period],
      { count } = answerOf(question, desk.state.period),
      term = desk.terms.question(question.key);
    return h(
      "button",
      {
        type: "button",
        "data-at": `question ${question.key}`,
        "data-question": question.key,
        "aria-disabled": asked ? null : "true",
        "aria-pressed": String(question === desk.question()),
        "data-term": term,
        title: asked ? (term === null ? keyed(question, n) : null) : `${question.title}: ${words.not_asked}`,
        click: () => (asked ? desk.ask(question.key) : desk.say(`${question.title}: ${words.not_asked}`)),
      },
      question.title,
      asked ? null : h("small", { text: words.not_asked }),
      count === null || count === undefined ? null : h("b", { text: desk.model.number(count) }),
    );
  };
  /* The edge fades where more tabs lie beyond it. */
  const fade = () => {
    const { scrollLeft, clientWidth, scrollWidth } = tabs;
    tabs.classList.toggle("dr-came-from", scrollLeft > 2);
    tabs.classList.toggle("dr-goes-on", scrollLeft + clientWidth < scrollWidth - 2);
  };
  tabs.addEventListener("scroll", fade, { passive: true });
  window.addEventListener("resize", fade);
  const refresh = () => {
    refill(tabs, desk.questions.map(tab));
    const chosen = tabs.querySelector("[aria-pressed=true]");
    if (chosen && chosen.scrollIntoView) chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
    search.refresh();
    fade();
  };
  acts.append(
    iconButton("link", words.share, { bare: true, click: () => desk.share() }),
    iconButton("theme", words.theme, { bare: true, "data-at": "theme", click: () => desk.turnTheme() }),
    iconButton("print", words.print, { bare: true, class: "dr-ic dr-printing", click: () => window.print() }),
    iconButton("help", words.help, { bare: true, "data-at": "help", click: () => desk.help() }),
  );
  return { refresh, search };
};

/* The chief figures of all periods, the one that is shown in bold; a comparison has them above the map. */
export const barOf = (desk) => {
  const { data } = desk.model,
    bar = document.getElementById("dr-bar") || h("section", { id: "dr-bar" });
  bar.setAttribute("aria-label", desk.model.words.figures);
  document.querySelector("header").after(bar);
  const one = ({ label, unit, values }) => {
    const known = values.map((value, k) => ({ value, k })).filter(({ value }) => value !== null);
    return h(
      "div",
      null,
      h("dt", { text: label }),
      h(
        "dd",
        null,
        known.map(({ value, k }, n) => [
          n ? " → " : null,
          h(k === desk.state.period ? "b" : "span", { text: desk.model.number(value) }),
        ]),
        unit ? ` ${unit}` : null,
      ),
    );
  };
  const refresh = () => {
    const period = data.periods[desk.state.period];
    const figures = (data.figures || []).map(one);
    refill(
      bar,
      data.periods.length > 1 ? h("p", { class: "dr-period", text: period.label }) : null,
      figures.length ? h("dl", null, figures) : null,
    );
    bar.hidden = !bar.children.length;
    bar.classList.toggle("dr-compared", data.periods.length > 1 && figures.length > 0);
  };
  return { refresh };
};
