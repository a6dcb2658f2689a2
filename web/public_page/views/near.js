// What floods near the reader.
import { find, html, icon, named } from "../dom.js";
import { nearestFirst } from "../geometry.js";
import { nameOf, placeOf } from "../names.js";
import { box, heading, lineAbove, longList, markOf, paragraph, row } from "../pieces.js";
import { wholeName } from "../rains.js";
import { UNIT_M } from "../town.js";
import { about, distance, say, sayWith } from "../words.js";

const NEAR_M = 1000;
const MOST_ROWS = 8;

export function nearView(page) {
  const { me } = page;
  const above = lineAbove(page);
  if (!me || me.waiting) return [above, heading(say("listen"))];
  if (!me.point) return [above, refused(me)];
  const {
    town,
    state: { rain },
  } = page;
  const nearest = nearestFirst(town.stretches, me.point);
  const wet = nearest.filter(([, stretch]) => rain.depth[stretch.index]).slice(0, MOST_ROWS);
  const [first] = wet;
  const title =
    first && first[0] * UNIT_M < NEAR_M
      ? sayWith("near_first", { distance: distance(first[0] * UNIT_M), road: named(nameOf(first[1].road)) })
      : say("near_none");
  const rows = wet.map(
    ([units, stretch]) =>
      () =>
        row({
          to: page.link({ stretch }),
          mark: markOf(page, stretch),
          title: named(nameOf(stretch.road)),
          under: placeOf(stretch),
          value: say("away", { distance: distance(units * UNIT_M) }),
          valueUnder: about(rain.depth[stretch.index]),
          key: stretch.slug,
        }),
  );
  const on = sayWith("near_road", { road: named(nameOf(nearest[0][1].road)) });
  return [
    above,
    heading(title, paragraph("lead", on, " · ", wholeName(rain)), paragraph("", say("near_rough"))),
    longList(rows),
  ];
}

function refused({ far }) {
  const why = far ? say("near_far_why", { distance: distance(far) }) : say("near_refused_why");
  return [
    heading(say(far ? "near_far" : "near_refused")),
    box("bad", paragraph("", why)),
    html(
      "div",
      { class: "actions" },
      html(
        "button",
        { class: "button main", click: () => find("#asked").focus() },
        icon("find"),
        say("find_label"),
      ),
    ),
  ];
}
