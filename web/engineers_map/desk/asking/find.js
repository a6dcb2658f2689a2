/* Search by part of a name: roads by characters, pinyin or initials, everything else by its number or road. */
import { keyOf } from "./model.js";
import { answerOf } from "./questions.js";

const plain = (text) => String(text).normalize("NFKC").toLowerCase().replace(/\s+/g, "");
const ROAD = "road";
export const ROADS = "roads~~"; // kind of the hits that are roads by name

/* Everything that can be found in a period, one entry a thing however many layers draw it. */
export const entriesOf = (model, k, question) =>
  model.remembered(model.data.periods[k], `entries ${question.key}`, () => {
    const spelled = (model.data.search || {}).roads || {};
    const roads = roadsOf(model, k);
    const entries = [...roads].map(([road]) => ({
      kind: ROADS,
      text: road,
      beside: "",
      ref: null,
      road,
      keys: [plain(road), ...(spelled[road] || []).map(plain)],
    }));
    const seen = new Set();
    inOrder(model, k, question).forEach((layer) => {
      const idKey = model.idKey(layer),
        own = idKey && idKey !== ROAD ? idKey : keyOf(layer);
      if (!idKey) return; // a finding is found by what it speaks of
      for (let row = 0; row < layer.shapes.length; row += 1) {
        const id = model.id(layer, row),
          once = `${own} ${id}`;
        if (seen.has(once) || roads.has(id)) continue;
        seen.add(once);
        const keys = [id, ...(spelled[id] || [])].map(plain);
        entries.push({ kind: layer, text: id, beside: model.place(layer, row), ref: model.refAt(layer, row), keys });
      }
    });
    return entries;
  });
/* Answers of the question first, then its other layers, then the network, then all else. */
const inOrder = (model, k, question) => {
  const { list, layers } = answerOf(question, k),
    network = (model.data.periods[k] || {}).network || {};
  const rank = (layer) => {
    const key = keyOf(layer);
    if (key === list) return 0;
    if (key === network.pipes || key === network.nodes) return 1;
    return layer.context ? 4 : layers.includes(key) ? 2 : 3;
  };
  return [...model.layers(k)].sort((a, b) => rank(a) - rank(b));
};
/* Road → [[layer, row], …] of what lies on it. */
export const roadsOf = (model, k) =>
  model.remembered(model.data.periods[k], "roads", () => {
    const found = new Map();
    model.layers(k).forEach((layer) => {
      const at = model.column(layer, ROAD);
      if (at < 0) return;
      for (let row = 0; row < layer.shapes.length; row += 1) {
        const road = model.valueAt(layer, row, at);
        if (typeof road !== "string" || !road || layer.shapes[row] < 0) continue;
        if (!found.has(road)) found.set(road, []);
        found.get(road).push({ layer, row });
      }
    });
    return found;
  });

/* Hits by kind, the best first: [{kind, count, hits}]; at most `most` of a kind are given. */
export const find = (entries, query, most = 8) => {
  const wanted = plain(query);
  if (!wanted) return [];
  const groups = new Map();
  entries.forEach((entry) => {
    const rank = rankOf(entry.keys, wanted);
    if (rank < 0) return;
    if (!groups.has(entry.kind)) groups.set(entry.kind, []);
    groups.get(entry.kind).push({ ...entry, rank });
  });
  return [...groups]
    .map(([kind, hits]) => {
      hits.sort((a, b) => a.rank - b.rank || a.text.length - b.text.length);
      return { kind, count: hits.length, best: hits[0].rank, hits: hits.slice(0, most) };
    })
    .sort((a, b) => a.best - b.best);
};
/* 0: the whole name, 1: its beginning, 2: a part of it. */
const rankOf = (keys, wanted) =>
  keys.reduce((best, key) => {
    const at = key.indexOf(wanted);
    const rank = at < 0 ? -1 : key === wanted ? 0 : at === 0 ? 1 : 2;
    return best < 0 || (rank >= 0 && rank < best) ? rank : best;
  }, -1);
