// What the works have solved in the chosen rain, since when, and up to which rain it stays so.
import { html, icon, named } from "../dom.js";
import { nameOf, placeOf } from "../names.js";
import { heading, longList, paragraph, row } from "../pieces.js";
import { shortName, wholeName } from "../rains.js";
import { centimetres, counted, month, say } from "../words.js";

export function solvedView(page) {
  const {
    town,
    state: { rain },
  } = page;
  const solved = [...rain.solved.keys()].sort((one, other) => rain.before[other] - rain.before[one]);
  const rows = solved.map((k) => () => solvedRow(page, town.stretches[k]));
  return [
    heading(
      solved.length ? counted("solved", solved.length) : say("solved_none"),
      paragraph("lead", wholeName(rain)),
      solved.length
        ? paragraph("", say("solved_what", { before: month(town.before), now: month(town.date) }))
        : null,
      paragraph("", others(rain)),
    ),
    longList(rows),
  ];
}

/** What has changed besides: still wet, shallower, deeper. */
function others(rain) {
  const changed = (test) => rain.depth.filter((now, k) => test(now, rain.before[k])).length;
  const counts = {
    solved_still: rain.wet.length,
    solved_better: changed((now, before) => now && now < before),
    solved_worse: changed((now, before) => before && now > before),
  };
  const said = Object.entries(counts)
    .filter(([, count]) => count)
    .map(([key, count]) => counted(key, count));
  return said.map((text) => text + say("full_stop")).join("");
}

function solvedRow(page, stretch) {
  const {
    town,
    state: { rain },
  } = page;
  const later = town.rains.find((other) => other.mm > rain.mm && other.depth[stretch.index]);
  const until = later ? say("solved_until", { rain: shortName(later) }) : say("solved_up_to");
  return row({
    to: page.link({ stretch }),
    mark: icon("done", "mark done"),
    title: named(nameOf(stretch.road)),
    under: [placeOf(stretch), town.rains.length > 1 ? html("span", { class: "line" }, until) : null],
    value: say("before_cm", { depth: centimetres(rain.before[stretch.index]) }),
    valueUnder: say("since_month", { month: month(town.days[rain.solved.get(stretch.index)]) }),
    key: stretch.slug,
  });
}
