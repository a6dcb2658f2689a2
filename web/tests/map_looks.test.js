import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { GROUNDS, casingOn, colorOn, contrast, inkOn, luminance } from "../engineers_map/map/drawing/looks.js";
import { strokesOf } from "../engineers_map/map/drawing/lines.js";

const text = readFileSync(new URL("../../drainage/maps/looks.toml", import.meta.url), "utf-8");
const colours = text.matchAll(/^(\w+) = "(#[0-9A-F]{6})"$/gm);
const named = Object.fromEntries([...colours].map(([, name, color]) => [name, color]));
const looks = [...text.matchAll(/^(?:styles\.\S+|styles\."[^"]+"|other) = \{(.*)\}/gm)].map(([, inner]) => {
  const of = (key) => (inner.match(new RegExp(`\\b${key} = "?([^",}]+)"?`)) || [])[1];
  const color = of("color").trim();
  return { color: named[color] || color, size: Number(of("size") || 2), pattern: (of("pattern") || "").trim() };
});

test("contrast is that of WCAG 2.1: black on white is 21, grey #777777 on white 4.48", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
  assert.equal(luminance("#ffffff"), 1);
});

test("the looks are read: there are as many as the file has", () => {
  assert.ok(looks.length > 150);
  assert.ok(looks.every(({ color }) => /^#[0-9A-F]{6}$/i.test(color)));
});

for (const ground of ["light", "dark"]) {
  test(`on the ${ground} ground every look has a contrast of 3:1 by its colour or by its rim`, () => {
    const { land } = GROUNDS[ground];
    const weak = looks.filter(({ size }) => size >= 2).filter((look) => {
      const color = colorOn(look, ground);
      return contrast(color, land) < 3 && contrast(casingOn(color, ground), land) < 3;
    });
    assert.deepEqual(weak, []);
  });

  test(`marks have an outline of 3:1 on the ${ground} ground, and text upon them 4.5:1`, () => {
    assert.ok(contrast(GROUNDS[ground].ink, GROUNDS[ground].land) >= 3);
    const pale = looks.map((look) => colorOn(look, ground)).filter((color) => contrast(inkOn(color), color) < 4.5);
    assert.deepEqual(pale, []);
  });
}

test("a pale line gets a dark rim, a strong one the rim of the ground, a thin one none", () => {
  const [pale, strong] = ["#F0E442", "#0072B2"].map((color) => strokesOf({ color, size: 6 }, 6, "light"));
  assert.equal(pale[0].color, GROUNDS.light.ink);
  assert.equal(strong[0].color, GROUNDS.light.halo);
  assert.equal(strokesOf({ color: "#9A9A9A", size: 1 }, 1, "light").length, 1);
});

test("classes of one colour are told apart by what is drawn in them", () => {
  const drawn = (pattern, how) => JSON.stringify(strokesOf({ color: "#555555", size: 6, pattern }, 6, "light", how));
  assert.equal(new Set(["", "dash", "dot", "double", "gap"].map((pattern) => drawn(pattern))).size, 5);
  assert.equal(new Set(["", "dash", "double"].map((pattern) => drawn(pattern, { bare: true }))).size, 1);
});
