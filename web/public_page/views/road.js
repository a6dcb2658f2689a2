// One road, stretch by stretch: where water is computed, where it was reported, then the others.
import { named } from "../dom.js";
import { nameOf, placeOf } from "../names.js";
import { box, heading, lineAbove, longList, markOf, paragraph, row, wetRow } from "../pieces.js";
import { wholeName } from "../rains.js";
import { unexplained } from "../town.js";
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
  const seen = new Set(unexplained(page.town, rain).map((one) => one.stretch));
  const rankOf = ({ index }) => (rain.depth[index] ? 0 : seen.has(index) ? 1 : 2);
  const rows = [0, 1, 2].flatMap((rank) =>
    road.stretches
      .filter((stretch) => rankOf(stretch) === rank)
      .map((stretch) => () =>
        rank ? dryRow(page, stretch, rank === 1) : wetRow(page, stretch, { byPlace: true }),
      ),
  );
  return [
    lineAbove(page, { shared: true }),
    heading(title, paragraph("", wholeName(rain))),
    wet.length ? null : box("plain", paragraph("", say("dry_promise"))),
    longList(rows),
  ];
}

function dryRow(page, stretch, seen) {
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
    value: say(seen ? "seen" : "dry"),
    valueUnder: "",
    key: stretch.slug,
  });
}
