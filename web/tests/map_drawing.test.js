import assert from "node:assert/strict";
import { test } from "node:test";
import { along, boxOf, homeBox, isMark, mercator, middleOf, unpackShapes } from "../engineers_map/map/shapes.js";
import { geometryOf } from "../engineers_map/map/geometry.js";
import { distanceTo, hitsAt } from "../engineers_map/map/hits.js";
import { sceneOf } from "../engineers_map/map/scene.js";
import { setOut, placeOn, runInView } from "../engineers_map/map/drawing/names.js";
import { Taken } from "../engineers_map/map/drawing/taken.js";
import { thin } from "../engineers_map/map/drawing/thinning.js";
import { makeView } from "../engineers_map/map/view.js";

const plain = (x, y) => [x, y];
/* A line (0,0)–(10,0), a mark (5,5), an area (20,0)–(30,10) with a hole (24,4)–(26,6). */
const packed = () => {
  const parts = [[[0, 0], [10, 0]], [[5, 5]], [[20, 0], [30, 0], [30, 10], [20, 10], [20, 0]],
    [[24, 4], [26, 4], [26, 6], [24, 6], [24, 4]]];
  const flat = parts.flat(), diff = (k) => flat.map((p, i) => p[k] - (i ? flat[i - 1][k] : 0));
  return { step: 1, x: diff(0), y: diff(1), sizes: parts.map((p) => p.length), parts: [1, 1, 2], areas: [2] };
};
const shapes = () => unpackShapes(packed(), plain);
const view = makeView({ scale: 1, origin: { x: 0, y: 0 } });

test("shapes come back from their steps, with their boxes", () => {
  const found = shapes();
  assert.deepEqual([...found.px].slice(0, 3), [0, 10, 5]);
  assert.deepEqual(boxOf(found, [0, 2]), [0, 0, 30, 10]);
  assert.equal(boxOf(found, [-1]), null);
  assert.deepEqual([0, 1, 2].map((s) => isMark(found, s)), [false, true, false]);
  assert.deepEqual(along(found, 0, 0.25), { x: 2.5, y: 0 });
  assert.deepEqual(middleOf(found, 2), { x: 25, y: 5 });
});

test("the world of web maps: 0, 0 is its middle; 180 E its edge", () => {
  assert.deepEqual(mercator(0, 0), [128, 128]);
  assert.ok(Math.abs(mercator(180, 85.0511287798)[0] - 256) < 1e-9);
  assert.ok(Math.abs(mercator(180, 85.0511287798)[1]) < 1e-6);
});

test("one feature off Ghana does not make the town a dot, and is counted", () => {
  const town = [...Array(20).keys()].map((k) => [117.5 + 0.001 * k, 33.5]), all = [...town, [0, 0]];
  const diff = (k) => all.map((p, i) => p[k] - (i ? all[i - 1][k] : 0));
  const one = all.map(() => 1), given = { step: 1, x: diff(0), y: diff(1), sizes: one, parts: one, areas: [] };
  const found = unpackShapes(given, plain);
  const { box, far } = homeBox(found, all.map((_, s) => s));
  assert.deepEqual(far, [20]);
  assert.ok(box[0] > 117 && box[2] < 118);
  assert.deepEqual(homeBox(found, []).far, []);
});

test("GeoJSON of a line, a mark and an area with a hole", () => {
  const given = packed();
  assert.deepEqual(geometryOf(given, 0), { type: "LineString", coordinates: [[0, 0], [10, 0]] });
  assert.deepEqual(geometryOf(given, 1), { type: "Point", coordinates: [5, 5] });
  const area = geometryOf(given, 2);
  assert.equal(area.type, "Polygon");
  assert.deepEqual(area.coordinates.map((ring) => ring.length), [5, 5]);
});

test("distance from a line, within an area, in its hole", () => {
  const found = shapes();
  assert.equal(distanceTo(found, view, 0, 5, 3), 3);
  assert.equal(distanceTo(found, view, 2, 22, 5), 2);
  assert.ok(distanceTo(found, view, 2, 25, 5) > 0.9);
});

const look = (size, shape = "circle") => ({ color: "#0072B2", size, shape, dash: "", label: "" });
const plainLayer = (key) => ({ theme: key, key, label: key, columns: [0], text: [], opacity: 1 });
const data = () => ({
  columns: [{ key: "id", label: "id", values: ["a", "b", "c"] }],
  periods: [{ layers: [
    { ...plainLayer("pipes"), styles: [look(2)], category: [0, 0], shapes: [0, 2] },
    { ...plainLayer("points"), styles: [look(8)], category: [0], shapes: [1] },
  ] }],
});

test("a pick gives marks first, then lines, then areas; of each what was asked for", () => {
  const scenes = sceneOf(data(), shapes(), 0, [{ layer: "pipes" }, { layer: "points" }], "light");
  const [points] = scenes.slice(1), marks = [{ x: 5, y: 5, r: 8, scene: points, row: 0, depth: 0, joined: [] }];
  const found = hitsAt({ scenes, marks, shapes: shapes(), view }, 5, 1, 8);
  assert.deepEqual(found.map(({ layer, row }) => [layer, row]), [["points", 0], ["pipes", 0]]);
  assert.deepEqual(hitsAt({ scenes, marks: [], shapes: shapes(), view }, 22, 5, 8)[0].row, 1);
  assert.deepEqual(hitsAt({ scenes, marks: [], shapes: shapes(), view }, 200, 200, 8), []);
});

test("a layer shows the rows that it is asked for, by the look that it is asked for", () => {
  const [scene] = sceneOf(data(), shapes(), 0, [{ layer: "pipes", rows: [1], style: () => 0 }], "light");
  assert.deepEqual(scene.list, [1]);
  assert.deepEqual(scene.looks[0].areas, [2]);
  assert.equal(sceneOf(data(), shapes(), 0, [{ layer: "no such" }], "light").length, 0);
});

test("nothing is written where something stands", () => {
  const taken = new Taken();
  assert.ok(taken.take(0, 0, 100, 20));
  assert.ok(!taken.take(60, 0, 40, 20));
  assert.ok(taken.take(0, 21, 100, 20));
  assert.ok(taken.take(-5000, 4000, 10, 10));
});

test("marks that would touch join the most important, and none is lost", () => {
  const items = [...Array(400).keys()].map((k) => ({ x: (k % 20) * 7, y: Math.floor(k / 20) * 7, r: 6, row: k }));
  const kept = thin(items, 2);
  assert.equal(kept[0].row, 0);
  assert.equal(kept.reduce((n, { joined }) => n + 1 + joined.length, 0), 400);
  kept.forEach((a, k) => kept.slice(k + 1).forEach((b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 9)));
  assert.equal(thin([items[0], { ...items[1], x: 100 }]).length, 2);
});

test("Chinese names are stacked on steep roads, others turned", () => {
  assert.deepEqual(setOut("解放路", 40, 1.4).stacked, ["解", "放", "路"]);
  assert.equal(setOut("解放路 99 → 4 %", 90, 1.4).rest, "99 → 4 %");
  assert.equal(setOut("解放路", 40, 0.3).stacked, null);
  assert.equal(setOut("شارع الملك", 60, 1.4).stacked, null);
});

test("a name stands on the part of a line that is in view", () => {
  const found = unpackShapes({ step: 1, x: [0, 1000], y: [50, 0], sizes: [2], parts: [1], areas: [] }, plain);
  const run = runInView(found, view, { left: 400, right: 600, top: 0, bottom: 100 }, 0);
  const { x } = placeOn(run, run.from + 0.5 * (run.to - run.from));
  assert.ok(x > 480 && x < 520);
  assert.equal(runInView(found, view, { left: 0, right: 10, top: 500, bottom: 600 }, 0), null);
});
