// One stretch: how deep, for how long, who can pass, which way round, and how it is in other rains.
import { html, icon, named } from "../dom.js";
import { wayRound, hasOtherWay } from "../detour.js";
import { away } from "../geometry.js";
import { bodyMark, gradeName, nameOf, placeOf } from "../names.js";
import { box, lineAbove, markOf, paragraph } from "../pieces.js";
import { amount, shortName, wholeName } from "../rains.js";
import { gradeOf, isLikelyBlocked, isMost, unexplained, UNIT_M } from "../town.js";
import { about, distance, joined, month, say, sayWith, span } from "../words.js";
import { scene } from "./scene.js";

const WAYS = ["walk", "bike", "car", "bus"];
const SIGNS = ["✓", "!", "✕"];

export function stretchView(page) {
  const { stretch, rain } = page.state;
  const cm = rain.depth[stretch.index];
  return [
    lineAbove(page, { shared: true }),
    titleLine(page, stretch),
    cm ? wetPart(page, stretch, cm) : dryPart(page, stretch),
    works(page, stretch),
    otherRains(page, stretch),
    sightings(page, stretch),
    html(
      "div",
      { class: "actions" },
      html(
        "a",
        { class: "button main", href: page.link({ view: "report" }), click: () => page.tell(stretch) },
        icon("tell"),
        say("report_here"),
      ),
      html(
        "a",
        { class: "button", href: page.link({ road: stretch.road }) },
        html("span", {}, sayWith("to_road", { road: named(nameOf(stretch.road)) })),
      ),
    ),
  ];
}

function titleLine(page, stretch) {
  const { me } = page;
  const from = me?.point
    ? ` · ${say("away", { distance: distance(away(me.point, stretch.line) * UNIT_M) })}`
    : "";
  return html(
    "div",
    { class: "title" },
    markOf(page, stretch),
    html(
      "div",
      {},
      html("h2", { tabindex: "-1" }, named(nameOf(stretch.road))),
      html("p", {}, placeOf(stretch, "between_long"), from),
    ),
  );
}

function wetPart(page, stretch, cm) {
  const { town } = page;
  const adult = say("body_adult", { mark: bodyMark(town, cm) });
  const child = say("body_child", { mark: bodyMark(town, cm * town.passing.body.child_share) });
  return [
    paragraph("big", gradeName(town, gradeOf(town, cm)), say("comma"), about(cm)),
    paragraph("soft", adult, say("semicolon"), child),
    scene(cm, about(cm) + say("comma") + adult),
    facts(page, stretch),
    html("h3", {}, say("pass")),
    passing(town, cm),
    html("h3", {}, say("detour")),
    detour(page, stretch),
  ];
}

function facts({ town, state: { rain } }, stretch) {
  const [lasting, after] = [rain.minutesOf[stretch.index], rain.after[stretch.index]];
  return html(
    "dl",
    { class: "facts" },
    fact(
      say("how_long"),
      say(isMost.minutes(lasting) ? "how_long_above" : "how_long_least", { span: span(lasting) }),
      after
        ? say(isMost.after(after) ? "drains_after_above" : "drains_after", { span: span(after) })
        : say("drains_once"),
    ),
    town.rains.length > 1 ? floodedFrom(town, stretch) : null,
  );
}

const fact = (title, value, under) =>
  html("div", {}, html("dt", {}, title), html("dd", {}, value, under ? html("small", {}, under) : null));

function floodedFrom(town, stretch) {
  const first = town.rains.find((rain) => rain.depth[stretch.index]);
  if (!first) return null;
  return fact(
    say("flooded_from"),
    say("flooded_from_rain", { rain: shortName(first), amount: amount(first) }),
  );
}

function passing(town, cm) {
  const grade = gradeOf(town, cm) - 1;
  const rows = WAYS.map((way, k) => {
    const word = town.passing.who[k][grade];
    return html(
      "li",
      {},
      icon(way),
      html(
        "span",
        { class: "name" },
        html("b", {}, say(`way_${way}`)),
        html("small", {}, say(`why_${way}_${word}`, { speed: town.passing.speed_kmh })),
      ),
      html(
        "span",
        { class: `tag pass-${word}` },
        html("i", { "aria-hidden": "true" }, SIGNS[word]),
        say(`pass_${word}`),
      ),
    );
  });
  return [html("ul", { class: "passing" }, rows), paragraph("fine", say("pass_limits"))];
}

function detour(page, stretch) {
  const {
    town,
    state: { rain },
  } = page;
  const way = wayRound(town, rain, stretch);
  if (!way)
    return box("bad", paragraph("", say(hasOtherWay(town, stretch) ? "detour_none" : "detour_no_way")));
  const roads = way.roads.map((road) => nameOf(road)).join(say("then"));
  const same = !way.shallow && way.more < 50;
  const key = way.shallow ? "detour_shallow" : same ? "detour_dry_same" : "detour_dry";
  return box(
    "way",
    paragraph("", say(key, { roads, distance: distance(way.more), cm: town.passing.up[0] })),
    paragraph("fine", say("detour_limits")),
  );
}

function dryPart(page, stretch) {
  const {
    town,
    state: { rain },
  } = page;
  const seen = unexplained(town, rain).find((one) => one.stretch === stretch.index);
  const from = town.rains.length > 1 ? floodedFrom(town, stretch) : null;
  return [
    paragraph("big", say("dry_stretch")),
    paragraph("soft", wholeName(rain)),
    seen
      ? box("warn", paragraph("", say(isLikelyBlocked(town, seen) ? "seen_only_why" : "seen_only_but")))
      : paragraph("fine", say("dry_promise")),
    from ? html("dl", { class: "facts" }, from) : null,
  ];
}

function works({ town, state: { rain } }, stretch) {
  const [now, before] = [rain.depth[stretch.index], rain.before[stretch.index]];
  if (!before || before === now) return null;
  const day = rain.solved.get(stretch.index);
  const texts = [say("history_now", { before: about(before), now: now ? about(now) : say("dry") })];
  if (!now && day !== undefined) texts.push(say("history_done", { month: month(town.days[day]) }));
  if (now > before) texts.push(say("history_deeper"));
  return [html("h3", {}, say("history")), box(now > before ? "plain" : "good", paragraph("", joined(texts)))];
}

/** The depth here in each rain as a strip of bars, each a link to that rain. */
function otherRains(page, stretch) {
  const { town, state } = page;
  if (town.rains.length < 2) return null;
  const most = Math.max(40, ...town.rains.map((rain) => rain.depth[stretch.index]));
  const bars = town.rains.map((rain) => {
    const cm = rain.depth[stretch.index];
    const said = wholeName(rain) + say("colon") + (cm ? about(cm) : say("dry"));
    return html(
      "li",
      {},
      html(
        "a",
        { href: page.link({ rain, stretch }), "aria-current": rain === state.rain ? "true" : null },
        html("span", { class: "hidden" }, said),
        html("b", { "aria-hidden": "true" }, cm ? String(cm) : "–"),
        html("i", { class: `grade-${gradeOf(town, cm)} high-${Math.round((cm / most) * 12)}` }),
        html(
          "span",
          { "aria-hidden": "true" },
          rain.years ? String(rain.years) : say(`rain_short_${rain.grade}`),
        ),
      ),
    );
  });
  return [
    html("h3", {}, say("other_rains")),
    html("ul", { class: "bars" }, bars),
    paragraph("fine", say("other_rains_key")),
  ];
}

function sightings({ town }, stretch) {
  const own = town.sightings.filter((one) => one.stretch === stretch.index);
  if (!own.length) return null;
  const rows = own.map((one) => html("li", {}, sighting(one)));
  return [html("h3", {}, say("seen")), html("ul", { class: "seen-rows" }, rows)];
}

/** Month and depth of a report, as far as they were told. */
function sighting({ month: seen, cm }) {
  if (seen && cm) return say("seen_at", { month: month(seen), depth: about(cm) });
  return seen ? month(seen) : cm ? about(cm) : say("seen_once");
}
