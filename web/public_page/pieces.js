// What several views are made of: marks, rows, the legend, the line at the top and at the foot.
import { drawn, html, icon, named } from "./dom.js";
import { gradeName, gradeRange, nameOf, placeOf } from "./names.js";
import { wholeName } from "./rains.js";
import { gradeOf, isAllClear, isMost, unexplained } from "./town.js";
import { about, counted, say, span } from "./words.js";

/** The mark of a grade, with the depth in it. */
export function gradeMark(grade, text = "") {
  const shape = drawn("use", {
    class: `grade-${grade}`,
    href: `#grade-${grade}`,
    x: -18,
    y: -18,
    width: 36,
    height: 36,
  });
  const digits = drawn("text", { y: grade === 2 ? 4 : 1 }, String(text));
  return drawn(
    "svg",
    { class: `mark grade-${grade}`, viewBox: "-18 -18 36 36", "aria-hidden": "true" },
    shape,
    digits,
  );
}

export const seenMark = () =>
  drawn(
    "svg",
    { class: "mark seen", viewBox: "-18 -18 36 36", "aria-hidden": "true" },
    drawn("use", { href: "#seen", x: -18, y: -18, width: 36, height: 36 }),
  );

/** The mark of a stretch in a rain: its depth, solved, or dry. */
export function markOf(page, stretch) {
  const { rain } = page.state;
  const cm = rain.depth[stretch.index];
  if (cm) return gradeMark(gradeOf(page.town, cm), cm);
  if (rain.solved.has(stretch.index)) return icon("done", "mark done");
  if (unexplained(page.town, rain).some((one) => one.stretch === stretch.index)) return seenMark();
  return icon("dry", "mark dry");
}

/** A row of a list that leads to a view. */
export function row({ to, mark, title, under, value, valueUnder, key }) {
  const name = html("span", { class: "name" }, html("b", {}, title), html("small", {}, under));
  const amount = html("span", { class: "value" }, html("b", {}, value), html("small", {}, valueUnder));
  return html("li", {}, html("a", { class: "row", href: to, "data-row": key }, mark, name, amount));
}

export const forSpan = (minutes) =>
  say(isMost.minutes(minutes) ? "for_span_above" : "for_span", { span: span(minutes) });

/** The row of a flooded stretch, by the name of its road or, on the page of the road, by its place. */
export function wetRow(page, stretch, { byPlace = false, value, valueUnder } = {}) {
  const { rain } = page.state;
  const cm = rain.depth[stretch.index];
  const lasting = forSpan(rain.minutesOf[stretch.index]);
  return row({
    to: page.link({ stretch }),
    mark: markOf(page, stretch),
    title: byPlace ? placeOf(stretch) : named(nameOf(stretch.road)),
    under: byPlace ? lasting : placeOf(stretch),
    value: value ?? about(cm),
    valueUnder: valueUnder ?? (byPlace ? "" : lasting),
    key: stretch.slug,
  });
}

/** Rows of which the first are shown and the rest on request. */
export function longList(rows, most = 40) {
  const list = html(
    "ul",
    { class: "list" },
    rows.slice(0, most).map((make) => make()),
  );
  if (rows.length <= most) return [list];
  let shown = most;
  const left = () => say("show_more", { count: Math.min(most, rows.length - shown) });
  const more = html("button", { class: "button", click: showMore }, left());
  function showMore() {
    const first = list.children.length;
    list.append(...rows.slice(shown, shown + most).map((make) => make()));
    shown += most;
    if (shown >= rows.length) more.remove();
    else more.textContent = left();
    list.children[first]?.querySelector("a")?.focus();
  }
  return [list, html("div", { class: "actions" }, more)];
}

/** Grades with their bounds and what to do; with counts it is the answer in numbers too. */
export function legend(town, counts) {
  return html(
    "ul",
    { class: "legend", "aria-label": say("depth_legend") },
    [1, 2, 3, 4].map((grade) =>
      html(
        "li",
        {},
        gradeMark(grade),
        counts ? html("em", {}, String(counts[grade])) : null,
        html("b", {}, gradeName(town, grade)),
        html("span", {}, gradeRange(town, grade)),
        html("span", {}, say(`grade_action_${grade}`)),
      ),
    ),
  );
}

/** The line above a view that is one step below the first. */
export function lineAbove(page, { to = page.link({}), text = say("all_stretches"), shared = false } = {}) {
  const back = html("a", { class: "text-button", href: to }, icon("back"), text);
  const share = html(
    "button",
    { class: "icon-button", id: "share", "aria-label": say("share"), click: () => page.share() },
    icon("share"),
  );
  return html("div", { class: "above" }, back, shared ? share : null);
}

export function heading(text, ...lines) {
  return html("div", { class: "head" }, html("h2", { tabindex: "-1" }, text), lines);
}

export const paragraph = (look, ...content) => html("p", { class: look || null }, content);
export const box = (look, ...content) => html("div", { class: `box ${look}` }, content);

/** What is always said: the rain, the day, and that it is no forecast. */
export function foot(page) {
  const { town, state } = page;
  const said = say(town.date ? "foot" : "foot_undated", { rain: wholeName(state.rain), date: town.date });
  return paragraph(
    "fine foot",
    said,
    " ",
    town.synthetic ? [say("foot_demo"), " "] : [],
    html("a", { href: page.link({ view: "about" }) }, say("about")),
  );
}

export const depthCounts = (town, rain) => {
  const counts = [0, 0, 0, 0, 0];
  for (const k of rain.wet) counts[gradeOf(town, rain.depth[k])] += 1;
  return counts;
};

export const floodedTitle = (town, rain) => {
  if (rain.wet.length) return counted("flooded", rain.wet.length);
  return say(isAllClear(town, rain) ? "flooded_none" : "flooded_none_partly");
};
