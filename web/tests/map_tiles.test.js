import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, strToU8 } from "fflate";
import { tilesInView } from "../engineers_map/tiles/city.js";
import { looksOf, readTile } from "../engineers_map/tiles/read_tile.js";
import { BlockSource, FileSource, textOf } from "../engineers_map/tiles/sources.js";

const bytes = Uint8Array.from({ length: 100 }, (_, k) => k);
const answer = (status, body) => ({ status, ok: status < 300, arrayBuffer: async () => body.buffer.slice(0) });

test("of a file that is given in parts only the part is asked for", async () => {
  const asked = [], told = [];
  const source = new FileSource("city.pmtiles", () => told.push(1), async (name, { headers }) => {
    asked.push(headers.Range);
    return answer(206, bytes.slice(10, 15));
  });
  const { data } = await source.getBytes(10, 5);
  assert.deepEqual([...new Uint8Array(data)], [10, 11, 12, 13, 14]);
  assert.deepEqual([asked, told.length], [["bytes=10-14"], 0]);
});

test("a server that gives the whole is asked once, and that is said", async () => {
  let asked = 0, told = 0;
  const give = async () => { asked += 1; return answer(200, bytes); };
  const source = new FileSource("city.pmtiles", () => { told += 1; }, give);
  assert.deepEqual([...new Uint8Array((await source.getBytes(10, 2)).data)], [10, 11]);
  assert.deepEqual([...new Uint8Array((await source.getBytes(98, 2)).data)], [98, 99]);
  assert.deepEqual([asked, told], [1, 1]);
});

test("a whole file that breaks off is asked for again", async () => {
  let asked = 0;
  const broken = { ok: true, status: 200, arrayBuffer: async () => { throw new Error("broken off"); } };
  const source = new FileSource("city.pmtiles", () => {}, async () => {
    asked += 1;
    return asked === 1 ? broken : answer(200, bytes);
  });
  await assert.rejects(source.getBytes(10, 2), /broken off/);
  assert.deepEqual([...new Uint8Array((await source.getBytes(10, 2)).data)], [10, 11]);
});

test("a file that is not there is an error", async () => {
  await assert.rejects(new FileSource("x", () => {}, async () => answer(404, bytes)).getBytes(0, 1), /404/);
});

test("a block of the page is read like a file", async () => {
  const source = new BlockSource("city", btoa(String.fromCharCode(...bytes)));
  assert.deepEqual([...new Uint8Array((await source.getBytes(3, 2)).data)], [3, 4]);
});

test("text comes out whether or not a server has unpacked it", () => {
  const text = JSON.stringify({ road: "解放路" });
  assert.equal(textOf(gzipSync(strToU8(text))), text);
  assert.equal(textOf(strToU8(text)), text);
});

test("a feature of the overview has one look, one of the city a look in each layer", () => {
  assert.deepEqual(looksOf({ l: 2, c: 1 }), [[2, 1]]);
  assert.deepEqual(looksOf({ a1: 0, a3: 4, other: 9 }), [[1, 0], [3, 4]]);
});

test("bytes that are no tile are refused, and an empty tile is empty", () => {
  assert.throws(() => readTile(Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1])));
  assert.equal(readTile(new Uint8Array(0)).found.size, 0);
});

test("tiles of a view cover it, few at each zoom, of the archive for it", () => {
  for (let zoom = 4; zoom < 20; zoom += 0.25) {
    const scale = 2 ** zoom, origin = { x: 211.6 * scale, y: 102.4 * scale };
    const town = [211, 102, 212.5, 103], screen = { left: 0, top: 0, right: 1440, bottom: 900 };
    const found = tilesInView({ scale, origin }, screen, town);
    assert.ok(found.length >= 1);
    if (zoom < 17) assert.ok(found.length <= 24, `${zoom}: ${found.length}`);
    const [{ archive, z }] = found;
    assert.equal(archive, z <= 13 ? "overview" : "city");
  }
});
