/* Traces, long sections, addresses and files. */
import assert from "node:assert/strict";
import test from "node:test";
import { csvOf, fileName, geojsonOf, guarded, tableOf } from "../engineers_map/desk/asking/export.js";
import { networkOf } from "../engineers_map/desk/asking/network.js";
import { levelsAt, profileOf, stepsOf } from "../engineers_map/desk/asking/profile.js";
import { fromHash, historyOf, sharedAddress, START, toHash } from "../engineers_map/desk/asking/state.js";
import { meshOf, trace } from "../engineers_map/desk/asking/trace.js";
import { town } from "./desk_data.js";

const traced = (start, direction) => {
  const network = networkOf(town().model, 0);
  return trace(network, meshOf(network), start, direction);
};
test("upstream is everything that drains to a node, the longest way first", () => {
  const up = traced({ node: 2 }, "up");
  assert.deepEqual([...up.pipes].sort(), [0, 1, 2]);
  assert.equal(up.length_m, 175);
  assert.deepEqual(up.main, [0, 1]);
});
test("downstream ends at the outfall, and a pipe is part of its own trace", () => {
  const down = traced({ pipe: 2 }, "down");
  assert.deepEqual(down.pipes, [2, 1]);
  assert.deepEqual(down.outfalls, [2]);
  assert.deepEqual(traced({ pipe: 2 }, "outfall").main, [2, 1]);
});
test("the way to the outfall follows the largest bore, boxes by width and height, and stops at the outfall", () => {
  const network = {
    nodes: ["a", "b", "out", "c"],
    from: [0, 0, 1, 2],
    to: [3, 1, 2, 3],
    length_m: [1, 1, 1, 1],
    outfall: [2],
    diameter_mm: [1400, null, 300, 2000],
    width_mm: [null, 2000, null, null],
    height_mm: [null, 1500, null, null],
  };
  const way = trace(network, meshOf(network), { node: 0 }, "outfall");
  assert.deepEqual(way.main, [1, 2]);
  assert.deepEqual(way.outfalls, [2]);
});
test("rings and loops end", () => {
  const network = { nodes: ["a", "b"], from: [0, 1, 0], to: [1, 0, 0], length_m: [1, 2, 4], outfall: [] };
  ["up", "down", "outfall"].forEach((way) => {
    const found = trace(network, meshOf(network), { node: 0 }, way);
    assert.equal(new Set(found.pipes).size, found.pipes.length);
  });
  assert.equal(trace(network, meshOf(network), { node: 0 }, "down").length_m, 7);
});
test("ends that are nowhere are left out", () => {
  const network = { nodes: ["a"], from: [0, -1], to: [-1, 0], length_m: [5, null], outfall: [] };
  assert.deepEqual(trace(network, meshOf(network), { node: 0 }, "down").pipes, [0]);
  assert.deepEqual(trace(network, meshOf(network), { node: 0 }, "up").pipes, [1]);
});
test("a section has chainage, levels, adverse slopes and sizes that are joined", () => {
  const network = networkOf(town().model, 0),
    profile = profileOf(network, [0, 1], { sizeText: () => "DN300" });
  assert.equal(profile.length_m, 150);
  assert.deepEqual(
    profile.stretches.map(({ adverse }) => adverse),
    [false, true],
  );
  assert.deepEqual(profile.sizes, [{ size: "DN300", from_m: 0, to_m: 150 }]);
  assert.deepEqual(
    profile.nodes.map(({ id, ground_m: ground }) => [id, ground]),
    [
      ["N1", 12],
      ["N2", 11.5],
      ["N3", 11],
    ],
  );
  const at = levelsAt(profile, 50);
  assert.deepEqual([at.pipe, at.share, at.invert_m, at.ground_m, at.water_m], [0, 0.5, 9.5, 11.75, 10.75]);
  assert.equal(levelsAt(profile, 999).share, 1);
});
test("without any level there is no section", () => {
  assert.equal(profileOf({ from: [0], to: [1], nodes: ["a", "b"], length_m: [5] }, [0]), null);
});
test("steps of an axis are round and few", () => {
  assert.deepEqual(stepsOf(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.ok(stepsOf(-3, 4567, 7).length <= 8);
  assert.ok(!Object.is(stepsOf(-1, 1, 4)[2], -0));
});

const KNOWN = { questions: ["waterlogging", "quality"], periods: 3, layers: new Set(["pipes", "works"]) };
test("an address says what is looked at and gives it back", () => {
  const state = {
    ...START,
    question: "quality",
    period: 2,
    facets: { road: ["解放西路", "a&b=c"], diameter_mm: { from: 300, to: null } },
    looks: { pipes: ["storm, sewage"] },
    picked: "pipes~P 1",
    trace: { direction: "up", ref: "pipes~P~1" },
    drawer: "section",
    layers: { works: true, pipes: false },
    theme: "dark",
    view: { lat: 33.5, lng: 117.5, zoom: 14.25 },
  };
  assert.deepEqual(fromHash(`#${toHash(state)}`, KNOWN), state);
});
test("hostile, unknown and broken addresses are ignored", () => {
  const hostile = [
    "#q=<img src=x onerror=alert(1)>&t=99&v=NaN,1,2&c=url(x)&d=x&w=up",
    "#__proto__=1&f.__proto__=a&f.constructor=b&on=nobody",
    `#${"a".repeat(10000)}`,
    "#%E0%A4%A",
    "#v=1e999,0,0&s=nothing&t=-1",
    "",
    "#&&&===",
  ];
  hostile.forEach((hash) =>
    assert.deepEqual(fromHash(hash, KNOWN), { ...START, facets: {}, looks: {}, layers: {} }, hash.slice(0, 40)),
  );
  assert.equal({}.polluted, undefined);
});
test("steps of the filters are taken back one by one", () => {
  const history = historyOf(2);
  ["a", "b", "c"].forEach((value) => history.push({ facets: { road: [value] }, looks: {} }));
  assert.equal(history.length, 2);
  assert.deepEqual(history.back().facets, { road: ["c"] });
  assert.deepEqual(history.back().facets, { road: ["b"] });
  assert.equal(history.back(), null);
});

test("a cell that a spreadsheet would run gets a sign before it", () => {
  ["=1+1", "+1", "-1", "@a", "'=1", "\t=1", "＝1"].forEach((text) => assert.equal(guarded(text), `'${text}`));
  ["1=1", "a", "", "解放"].forEach((text) => assert.equal(guarded(text), text));
  assert.equal(guarded(-1), -1);
  assert.equal(
    csvOf(["a"], [['x,"y"'], [null], ["=cmd|' /C calc'!A0"]]),
    '\ufeffa\r\n"x,""y"""\r\n\r\n\'=cmd|\' /C calc\'!A0\r\n',
  );
});
test("GeoJSON holds what has a place, with its values and where it comes from", () => {
  const { model, points } = town();
  const shapeOf = (_, row) => (row ? null : { type: "Point", coordinates: [1, 2] });
  const found = JSON.parse(geojsonOf(model, [{ layer: points, rows: [0, 1] }], { notice: "synthetic" }, shapeOf));
  assert.equal(found.notice, "synthetic");
  assert.deepEqual(
    found.features.map(({ id, properties }) => [id, properties.depth_m, properties.layer]),
    [["L1", 0.4, "waterlogging"]],
  );
});
test("a table has the columns of all its layers, each once, with units", () => {
  const { model, pipes, mixed } = town(),
    { head, rows } = tableOf(model, [
      { layer: pipes, rows: [0] },
      { layer: mixed, rows: [1] },
    ]);
  assert.deepEqual(head.slice(0, 4), ["", "PIPE_ID", "SYSTEM", "DIAMETER_MM, mm"]);
  assert.equal(rows[1][head.indexOf("CLASS")], "clean");
  assert.equal(rows[1][head.indexOf("SYSTEM")], null);
});
test("file names have no signs of paths and nothing that turns what is read", () => {
  assert.equal(fileName("a/b:c", "d\u202ee"), "a b c d e");
});

test("a filter that an address gives as a span and as a list is what it says last", () => {
  const facets = (hash) => fromHash(hash, KNOWN).facets;
  assert.deepEqual(facets("#r.x=1~2&f.x=1&f.x=2"), { x: ["1", "2"] });
  assert.deepEqual(facets("#f.x=1&r.x=1~2"), { x: { from: 1, to: 2 } });
});

test("an address that is passed on keeps the place and not the key of a base map", () => {
  const given = "https://town.example/map.html?tk=0123456789abcdef#q=network&tk=0123456789abcdef";
  assert.equal(sharedAddress(given), "https://town.example/map.html#q=network");
  assert.equal(sharedAddress("file:///map.html#q=a&f.x=1"), "file:///map.html#q=a&f.x=1");
});
