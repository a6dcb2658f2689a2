import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, readAddress } from "../public_page/address.js";
import { ageInDays, isOld, monthsOf } from "../public_page/age.js";
import { hasOtherWay, wayRound } from "../public_page/detour.js";
import { away, boxOf, middleOf, steps } from "../public_page/geometry.js";
import { Camera } from "../public_page/map/camera.js";
import { Room } from "../public_page/map/room.js";
import { degreesOf, placeOnMap } from "../public_page/place.js";
import { faultsOf, featureOf, fieldsOf, textOf, timeOf } from "../public_page/report/feature.js";
import { matches } from "../public_page/search.js";
import {
  gradeOf, isAllClear, isLikelyBlocked, isMost, judgedPercent, readTown, unexplained,
} from "../public_page/town.js";
import {
  about, addWords, centimetres, counted, distance, month, say, sayWith, span, speak,
} from "../public_page/words.js";

/*
 *   0 ── a1 ── 1 ── a2 ── 2        a is flooded between 0 and 1 (20 cm) in the storm, and everywhere in the worst
 *   │          │
 *   c1         c2                  b is dry in the storm
 *   │          │
 *   3 ── b1 ── 4
 */
const DATA = {
  city: { zh: "城", en: "Town" }, synthetic: true, date: "2020-01-02", before: "2019-01-02", made: "2020-03-04",
  days: ["2019-06-01", "2020-01-02"], default: "p3", formula: { name: "demo", verified: false }, post: "", url: "",
  roads: [["甲路", "Jia Road", "jialu", "jl", 3], ["乙路", "", "yilu", "yl", 2], ["丙路", "Bing Road", "jialu", "bl", 1]],
  st: [[0, 0, 1], [0, 1, 2], [1, 3, 4], [2, 0, 3], [2, 1, 4]],
  l: "0 0 100 0,100 0 100 0,0 50 100 0,0 0 0 50,100 0 0 50",
  rains: [
    { k: "m4", g: 0, P: 0, mm: 5, min: 120, day: "", n: "", t: "", w: "", b: "", s: {}, o: 0 },
    { k: "p3", g: 3, P: 3, mm: 67, min: 120, day: "", n: "D", t: "C", w: "B", b: "DF", s: { 1: 1 }, o: 0 },
    { k: "p100", g: 4, P: 100, mm: 129, min: 90, day: "", n: "DDDDD", t: "CCCCC", w: "", b: "", s: {}, o: 0 },
  ],
  pass: { up: [15, 30, 50, 9999], gz: ["浅"], ge: ["Shallow"], who: [], body: {} },
  tel: [["12345", "热线", "Hotline", "报", "Report"]], seen: [[2, 5, "2018-06"],
    [0, 4, "2018-06"], [2, 6, "2018-07"], [1, 3, ""]],
  size: [200, 100], geo: [117.5, 33.5, 0.00005, 0.00004], town: [], river: [], rname: [], water: [], wname: [],
};
const town = readTown(DATA);
const [light, storm, worst] = town.rains;

addWords("zh", { span_test: "{a}与{b}", many_many: "{count} 段", many_one: "{count} 段", minutes: "{minutes} 分钟",
  minutes_30: "半小时", hours: "{hours} 小时", hours_and_half: "{hours} 个半小时", hours_minutes: "{hours} 小时 {minutes} 分",
  metres: "{m} 米", kilometres: "{km} 公里", month: "{year} 年 {month} 月", report_text: "{road} {when} {cm} {words}",
  report_when_now: "现在", report_car: "车能过吗", report_car_no: "不能", colon: "：", semicolon: "；", between: "{one}—{other}",
  centimetres: "{cm} 厘米", centimetres_about: "约 {cm} 厘米", centimetres_above: "{cm} 厘米以上",
  report_error_road: "路", report_error_depth: "深", report_error_day: "天" });

test("a line is read as its start and steps", () => {
  assert.deepEqual(steps("1100 71 -7 108"), [[1100, 71], [1093, 179]]);
  assert.deepEqual(steps("5 5-2 3"), [[5, 5], [3, 8]]);
  assert.deepEqual(steps(""), []);
});

test("a line knows its middle, and the direction in which its name can be read", () => {
  const bent = middleOf([[0, 0], [0, 30], [10, 30]]);
  assert.equal(bent.length, 40);
  assert.deepEqual(bent.middle, [0, 20]);
  assert.equal(middleOf([[10, 0], [0, 0]]).angle, 0);
  assert.deepEqual(middleOf([[3, 4], [3, 4]]).middle, [3, 4]);
});

test("a point lies as far from a line as from its nearest point", () => {
  assert.equal(away([5, 7], [[0, 0], [10, 0]]), 7);
  assert.equal(away([14, 3], [[0, 0], [10, 0]]), 5);
  assert.equal(away([0, 0], []), Infinity);
  assert.deepEqual(boxOf([[3, 9], [1, 2]]), [1, 2, 3, 9]);
});

test("stretches know their road, their crossings and their own place in the address", () => {
  assert.deepEqual(town.stretches.map((one) => one.slug), ["jialu-1", "jialu-2", "yilu-1", "jialu.3-1", "jialu.3-2"]);
  assert.deepEqual(town.stretches[1].crossings.map((road) => road?.name.zh), ["丙路", undefined]);
});

test("crossings are told by the ends of the lines where the data do not number them", () => {
  const bare = readTown({ ...DATA, st: DATA.st.map(([road]) => road) });
  const places = (own) => own.stretches.map((one) => one.crossings.map((road) => road?.slug));
  assert.deepEqual(places(bare), places(town));
  assert.equal(wayRound(bare, bare.rains[1], bare.stretches[0]).more, 500);
  assert.equal(hasOtherWay(bare, bare.stretches[1]), false);
});

test("water is read by stretch, missing signs at the end as dry", () => {
  assert.deepEqual(storm.depth, [20, 0, 0, 0, 0]);
  assert.deepEqual([storm.minutesOf[0], storm.after[0], storm.before[1]], [45, 20, 30]);
  assert.deepEqual([...storm.solved], [[1, 1]]);
  assert.deepEqual(light.wet, []);
  assert.deepEqual([0, 15, 16, 30, 31, 51].map((cm) => gradeOf(town, cm)), [0, 1, 2, 2, 3, 4]);
});

test("dry streets are an all-clear only where most is computed and no water lies elsewhere", () => {
  const clear = (change, rain = {}) => {
    const own = readTown({ ...DATA, ...change, rains: [{ ...DATA.rains[0], ...rain }] });
    return isAllClear(own, own.opening);
  };
  assert.deepEqual([clear({}), clear({ judged: 0.8 })], [true, true]);
  assert.deepEqual([clear({ judged: 0.79 }), clear({}, { o: 2 }), clear({}, { n: "D" })], [false, false, false]);
  assert.equal(judgedPercent({ judged: 0.998 }), 99);
});

test("a report where nothing is computed, now or before, is shown once, by its last month", () => {
  assert.deepEqual(unexplained(town, storm).map(({ stretch, month: seen }) => [stretch, seen]), [[2, "2018-07"]]);
  assert.deepEqual(unexplained(town, worst), []);
});

test("a blocked gully is guessed where neither works nor a heavier rain can explain the report", () => {
  const guessed = (month, change = {}) => isLikelyBlocked(readTown({ ...DATA, ...change }), { stretch: 2, month });
  assert.deepEqual(["2018-06", "2020-01", "2020-02", ""].map((month) => guessed(month)), [false, false, true, false]);
  assert.equal(guessed("2020-02", { before: null, days: [] }), false);
  assert.equal(guessed("2020-02", { default: "m4" }), false);
  assert.equal(guessed("2020-02", { judged: 0.5 }), false);
  const [small, usual, rare] = DATA.rains;
  assert.equal(guessed("2018-06", { rains: [small, usual, { ...rare, n: "DD.DD" }] }), true);
  assert.equal(guessed("2018-06", { rains: [small, usual] }), false);
  assert.equal(guessed("2020-02", { default: "p3", rains: [{ ...usual, mm: 29 }, small] }), false);
});

test("the way round leads over dry roads, and says how much longer it is", () => {
  const way = wayRound(town, storm, town.stretches[0]);
  assert.deepEqual(way.roads.map((road) => road.name.zh), ["丙路", "乙路", "丙路"]);
  assert.equal(way.more, 500);
  assert.equal(way.shallow, false);
});

test("where all is deep there is no way, and a dead end has none at all", () => {
  assert.equal(wayRound(town, worst, town.stretches[0]), null);
  assert.equal(hasOtherWay(town, town.stretches[0]), true);
  assert.equal(hasOtherWay(town, town.stretches[1]), false);
});

test("shallow water is gone through only where no dry way is", () => {
  const shallow = { depth: [20, 0, 10, 0, 0] };
  assert.equal(wayRound(town, shallow, town.stretches[0]).shallow, true);
});

test("the address tells the whole state and takes nothing else", () => {
  const views = ["report", "solved"];
  const there = { rain: worst, stretch: town.stretches[3], language: "en" };
  const hash = addressOf(there, town);
  assert.equal(hash, "#r=p100&s=jialu.3-1&l=en");
  const back = readAddress(hash, town, views);
  assert.deepEqual([back.rain.key, back.stretch.index, back.language, back.view], ["p100", 3, "en", "stretch"]);
  assert.equal(addressOf({ rain: storm }, town), "#");
  const others = ["#%", "#v=__proto__&s=constructor", "#l=constructor"];
  for (const odd of ["#s=nothing&r=<img>&v=evil&l=fr", "#o=jialu-1&s=jialu", ...others]) {
    const state = readAddress(odd, town, views);
    assert.deepEqual([state.rain, state.view, state.language], [storm, "home", undefined], odd);
  }
});

test("roads are found by name, pinyin, initials and English, the best first", () => {
  const found = (text) => matches(town.roads, text).map((road) => road.index);
  assert.deepEqual(found("甲"), [0]);
  assert.deepEqual(found("jialu"), [0, 2]);
  assert.deepEqual(found("BING"), [2]);
  assert.deepEqual(found("yl"), [1]);
  assert.deepEqual(found("  "), []);
  assert.deepEqual(found("(.*"), []);
});

test("times and ways are said roundly", () => {
  speak("zh");
  assert.deepEqual([30, 45, 60, 90, 105].map(span), ["半小时", "45 分钟", "1 小时", "1 个半小时", "1 小时 45 分"]);
  assert.deepEqual([10, 130, 940, 1234].map(distance), ["50 米", "150 米", "950 米", "1.2 公里"]);
  assert.equal(month("2019-06-28"), "2019 年 6 月");
  assert.equal(counted("many", 1), "1 段");
  assert.equal(say("unknown"), "");
  assert.deepEqual(sayWith("span_test", { a: 1, b: 2 }), ["", 1, "与", 2, ""]);
  assert.equal(say("span_test", { a: "$&", b: "{a}" }), "$&与{a}");
});

test("the highest class is told as what it is: that much and more", () => {
  speak("zh");
  assert.deepEqual([195, 200].map(about), ["约 195 厘米", "200 厘米以上"]);
  assert.deepEqual([195, 200].map(centimetres), ["195 厘米", "200 厘米以上"]);
  assert.deepEqual([585, 600].map(isMost.minutes), [false, true]);
  assert.deepEqual([390, 400].map(isMost.after), [false, true]);
});

test("the page knows how old it is, and doubts a clock that is behind it", () => {
  const day = (text) => new Date(`${text}T12:00:00`).getTime();
  assert.equal(ageInDays("2026-11-27", day("2026-11-29")), 2);
  assert.equal(ageInDays("2026-11-27", day("2026-11-26")), null);
  assert.equal(ageInDays("soon", day("2026-11-26")), null);
  assert.deepEqual([180, 181, null].map(isOld), [false, true, false]);
  assert.equal(monthsOf(365), 11);
});

test("a place is put on the map and back, or said to be far", () => {
  const degrees = degreesOf(town, [100, 50]);
  const { point } = placeOnMap(town, ...degrees);
  assert.ok(Math.hypot(point[0] - 100, point[1] - 50) < 1e-6);
  assert.ok(placeOnMap(town, 118, 33.5).far > 2000);
});

test("a report is a feature in the middle of its stretch, with columns as sightings have them", () => {
  const now = new Date(2026, 10, 29, 12, 5);
  const draft = { road: town.roads[0], stretch: town.stretches[0], depth: "knee", when: "now", words: "井盖<b>" };
  const feature = featureOf(draft, town, now);
  assert.deepEqual(feature.geometry.coordinates, [117.5025, 33.5]);
  assert.match(feature.properties.date, /^2026-11-29T12:05:00[+-]\d\d:\d\d$/);
  const { depth_m: depth, road, note } = feature.properties;
  assert.deepEqual([depth, road, note], [0.5, "甲路", "井盖<b>"]);
  assert.equal(textOf(draft), "甲路 现在 50 井盖<b>");
  const fields = fieldsOf({ ...draft, car: "no" }, town, now);
  assert.deepEqual(Object.keys(fields), ["lon", "lat", "time", "depth_m", "words"]);
  assert.equal(fields.words, "井盖<b>；车能过吗：不能");
});

test("a report without a road, a depth or with a day to come is sent back", () => {
  const now = new Date(2026, 10, 29);
  assert.deepEqual(Object.keys(faultsOf({ when: "now" }, now)), ["road", "depth"]);
  const whole = { road: town.roads[0], depth: "calf", when: "day" };
  assert.deepEqual(Object.keys(faultsOf({ ...whole, day: "2026-11-30" }, now)), ["day"]);
  assert.deepEqual(faultsOf({ ...whole, day: "2026-11-29" }, now), {});
  assert.equal(timeOf({ when: "day", day: "2026-07-01" }, now), "2026-07-01");
  assert.equal(timeOf({ when: "today" }, now), "2026-11-29");
});

test("the camera keeps the point under the finger", () => {
  const camera = new Camera();
  Object.assign(camera, { width: 400, height: 300 });
  camera.fitWhole([0, 0, 200, 100], 300, 10);
  const before = camera.toMap([50, 60]);
  camera.zoomAt([50, 60], 1.7);
  const after = camera.toMap([50, 60]);
  assert.ok(Math.hypot(after[0] - before[0], after[1] - before[1]) < 1e-9);
  assert.equal(camera.isHome(), false);
});

test("what lies on another thing has no room, across the cells too", () => {
  const room = new Room();
  room.take(31, 31, 13);
  assert.equal(room.isFree(45, 31, 13), false);
  assert.equal(room.isFree(31, 58, 13), true);
});
