// How heavy the rain is: a word, and within it the return period. On a narrow screen both fold into one line.
import { find, html } from "./dom.js";
import { alike, amount, entered, gradeOfRain, shortName } from "./rains.js";
import { say, sayWith, span } from "./words.js";

export function createRainPicker(page) {
  const { rains } = page.town;
  const picker = find("#rain");
  const opener = find("#rain-open");
  const grades = [...new Set(rains.map((rain) => rain.grade))].sort((one, other) => one - other);

  function show() {
    const { rain } = page.state;
    find("#grades").replaceChildren(...gradeChoices(grades, rain));
    find("#years").replaceChildren(...yearChoices(rains, rain, grades.length > 1));
    find("#amount").replaceChildren(
      ...sayWith("amount", {
        span: span(rain.minutes),
        depth: html("b", {}, say("amount_mm", { mm: rain.mm })),
      }),
    );
    const name = rain.years ? `${gradeOfRain(rain)} · ${shortName(rain)}` : gradeOfRain(rain);
    opener.replaceChildren(html("b", {}, name), html("small", {}, amount(rain)));
  }

  function choose(rain, group) {
    page.replace({ rain });
    find(`#${group} input:checked`)?.focus();
  }

  find("#grades").addEventListener("change", ({ target }) =>
    choose(entered(page.town, Number(target.value)), "grades"),
  );
  find("#years").addEventListener("change", ({ target }) =>
    choose(
      rains.find((rain) => rain.key === target.value),
      "years",
    ),
  );

  function unfold(open) {
    picker.classList.toggle("open", open);
    picker.parentElement.classList.toggle("choosing", open);
    opener.setAttribute("aria-expanded", String(open));
    (open ? find("#rain input:checked") : opener)?.focus();
  }

  opener.addEventListener("click", () => unfold(!picker.classList.contains("open")));
  find("#rain-done").addEventListener("click", () => unfold(false));
  return { show, isOpen: () => picker.classList.contains("open"), close: () => unfold(false) };
}

function choice(group, value, text, chosen, said) {
  const input = html("input", { type: "radio", name: group, value, checked: chosen, "aria-label": said });
  return html("label", { class: chosen ? "on" : null }, input, html("span", {}, text));
}

const gradeChoices = (grades, rain) =>
  grades.length > 1
    ? grades.map((grade) => choice("grade", grade, say(`rain_grade_${grade}`), grade === rain.grade))
    : [];

/** Return periods of the same word; where a rain has none, its amount. */
function yearChoices(rains, rain, graded) {
  const own = alike(rains, rain.grade);
  if (own.length < 2) {
    const name = graded
      ? rain.years
        ? shortName(rain)
        : ""
      : [gradeOfRain(rain), rain.years ? shortName(rain) : ""].filter(Boolean).join(" · ");
    return [html("b", {}, name)];
  }
  const text = (one) => (one.years ? String(one.years) : say("amount_mm", { mm: one.mm }));
  const chips = own.map((one) =>
    choice("years", one.key, text(one), one === rain, one.years ? shortName(one) : undefined),
  );
  return own.every((one) => one.years) ? sayWith("years_row", { years: chips }).flat() : chips;
}
