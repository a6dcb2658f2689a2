import assert from "node:assert/strict";
import test from "node:test";

import { list, unpack, valuesOf, wholeNumbers } from "../engineers_map/data/unpack.js";

test("whole numbers of any size and sign come back", () => {
  assert.deepEqual(wholeNumbers("ABCegBv-B"), [0, -1, 1, 15, 16, -1000]);
  assert.deepEqual(wholeNumbers(""), []);
});

test("lists are numbers, differences, runs of either, or plain", () => {
  assert.deepEqual(list([3, 1]), [3, 1]);
  assert.deepEqual(list({ n: "CE" }), [1, 2]);
  assert.deepEqual(list({ d: "CE" }), [1, 3]);
  assert.deepEqual(list({ n: "CE", k: "EA" }), [1, 1, 1, 2]);
  assert.deepEqual(list({ d: "C", k: "G" }), [1, 2, 3, 4]);
});

test("decimals, holes and texts that end in numbers come back", () => {
  assert.deepEqual(valuesOf({ n: "eC", tenths: 1, hole: 1 }), [1.5, null]);
  const pipes = { stems: ["YS", "WS"], wide: [4, 1], of: { n: "AAC" }, ends: { n: "CEG" } };
  assert.deepEqual(valuesOf(pipes), ["YS0001", "YS0002", "WS3"]);
});

test("a column is told by another one and what differs", () => {
  const about = { key: "system", label: "", unit: "", group: "" };
  const data = {
    shapes: { x: [], y: [], sizes: [], parts: [], areas: [] },
    columns: [
      { ...about, values: ["storm", "sewage"], codes: { n: "ACA" } },
      { ...about, like: 0, place: 0, rows: { n: "C" }, values: ["combined"], coded: true },
      { ...about, like: 1, place: 1, rows: { n: "" }, values: [] },
    ],
    places: [{ n: "CEB" }, { n: "AC" }],
    periods: [{ label: "", layers: [], network: null }],
  };
  const columns = unpack(data).columns;
  assert.deepEqual(columns[0], { ...about, values: ["storm", "sewage"], codes: [0, 1, 0] });
  assert.deepEqual(columns[1], { ...about, values: ["sewage", "combined"], codes: [0, 1, -1] });
  assert.deepEqual(columns[2], { ...about, values: ["sewage", "combined"] });
});

test("plain data stay as they are", () => {
  const data = {
    shapes: { step: 1e-6, x: [1], y: [2], sizes: [1], parts: [1], areas: [] },
    columns: [{ key: "a", values: [1, null] }],
    periods: [{ label: "", layers: [{ category: [0], shapes: [0] }], network: null }],
  };
  assert.deepEqual(unpack(data), data);
});
