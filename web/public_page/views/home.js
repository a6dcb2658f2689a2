// The first view: how many stretches flood in the chosen rain, how deep, and which.
import { html, icon, named } from "../dom.js";
import { ageInDays, isOld, monthsOf } from "../age.js";
import { nameOf, placeOf } from "../names.js";
import {
  box,
  depthCounts,
  floodedTitle,
  foot,
  forSpan,
  gradeMark,
  heading,
  legend,
  longList,
  paragraph,
  row,
  seenMark,
  wetRow,
} from "../pieces.js";
import { wholeName } from "../rains.js";
import { gradeOf, isAllClear, isLikelyBlocked, isMostlyJudged, judgedPercent, unexplained } from "../town.js";
import { about, counted, month, say } from "../words.js";

export function homeView(page) {
  const {
    town,
    state: { rain },
  } = page;
  const seen = unexplained(town, rain);
  if (!rain.wet.length) {
    const solved = rain.solved.size
      ? html(
          "div",
          { class: "actions" },
          html(
            "a",
            { class: "button", href: page.link({ view: "solved" }) },
            icon("done"),
            counted("solved", rain.solved.size),
          ),
        )
      : null;
    return [
      heading(floodedTitle(town, rain), paragraph("lead", wholeName(rain)), asOf(town)),
      oldWarning(town),
      isAllClear(town, rain)
        ? box("good", paragraph("", say("flooded_none_why")))
        : box("warn", elsewhere(rain, ""), unjudged(town, "")),
      solved,
      seenList(page, seen),
      foot(page),
    ];
  }
  return [
    answer(page),
    oldWarning(town),
    legend(town, depthCounts(town, rain)),
    seenCount(page, seen),
    roadList(page),
    elsewhere(rain),
    unjudged(town),
    seenList(page, seen),
    foot(page),
  ];
}

function answer({ town, state: { rain } }) {
  const counts = depthCounts(town, rain);
  const closed = counts[2] + counts[3] + counts[4];
  const deepest = say("deepest", { depth: about(rain.depth[rain.wet[0]]) });
  return heading(
    floodedTitle(town, rain),
    paragraph("lead", deepest, closed ? counted("no_cars", closed) : ""),
    asOf(town),
  );
}

const asOf = ({ date }) => (date ? paragraph("", say("as_of", { date })) : null);

/** Water at places that lie on no named road: counted, so that nobody takes the list for all. */
const elsewhere = (rain, look = "fine") =>
  rain.elsewhere ? paragraph(look, counted("elsewhere", rain.elsewhere)) : null;

const unjudged = (town, look = "fine") =>
  isMostlyJudged(town)
    ? null
    : paragraph(look, say("judged_partly", { percent: judgedPercent(town) }));

function oldWarning({ made }) {
  const days = ageInDays(made);
  return isOld(days) ? box("warn", paragraph("", say("age_old", { months: monthsOf(days) }))) : null;
}

/** Flooded roads, the deepest first; a road of several flooded stretches in one row. */
function roadList(page) {
  const {
    town,
    state: { rain },
  } = page;
  const byRoad = new Map();
  for (const k of rain.wet) {
    const stretch = town.stretches[k];
    byRoad.set(stretch.road, [...(byRoad.get(stretch.road) ?? []), stretch]);
  }
  const roads = [...byRoad.values()].sort(
    (one, other) => rain.depth[other[0].index] - rain.depth[one[0].index] || other.length - one.length,
  );
  return longList(
    roads.map(
      (stretches) => () => (stretches.length > 1 ? roadRow(page, stretches) : wetRow(page, stretches[0])),
    ),
  );
}

function roadRow(page, stretches) {
  const {
    town,
    state: { rain },
  } = page;
  const { road, index } = stretches[0];
  const cm = rain.depth[index];
  const longest = Math.max(...stretches.map((one) => rain.minutesOf[one.index]));
  return row({
    to: page.link({ road }),
    mark: gradeMark(gradeOf(town, cm), cm),
    title: named(nameOf(road)),
    under: say("more_stretches", { count: stretches.length }),
    value: about(cm),
    valueUnder: forSpan(longest),
    key: road.slug,
  });
}

const seenCount = (page, seen) =>
  seen.length
    ? html(
        "p",
        { class: "seen-key" },
        seenMark(),
        html("a", { href: "#seen-list", click: toSeen }, counted("seen_only_count", seen.length)),
      )
    : null;

/** The link stays within the list: the address holds the state of the page, no place in it. */
function toSeen(event) {
  event.preventDefault();
  const list = document.getElementById("seen-list");
  list.scrollIntoView();
  list.focus();
}

function seenList(page, seen) {
  if (!seen.length) return null;
  const blocked = seen.every((one) => isLikelyBlocked(page.town, one));
  const rows = seen.map((one) => () => {
    const stretch = page.town.stretches[one.stretch];
    return row({
      to: page.link({ stretch }),
      mark: seenMark(),
      title: named(nameOf(stretch.road)),
      under: placeOf(stretch),
      value: one.cm ? about(one.cm) : "",
      valueUnder: one.month ? month(one.month) : "",
      key: `seen-${stretch.slug}`,
    });
  });
  return [
    html("h3", { id: "seen-list", tabindex: "-1" }, say("seen_only")),
    paragraph("fine", say(blocked ? "seen_only_why" : "seen_only_but")),
    longList(rows, 20),
  ];
}
