// One road, stretch by stretch; dry ones are named too.
import { named } from "../dom.js";
import { nameOf, placeOf } from "../names.js";
import { box, heading, lineAbove, longList, markOf, paragraph, row, wetRow } from "../pieces.js";
import { wholeName } from "../rains.js";
import { month, say, sayWith } from "../words.js";

export function roadView(page) {
  const { road, rain } = page.state;
  const wet = road.stretches.filter((stretch) => rain.depth[stretch.index]);
  const name = named(nameOf(road));
  const title = sayWith(wet.length ? "flooded_road" : "flooded_road_none", {
    road: name,
    all: String(road.stretches.length),
    count: String(wet.length),
  });
  const rows = road.stretches.map(
    (stretch) => () =>
      rain.depth[stretch.index] ? wetRow(page, stretch, { byPlace: true }) : dryRow(page, stretch),
  );
  return [
    lineAbove(page, { shared: true }),
    heading(title, paragraph("", wholeName(rain))),
    wet.length ? null : box("plain", paragraph("", say("dry_promise"))),
    longList(rows),
  ];
}

function dryRow(page, stretch) {
  const {
    town,
    state: { rain },
  } = page;
  const day = rain.solved.get(stretch.index);
  return row({
    to: page.link({ stretch }),
    mark: markOf(page, stretch),
    title: placeOf(stretch),
    under: day === undefined ? "" : say("since_month", { month: month(town.days[day]) }),
    value: say("dry"),
    valueUnder: "",
    key: stretch.slug,
  });
}
