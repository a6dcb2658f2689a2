import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { addressesOf, isKey, keyInAddress, wantsKey } from "../engineers_map/map/base_map.js";
import { fromGcj02, toGcj02 } from "../engineers_map/map/china_offset.js";
import { areaOf, areaText, lengthOf, lengthText } from "../engineers_map/map/measures.js";

test("GCJ-02 is that of wandergis/coordtransform, as in Python", () => {
  const [lng, lat] = toGcj02(117.55, 33.54);
  assert.equal(lng.toFixed(8), "117.55555324");
  assert.equal(lat.toFixed(8), "33.53837197");
});

test("the way back from GCJ-02 comes to a centimetre, all over the country", () => {
  for (let lng = 75; lng < 135; lng += 7.3) {
    for (let lat = 18; lat < 53; lat += 4.1) {
      const [x, y] = fromGcj02(...toGcj02(lng, lat));
      assert.ok(Math.hypot(x - lng, y - lat) * 111000 < 0.01);
    }
  }
});

test("a degree of a meridian is 111.19 km, and a square of a hundredth of it at the equator 1.2364 km²", () => {
  assert.equal(Math.round(lengthOf([{ lat: 0, lng: 0 }, { lat: 1, lng: 0 }])), 111195);
  const side = 0.01, ring = [[0, 0], [0, side], [side, side], [side, 0]].map(([lat, lng]) => ({ lat, lng }));
  assert.equal(Math.round(areaOf(ring) / 100), Math.round((111.195 ** 2 * side * side * 1e6) / 100));
  assert.equal(areaOf(ring.slice(0, 2)), 0);
  assert.equal(areaOf([[0, 0], [0, 3], [4, 3]].map(([lat, lng]) => ({ lat, lng })), true), 6);
});

test("lengths and areas are said in the unit that is read", () => {
  assert.deepEqual([4.25, 640.4, 1234, 23456].map(lengthText), ["4.3 m", "640 m", "1.23 km", "23.5 km"]);
  assert.deepEqual([120, 25000, 3.2e6].map(areaText), ["120 m²", "2.5 hm²", "3.2 km²"]);
});

const toml = readFileSync(new URL("../../drainage/maps/base_maps.toml", import.meta.url), "utf-8");
test("the key of Tianditu stands in the address that is asked, and in no file", () => {
  const tiles = [...toml.matchAll(/"(https:\/\/t0\.tianditu[^"]*\{key\})"/g)].map(([, address]) => address);
  assert.equal(tiles.length, 2);
  assert.ok(wantsKey({ tiles }));
  assert.ok(addressesOf({ tiles }, "abc12345").every((address) => address.endsWith("tk=abc12345")));
  assert.ok(!/tk=[0-9a-f]/i.test(toml));
});

test("a key is read from the address, and a hostile one is not", () => {
  assert.equal(keyInAddress({ search: "?tk=0123456789abcdef", hash: "" }), "0123456789abcdef");
  assert.equal(keyInAddress({ search: "", hash: "#q=w&tk=0123456789abcdef" }), "0123456789abcdef");
  assert.equal(keyInAddress({ search: "?tk=%22%3E%3Cscript%3E", hash: "" }), null);
  assert.equal(keyInAddress({ search: "", hash: "" }), null);
  assert.ok(!isKey("a&b=c"));
});
