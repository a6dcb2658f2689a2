// What the page is, what it knows and what not, and how old it is.
import { ageInDays, isOld, monthsOf } from "../age.js";
import { find, html } from "../dom.js";
import { box, heading, legend, lineAbove, paragraph } from "../pieces.js";
import { judgedPercent } from "../town.js";
import { counted, inLanguage, joined, say, span } from "../words.js";

/** The few words of the field that the page uses, as the glossary has them. */
const explained = ({ terms = [] }) =>
  terms.map(([name, says]) => html("p", {}, html("b", {}, inLanguage(name)), say("colon"), inLanguage(says)));

export function aboutView(page) {
  const { town } = page;
  const rows = {
    about_what_title: say("about_what"),
    about_data_title: dataText(town),
    about_age_title: ageText(town),
    about_rain_title: rainText(town),
    about_depth_title: [say("about_depth"), sources(town)],
    about_terms_title: explained(page),
    about_places_title: say("about_places"),
    about_unknown_title: say("about_unknown"),
    about_privacy_title: say(town.post ? "about_privacy_post" : "about_privacy"),
  };
  return [
    lineAbove(page, { text: say("back"), shared: true }),
    heading(say("about")),
    legend(town),
    isOld(ageInDays(town.made))
      ? box("warn", paragraph("", say("age_old", { months: monthsOf(ageInDays(town.made)) })))
      : null,
    html(
      "dl",
      { class: "about" },
      Object.entries(rows).map(([title, text]) => [html("dt", {}, say(title)), html("dd", {}, text)]),
    ),
    code(town),
  ];
}

function dataText(town) {
  const days = say(town.before ? "about_data_before" : town.date ? "about_data" : "about_data_undated", {
    date: town.date,
    before: town.before,
  });
  const judged = town.judged < 1 ? say("about_judged", { percent: judgedPercent(town) }) : "";
  return joined([town.synthetic ? say("about_data_demo") : "", days, judged]);
}

/** From what the limits of passing are taken, way by way. */
const sources = ({ passing }) =>
  html(
    "ul",
    {},
    Object.entries(passing.sources ?? {}).map(([way, [zh, en]]) =>
      html("li", {}, say(`way_${way}`), say("colon"), inLanguage({ zh, en })),
    ),
  );

const ageText = (town) => say("about_age", { made: town.made, age: age(ageInDays(town.made)) });

function age(days) {
  if (days === null) return "?";
  if (days === 0) return say("age_today");
  return days < 61 ? counted("age_days", days) : counted("age_months", monthsOf(days));
}

function rainText({ rains, formula }) {
  const spans = new Set(rains.map((rain) => rain.minutes));
  const texts = [say("about_rain")];
  if (spans.size === 1) texts.push(say("about_rain_span", { span: span(rains[0].minutes) }));
  if (formula?.name === "demo") texts.push(say("about_rain_demo"));
  else if (formula && !formula.verified)
    texts.push(say("about_rain_unverified", { name: formulaName(formula.name) }));
  return joined(texts);
}

const formulaName = (name) => (name && typeof name === "object" ? inLanguage(name) : String(name ?? ""));

/** The code that opens the page on another phone: the one that Python drew for paper. */
function code({ url }) {
  const drawing = find("#code svg");
  if (!url || !drawing) return null;
  const copy = drawing.cloneNode(true);
  copy.setAttribute("class", "code");
  copy.setAttribute("aria-hidden", "true");
  return html("div", { class: "code-box" }, copy, html("p", {}, say("about_qr"), html("small", {}, url)));
}
