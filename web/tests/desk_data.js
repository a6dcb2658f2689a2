/* A town of three pipes for the tests of the desk: N1 → N2 → N3 (outfall) and N4 → N2. */
import { modelOf } from "../engineers_map/desk/asking/model.js";

export const column = (key, values, more = {}) => ({
  key,
  label: key.toUpperCase(),
  unit: "",
  group: "",
  values,
  ...more,
});
export const town = () => {
  const columns = [
    column("pipe_id", ["P1", "P2", "P3"]),
    column("system", ["storm", "sewage"], { codes: [0, 0, 1] }),
    column("diameter_mm", [300, 500, 300], { unit: "mm" }),
    column("length_m", [100, 50, 25], { unit: "m" }),
    column("invert_from_m", [10, 9, 9.5]),
    column("invert_to_m", [9, 9.2, null]),
    column("road", ["解放西路", "人民路", "人民路"]),
    column("node_id", ["N1", "N2", "N3", "N4"]),
    column("ground_m", [12, 11.5, 11, 11.8]),
    column("level_m", [11, 10.5, null, null]),
    column("point_id", ["L1", "L2"]),
    column("cause", ["silt", "own capacity"]),
    column("nodes", ["N1, N2", "N4"]),
    column("depth_m", [0.4, 0.1], { unit: "m", group: "in the storm" }),
    column("work_id", ["W1"]),
    column("of_point", ["L1"]),
    column("class", ["mixed", "clean", "clean"]),
  ];
  const named = (...keys) => keys.map((key) => columns.findIndex((one) => one.key === key));
  const layer = (key, ids, more) => ({
    key,
    theme: key,
    label: key,
    styles: [{ label: "all" }],
    category: [],
    shapes: [],
    lead: [],
    text: [],
    refs: {},
    ids,
    name: -1,
    ...more,
  });
  const pipes = layer("pipes", 0, {
    columns: named("pipe_id", "system", "diameter_mm", "length_m", "invert_from_m", "invert_to_m", "road"),
    styles: [{ label: "storm" }, { label: "sewage" }],
    category: [0, 0, 1],
    shapes: [0, 1, 2],
  });
  const mixed = layer("mixed_flow", 0, {
    columns: named("pipe_id", "class"),
    category: [0, 0, 0],
    shapes: [0, 1, 2],
  });
  const nodes = layer("nodes", 0, {
    columns: named("node_id", "ground_m", "level_m"),
    category: [0, 0, 0, 0],
    shapes: [3, 4, 5, 6],
  });
  const points = layer("waterlogging", 0, {
    columns: named("point_id", "cause", "nodes", "depth_m"),
    lead: [1],
    refs: { nodes: ["nodes"] },
    category: [0, 1],
    shapes: [7, -1],
    styles: [{ label: "major" }, { label: "minor" }],
  });
  const works = layer("works", 0, {
    columns: named("work_id", "of_point"),
    refs: { of_point: ["waterlogging"] },
    category: [0],
    shapes: [8],
  });
  const data = {
    lang: "en",
    columns,
    words: {},
    search: { roads: { 解放西路: ["jiefangxilu", "jfxl"] } },
    periods: [
      {
        key: "",
        label: "",
        layers: [pipes, mixed, nodes, works, points],
        network: { pipes: "pipes", nodes: "nodes", from: [0, 1, 3], to: [1, 2, 1], outfall: [2] },
      },
    ],
    questions: [
      {
        key: "waterlogging",
        title: "Waterlogging",
        ask: "Where?",
        periods: [
          {
            verdict: "",
            detail: [],
            unknown: "",
            count: 2,
            layers: ["waterlogging"],
            more: [],
            quiet: ["pipes"],
            list: "waterlogging",
            orders: [
              { label: "rank", by: [] },
              { label: "depth", by: [["depth_m", false]] },
            ],
            row: { cause: ["cause"], head: [], line: ["nodes"], tail: ["depth_m"] },
            bars: null,
          },
        ],
      },
    ],
  };
  return { data, model: modelOf(data), pipes, mixed, nodes, points, works };
};
/* The town before its works, and what changed: the point L1 is P7 there, solved by W38. */
export const compared = () => {
  const { data } = town(),
    [before] = data.periods,
    first = data.columns.length;
  data.columns.push(
    column("point", ["P7"]),
    column("id_before", ["L1"]),
    column("fate", ["solved"]),
    column("depth_before_m", [0.4], { unit: "m" }),
    column("depth_after_m", [0], { unit: "m" }),
    column("settled_by", ["W38"]),
    column("works_id", ["W38"]),
  );
  const layer = (key, columns, refs) => ({
    ...before.layers[4],
    key,
    theme: key,
    label: key,
    columns,
    refs,
    lead: [],
    category: [0],
    shapes: [0],
  });
  const points = layer("outcome_points", [0, 1, 2, 3, 4, 5].map((k) => first + k), {
    id_before: ["pipes"],
    settled_by: ["outcome_works"],
  });
  before.key = "before";
  data.periods.push({ key: "changes", label: "", layers: [points, layer("outcome_works", [first + 6], {})] });
  return { data, model: modelOf(data) };
};
