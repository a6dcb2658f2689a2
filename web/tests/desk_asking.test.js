/* What the desk makes of its data: filters, lists, links, search, and which layers are drawn. */
import assert from "node:assert/strict";
import test from "node:test";
import {
  choicesOf,
  kindOf,
  rowsLeft,
  spanOf,
  ticked,
  toggled,
  withFacet,
} from "../engineers_map/desk/asking/facets.js";
import { entriesOf, find, ROADS } from "../engineers_map/desk/asking/find.js";
import { itemOf, startOf } from "../engineers_map/desk/asking/item.js";
import { singleKeys } from "../engineers_map/desk/keyboard.js";
import { networkOf } from "../engineers_map/desk/asking/network.js";
import { answerOf, drawnLayers, ordered, questionsOf, rowTexts } from "../engineers_map/desk/asking/questions.js";
import { ofPeriod } from "../engineers_map/desk/side.js";
import { lengthsOf } from "../engineers_map/desk/stage.js";
import { compared, town } from "./desk_data.js";

test("a filter narrows the layers that have its column and leaves the others", () => {
  const { model, pipes, points } = town();
  assert.deepEqual(rowsLeft(model, pipes, { facets: { system: ["storm"] } }), [0, 1]);
  assert.equal(rowsLeft(model, points, { facets: { system: ["storm"] } }), null);
  assert.deepEqual(rowsLeft(model, pipes, { facets: { diameter_mm: { from: 400, to: null } } }), [1]);
  assert.deepEqual(rowsLeft(model, pipes, { facets: { system: ["storm"], road: ["人民路"] } }), [1]);
  assert.deepEqual(rowsLeft(model, points, { looks: ["minor"] }), [1]);
});
test("a layer of the same pipes is narrowed by a column that another of them has", () => {
  const { model, mixed, data } = town();
  assert.deepEqual(rowsLeft(model, mixed, { facets: { system: ["sewage"] }, siblings: data.periods[0].layers }), [2]);
});
test("missing values pass no filter", () => {
  const { model, pipes } = town();
  assert.deepEqual(rowsLeft(model, pipes, { facets: { invert_to_m: { from: 0, to: 100 } } }), [0, 1]);
});
test("choices say how often each value is met, and how they are asked for", () => {
  const { model, pipes } = town();
  const systems = choicesOf(model, [pipes], "system"),
    sizes = choicesOf(model, [pipes], "diameter_mm");
  assert.deepEqual(systems.choices, [
    { value: "storm", count: 2 },
    { value: "sewage", count: 1 },
  ]);
  assert.equal(kindOf(systems), "ticks");
  assert.equal(kindOf(sizes), "range");
  assert.equal(kindOf(choicesOf(model, [pipes], "nothing")), null);
  assert.equal(kindOf({ numbers: false, choices: [{ value: "2018-01-01" }, { value: "2019-01-01" }] }), "days");
});
test("filters are new values: what was before can come back", () => {
  const before = { system: ["storm"] };
  assert.deepEqual(withFacet(before, "system", toggled(before.system, "sewage")), { system: ["storm", "sewage"] });
  assert.deepEqual(withFacet(before, "system", toggled(before.system, "storm")), {});
  assert.deepEqual(before, { system: ["storm"] });
});
test("only the question's layers and the context are drawn until the reader says otherwise", () => {
  const { model, data } = town(),
    [question] = data.questions,
    keys = (chosen) => drawnLayers(model, 0, question, chosen).map(({ key }) => key);
  assert.deepEqual(keys({}), ["pipes", "waterlogging"]);
  assert.deepEqual(keys({ works: true, pipes: false }), ["works", "waterlogging"]);
});
test("a page without questions asks one of all its layers", () => {
  const { data } = town();
  delete data.questions;
  data.periods[0].layers[3].shown = false;
  const [question] = questionsOf(data);
  assert.deepEqual(answerOf(question, 0).layers, ["pipes", "mixed_flow", "nodes", "waterlogging"]);
  assert.deepEqual(answerOf(question, 0).more, ["works"]);
  assert.deepEqual(answerOf(question, 7).layers, []);
});
test("a list keeps its order of importance until another is chosen", () => {
  const { model, points, data } = town(),
    { orders, row } = data.questions[0].periods[0];
  assert.deepEqual(ordered(model, points, [0, 1], orders[0]), [0, 1]);
  assert.deepEqual(ordered(model, points, [0, 1], orders[1]), [1, 0]);
  assert.deepEqual(rowTexts(model, points, 0, row), {
    first: "silt",
    more: "",
    right: "0.4 m",
    second: "L1 · NODES N1, N2",
    tail: "",
  });
});
test("missing values stand last, whichever way a list is sorted", () => {
  const { model, pipes } = town(),
    by = (descending) => ({ by: [["invert_to_m", descending]] });
  assert.deepEqual(ordered(model, pipes, [0, 1, 2], by(false)), [0, 1, 2]);
  assert.deepEqual(ordered(model, pipes, [2, 1, 0], by(true)), [1, 0, 2]);
});
test("the panel leads with the cause and links points, works and nodes in both directions", () => {
  const { model } = town(),
    point = itemOf(model, 0, model.find(0, "waterlogging~L1"));
  assert.deepEqual(point.why, ["silt"]);
  assert.deepEqual(
    point.links.map(({ heading, items }) => [heading, items.map(({ ref }) => ref)]),
    [["works", ["works~W1"]]],
  );
  assert.deepEqual(
    point.connected[0].items.map(({ ref }) => ref),
    ["nodes~N1", "nodes~N2"],
  );
  assert.deepEqual(
    point.groups.map(({ label, rows }) => [label, rows.map((one) => `${one.label} ${one.text} ${one.unit}`.trim())]),
    [
      ["in the storm", ["DEPTH_M 0.4 m"]],
      ["", ["POINT_ID L1"]],
    ].slice(0, 1),
  );
  const work = itemOf(model, 0, model.find(0, "works~W1"));
  assert.deepEqual(
    work.links[0].items.map(({ ref }) => ref),
    ["waterlogging~L1"],
  );
});
test("before the works a point names what settled it, by links into the period of the changes", () => {
  const { model } = compared(),
    point = itemOf(model, 0, model.find(0, "waterlogging~L1"));
  const told = point.links.map(({ items }) => items.map(({ ref, beside, period }) => [ref, beside, period]));
  assert.deepEqual(told, [
    [["works~W1", "", undefined]],
    [["outcome_works~W38", "", 1]],
    [["outcome_points~P7", "solved · 0.4 m → 0 m", 1]],
  ]);
  const other = itemOf(model, 0, model.find(0, "waterlogging~L2"));
  assert.deepEqual(other.links, []);
});
test("a day in a row of a list stands with its name", () => {
  const { model, data, works } = town();
  data.columns.push({ key: "laid_from", label: "laid from", unit: "", group: "", values: ["2019-06-28"] });
  works.columns.push(data.columns.length - 1);
  const { second } = rowTexts(model, works, 0, { line: ["laid_from"] });
  assert.equal(second, "laid from 2019-06-28");
});
test("a pipe is told of by all layers that have it", () => {
  const { model } = town(),
    pipe = itemOf(model, 0, model.find(0, "mixed_flow~P1"));
  assert.ok(pipe.groups.flatMap(({ rows }) => rows).some(({ label }) => label === "INVERT_FROM_M"));
});
test("a trace begins at the pipe, the node, or the node that a point names", () => {
  const { model } = town(),
    network = networkOf(model, 0),
    start = (ref) => startOf(model, network, model.find(0, ref));
  assert.deepEqual(start("mixed_flow~P2"), { pipe: 1 });
  assert.deepEqual(start("nodes~N4"), { node: 3 });
  assert.deepEqual(start("waterlogging~L2"), { node: 3 });
  assert.equal(start("works~W1"), null);
});
test("search finds roads by characters, pinyin and initials, and each pipe once", () => {
  const { model, data } = town(),
    entries = entriesOf(model, 0, data.questions[0]);
  const hits = (query) =>
    find(entries, query).map(({ kind, hits: best }) => [
      kind === ROADS ? "road" : kind.key,
      best.map(({ text }) => text),
    ]);
  ["解放", "jiefang", "JFXL", "xilu"].forEach((query) =>
    assert.deepEqual(hits(query), [["road", ["解放西路"]]], query),
  );
  assert.deepEqual(hits("p2"), [["pipes", ["P2"]]]);
  assert.deepEqual(hits("l1"), [["waterlogging", ["L1"]]]);
  assert.deepEqual(hits("nothing"), []);
  assert.deepEqual(hits(" "), []);
});
test("search counts all hits and shows the best of each kind", () => {
  const { model, data } = town(),
    [nodes] = find(entriesOf(model, 0, data.questions[0]), "n", 2);
  assert.deepEqual([nodes.count, nodes.hits.length], [4, 2]);
});
test("a line with the days of both periods names that of the one that is shown", () => {
  const periods = [{ day: "2018-12-31" }, { day: "2020-11-27" }, {}],
    line = "as of 2018-12-31, 2020-11-27";
  assert.deepEqual(
    [0, 1, 2].map((k) => ofPeriod(periods, k, line)),
    ["as of 2018-12-31", "as of 2020-11-27", "as of 2018-12-31 → 2020-11-27"],
  );
  assert.equal(ofPeriod([{}], 0, line), line);
});
test("a span that is asked as a list, and a list that is asked as a span, are not set", () => {
  assert.deepEqual(ticked({ from: 1, to: 2 }), []);
  assert.deepEqual(toggled({ from: 1, to: 2 }, "a"), ["a"]);
  assert.deepEqual(spanOf(["a"]), {});
  assert.deepEqual(spanOf({ from: 1, to: null }), { from: 1, to: null });
});
test("the legend knows the metres of each look, and that they are not known", () => {
  const { model, mixed, pipes, points } = town();
  assert.deepEqual(lengthsOf(model, pipes, null), [150, 25]);
  assert.deepEqual(lengthsOf(model, pipes, [0]), [100, 0]);
  assert.deepEqual(lengthsOf(model, mixed, null, pipes), [175]);
  assert.equal(lengthsOf(model, points, null, pipes), null);
});
test("the number of a finding stands without its kind, in words too", () => {
  const { model, data, works } = town();
  data.columns[works.columns[0]] = { key: "finding_id", label: "", unit: "", values: ["sewage into storm:YS0024"] };
  assert.equal(model.title(works, 0), "YS0024");
});
test("the panel tells few hours in minutes, and what is beyond the standard once", () => {
  const { model, data, points } = town();
  [
    ["drain_down_h", [0.5, 3], "h"],
    ["within_standard", ["no", "yes"], ""],
    ["beyond_standard", ["beyond it", null], ""],
  ].forEach(([key, values, unit]) => {
    data.columns.push({ key, label: key, unit, group: "", values });
    points.columns.push(data.columns.length - 1);
  });
  const told = (ref) =>
    itemOf(model, 0, model.find(0, ref))
      .groups.flatMap(({ rows }) => rows)
      .map(({ label, text, unit }) => `${label} ${text} ${unit}`.trim())
      .slice(1);
  assert.deepEqual(told("waterlogging~L1"), ["drain_down_h 30 min", "beyond_standard beyond it"]);
  assert.deepEqual(told("waterlogging~L2"), ["drain_down_h 3.0 h", "within_standard yes"]);
});
test("single keys are turned off and on again, where nothing can be kept too", () => {
  assert.equal(singleKeys.on(), true);
  singleKeys.turn(false);
  assert.equal(singleKeys.on(), false);
  singleKeys.turn(true);
  assert.equal(singleKeys.on(), true);
});
