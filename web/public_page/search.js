// Roads by any part of their name: as written, in pinyin, by its initials, in English.

const plain = (text) =>
  String(text ?? "")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f\s'’·.-]/g, "");

/** How well a road answers, 0 the best; Infinity not at all. */
function rank(road, asked) {
  const [zh, pinyin, initials, en] = [road.name.zh, road.pinyin, road.initials, road.name.en].map(plain);
  const ways = [
    zh.startsWith(asked),
    zh.includes(asked),
    pinyin.startsWith(asked),
    initials.startsWith(asked),
    en.startsWith(asked),
    pinyin.includes(asked) || en.includes(asked),
    initials.includes(asked),
  ];
  const first = ways.indexOf(true);
  return first < 0 ? Infinity : first;
}

/** All roads that answer, the best first. */
export function matches(roads, text) {
  const asked = plain(text);
  if (!asked) return [];
  const ranked = roads.map((road) => [rank(road, asked), road]).filter(([found]) => found < Infinity);
  return ranked.sort((one, other) => one[0] - other[0]).map(([, road]) => road);
}
