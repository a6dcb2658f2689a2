// The data of the page, read once: roads, their stretches between two crossings, and the water on them in each rain.
import { middleOf, steps } from "./geometry.js";

const CODES = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DEPTH_CM = 5;
const TIME_MIN = 15;
const AFTER_MIN = 10;
/** The highest class: what is beyond is told as this, see `drainage/publication/by_stretch.py`. */
const MOST = 40;
export const isMost = {
  minutes: (minutes) => minutes >= MOST * TIME_MIN,
  after: (minutes) => minutes >= MOST * AFTER_MIN,
};
/** Metres of a unit of the drawn map. */
export const UNIT_M = 5;

/** The town of the data that Python wrote; see `drainage/publication`. */
export function readTown(data) {
  const roads = readRoads(data.roads);
  const stretches = readStretches(data, roads);
  const rains = data.rains.map((rain) => readRain(rain, stretches.length));
  const town = {
    ...given(
      data,
      "city",
      "synthetic",
      "date",
      "before",
      "made",
      "days",
      "formula",
      "post",
      "url",
      "size",
      "geo",
    ),
    roads,
    stretches,
    rains,
    judged: data.judged ?? 1,
    opening: rains.find((rain) => rain.key === data.default) ?? rains[0],
    at: meetings(stretches),
    phones: data.tel.map(([number, zh, en, useZh, useEn]) => ({
      number,
      name: { zh, en },
      use: { zh: useZh, en: useEn },
    })),
    passing: data.pass,
    sightings: data.seen.map(([stretch, depth, seen]) => ({ stretch, cm: depth * DEPTH_CM, month: seen })),
    blocks: data.town.map(steps),
    rivers: data.river.map((line, k) => ({ line: steps(line), name: pair(data.rname[k]) })),
    waters: (data.water ?? []).map((line, k) => ({ line: steps(line), name: pair(data.wname?.[k]) })),
  };
  return { ...town, bySlug: new Map([...roads, ...stretches].map((one) => [one.slug, one])) };
}

const given = (data, ...keys) => Object.fromEntries(keys.map((key) => [key, data[key]]));
const pair = (texts) => ({ zh: texts?.[0] ?? "", en: texts?.[1] ?? "" });

function readRoads(rows) {
  const taken = new Set();
  return rows.map(([zh, en, pinyin, initials, rank], index) => {
    const plain =
      String(pinyin || en || "")
        .toLowerCase()
        .replace(/[^a-z0-9]/g, "") || `road${index + 1}`;
    const slug = taken.has(plain) ? `${plain}.${index + 1}` : plain;
    taken.add(slug);
    return { index, name: { zh, en }, pinyin, initials, rank, slug, stretches: [] };
  });
}

function readStretches(data, roads) {
  const lines = data.l.split(",").map(steps);
  const stretches = data.st.map((row, index) => {
    // a road alone: the ends of its line are its crossings, see `public_page.py`
    const [road, from, to] = Array.isArray(row) ? row : [row, ...endsOf(lines[index])];
    const own = roads[road];
    const stretch = {
      index,
      road: own,
      from,
      to,
      slug: `${own.slug}-${own.stretches.length + 1}`,
      ...middleOf(lines[index]),
    };
    own.stretches.push(stretch);
    return stretch;
  });
  const at = meetings(stretches);
  for (const stretch of stretches) {
    stretch.crossings = [stretch.from, stretch.to].map((node) => crossingRoad(at.get(node), stretch.road));
  }
  return stretches;
}

const endsOf = (line) => [line[0], line[line.length - 1]].map(String);

/** Crossing → the stretches that meet there. */
function meetings(stretches) {
  const at = new Map();
  for (const stretch of stretches) {
    for (const node of new Set([stretch.from, stretch.to])) at.set(node, [...(at.get(node) ?? []), stretch]);
  }
  return at;
}

/** The largest other road at a crossing. */
function crossingRoad(meeting, road) {
  const others = meeting.map((stretch) => stretch.road).filter((other) => other !== road);
  return others.sort((one, other) => other.rank - one.rank)[0] ?? null;
}

function readRain(rain, count) {
  const read = (text, step) =>
    Array.from({ length: count }, (_, k) => Math.max(0, CODES.indexOf(text?.[k] ?? ".")) * step);
  const own = {
    key: rain.k,
    grade: rain.g,
    years: rain.P,
    mm: rain.mm,
    minutes: rain.min ?? 120,
    day: rain.day ?? "",
    elsewhere: rain.o ?? 0,
  };
  // read when it is first looked at: twelve rains of a large town would delay the page
  lazily(own, "depth", () => read(rain.n, DEPTH_CM));
  lazily(own, "minutesOf", () => read(rain.t, TIME_MIN));
  lazily(own, "after", () => read(rain.w, AFTER_MIN));
  lazily(own, "before", () => read(rain.b, DEPTH_CM));
  lazily(
    own,
    "solved",
    () => new Map(Object.entries(rain.s ?? {}).map(([stretch, day]) => [Number(stretch), day])),
  );
  lazily(own, "wet", () => wettest(own));
  return own;
}

function lazily(object, name, make) {
  let value;
  Object.defineProperty(object, name, { get: () => (value ??= make()), enumerable: true });
}

/** Stretches under water, the deepest and longest first. */
function wettest(rain) {
  const wet = rain.depth.map((_, k) => k).filter((k) => rain.depth[k]);
  return wet.sort(
    (one, other) => rain.depth[other] - rain.depth[one] || rain.minutesOf[other] - rain.minutesOf[one],
  );
}

const HEAVY_GRADE = 2;
const HEAVY_MM = 30;
const RARE_YEARS = 100;

/**
 * Whether water that people saw and no computation shows was most likely let in by a blocked gully.
 *
 * Only where most of the town could be computed and the stretch stays dry in a rain of 30 mm and more, and either
 * the report is younger than the last works or no rain of the page, up to once in a hundred years, wets the stretch:
 * else works or a heavier rain may explain it.
 */
export function isLikelyBlocked(town, { stretch, month }) {
  const dry = (rain) => !rain.depth[stretch];
  if (!isMostlyJudged(town) || !town.rains.some((rain) => rain.mm >= HEAVY_MM && dry(rain))) return false;
  if (town.rains.some((rain) => rain.years >= RARE_YEARS) && town.rains.every(dry)) return true;
  const last = town.days[town.days.length - 1] ?? town.date;
  return Boolean(town.before && town.opening.grade >= HEAVY_GRADE && month > last.slice(0, 7));
}

/** Below that share of computed drains a town without water is no all-clear (own choice, as in `first_view.py`). */
const MOSTLY_JUDGED = 0.8;
export const isMostlyJudged = ({ judged }) => judged >= MOSTLY_JUDGED;
/** The share of the drains that could be computed, never rounded up to all of them. */
export const judgedPercent = ({ judged }) => Math.floor(judged * 100);

/** Whether dry streets mean a dry town: most of it could be computed, and no water lies beside the streets. */
export const isAllClear = (town, rain) => !rain.wet.length && !rain.elsewhere && isMostlyJudged(town);

/** Grade of a depth in cm, 1 to 4; 0 where it is dry. */
export const gradeOf = (town, cm) => (cm ? 1 + town.passing.up.filter((bound) => cm > bound).length : 0);

/** Reports of residents where neither now nor before the works any water is computed. */
export function unexplained(town, rain) {
  const usual = town.opening;
  const wet = ({ stretch }) =>
    usual.depth[stretch] || usual.before[stretch] || rain.depth[stretch] || rain.before[stretch];
  const last = new Map();
  for (const one of town.sightings.filter((sighting) => !wet(sighting))) {
    const known = last.get(one.stretch);
    if (!known || known.month < one.month) last.set(one.stretch, one);
  }
  return [...last.values()].sort((one, other) => (one.month < other.month ? 1 : -1));
}
