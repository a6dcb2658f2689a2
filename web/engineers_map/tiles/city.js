/* The tiles of a city: asks for those in view, keeps them, draws them; and the whole, when somebody asks for it. */
import { PMTiles } from "pmtiles";
import { unpack } from "../data/unpack.js";
import { colorOn } from "../map/drawing/looks.js";
import { strokesOf } from "../map/drawing/lines.js";
import { drawMark } from "../map/drawing/marks.js";
import { mercator } from "../map/shapes.js";
import { BlockSource, FileSource, fromBase64, textOf } from "./sources.js";
import { readTile } from "./read_tile.js";

const KEPT = 160; // tiles in memory
const ARCHIVES = [{ name: "overview", low: 6, high: 13 }, { name: "city", low: 14, high: 15 }];
const WORLD = 256;

/* Tiles of a view: 450 to 900 px wide, so that few are asked for, and none beside the city. `town`: left, top, right,
   bottom of the city on the world of zoom 0. */
export const tilesInView = (view, bounds, town = [0, 0, WORLD, WORLD]) => {
  const wanted = Math.floor(Math.log2(view.scale) - 0.8);
  const archive = ARCHIVES.find(({ high }) => wanted <= high) || ARCHIVES[ARCHIVES.length - 1];
  const z = Math.max(archive.low, Math.min(archive.high, wanted)), size = (WORLD / 2 ** z) * view.scale;
  const at = (v, origin) => Math.floor((v + origin) / size), found = [];
  const of = (v) => Math.max(0, Math.min(2 ** z - 1, Math.floor((v / WORLD) * 2 ** z)));
  const [x0, x1] = [at(bounds.left, view.origin.x), at(bounds.right, view.origin.x)];
  const [y0, y1] = [at(bounds.top, view.origin.y), at(bounds.bottom, view.origin.y)];
  for (let x = Math.max(of(town[0]), x0); x <= Math.min(of(town[2]), x1); x += 1) {
    for (let y = Math.max(of(town[1]), y0); y <= Math.min(of(town[3]), y1); y += 1) {
      found.push({ archive: archive.name, z, x, y, size });
    }
  }
  return found;
};

export const openCity = (data, { block, say, changed, get }) => {
  const tiles = new Map(), said = data.words;
  const source = (name) => {
    const text = block(name);
    return text === null ? new FileSource(`${name}.pmtiles`, () => say(said.tiles_at_once), get)
      : new BlockSource(name, text);
  };
  const archives = Object.fromEntries(ARCHIVES.map(({ name }) => [name, new PMTiles(source(name))]));
  let told = false, wholeAsked = null, isWhole = false;

  const fail = (error) => {
    const isFile = location.protocol === "file:" && block("city") === null;
    if (!told) say(isFile ? said.tiles_need_server : said.tiles_broken);
    told = true;
    return error;
  };
  const load = ({ archive, z, x, y }, key) => {
    const entry = { tile: null, used: 0 };
    tiles.set(key, entry);
    archives[archive].getZxy(z, x, y).then((answer) => {
      entry.tile = answer ? readTile(answer.data) : { extent: 4096, found: new Map() };
    }).catch((error) => {
      fail(error);
      entry.tile = { extent: 4096, found: new Map(), broken: true };
    }).then(changed);
    return entry;
  };
  const forget = () => {
    if (tiles.size <= KEPT) return;
    const old = [...tiles].sort(([, a], [, b]) => a.used - b.used).slice(0, tiles.size - KEPT);
    old.forEach(([key]) => tiles.delete(key));
  };

  /* What is there to draw now: the tile, or while it is asked for the one above it that is known. */
  const known = (asked, now) => {
    const key = `${asked.z}/${asked.x}/${asked.y}`, entry = tiles.get(key) || load(asked, key);
    entry.used = now;
    if (entry.tile) return { ...asked, tile: entry.tile };
    for (let up = 1; up <= 5; up += 1) {
      const above = { z: asked.z - up, x: asked.x >> up, y: asked.y >> up, size: asked.size * 2 ** up };
      const found = tiles.get(`${above.z}/${above.x}/${above.y}`);
      if (found && found.tile) return { ...above, tile: found.tile, part: asked };
    }
    return null;
  };
  let clock = 0;
  const [west, south, east, north] = data.tiles.box, [left, top] = mercator(west, north);
  const town = [left, top, ...mercator(east, south)];

  return {
    isWhole: () => isWhole,
    isQuiet: () => [...tiles.values()].every(({ tile }) => tile),
    box: data.tiles.box,
    draw(pen, scene, view, bounds, ground, shift = null) {
      clock += 1;
      const shown = tilesInView(view, bounds, town).map((asked) => known(asked, clock)).filter(Boolean);
      forget();
      drawScene(pen, scene, shown, { view, ground, shift });
    },
    whole() {
      wholeAsked = wholeAsked || fetchWhole({ block, get }).then((found) => {
        isWhole = true;
        return found;
      }).catch((error) => {
        say(said.whole_failed);
        wholeAsked = null;
        throw error;
      });
      return wholeAsked;
    },
  };
};

const fetchWhole = async ({ block, get = (...asked) => fetch(...asked) }) => {
  const text = block("whole");
  if (text !== null) return unpack(JSON.parse(textOf(fromBase64(text))));
  const answer = await get("whole.json.gz");
  if (!answer.ok) throw new Error(`whole.json.gz: ${answer.status}`);
  return unpack(JSON.parse(textOf(new Uint8Array(await answer.arrayBuffer()))));
};

const inTile = (pen, { tile, z, x, y, size, part }, { view, shift }, act) => {
  const moved = shift ? shift(z, x, y) : { x: 0, y: 0 }, k = size / tile.extent;
  const corner = (one) => ({
    left: one.x * one.size - view.origin.x + moved.x, top: one.y * one.size - view.origin.y + moved.y, size: one.size,
  });
  const { left, top } = corner({ x, y, size }), cut = corner(part || { x, y, size });
  pen.save();
  pen.beginPath();
  pen.rect(cut.left - 0.5, cut.top - 0.5, cut.size + 1, cut.size + 1);
  pen.clip();
  pen.translate(left, top);
  pen.scale(k, k);
  act(k);
  pen.restore();
};

const drawScene = (pen, scene, shown, context) => {
  const { view, ground } = context, number = scene.layer.tiled;
  scene.looks.forEach(({ look }, c) => {
    const key = number + ":" + c, having = shown.filter(({ tile }) => tile.found.has(key));
    if (!having.length) return;
    const color = colorOn(look, ground);
    pen.globalAlpha = scene.opacity;
    having.forEach((one) => inTile(pen, one, context, () => fillArea(pen, one.tile.found.get(key), color)));
    pen.globalAlpha = Math.max(scene.opacity, 0.85);
    strokesFor(scene, look, view, ground).forEach((stroke) => {
      having.forEach((one) => inTile(pen, one, context, (k) => strokeLine(pen, one.tile.found.get(key), stroke, k)));
    });
    pen.globalAlpha = 1;
    having.forEach((one) => drawMarks(pen, one, look, { ...context, key }));
  });
};

const strokesFor = (scene, look, view, ground) => {
  if (scene.role === "pipe") return [{ color: look.color, width: Math.min(1.6, 0.9 * view.thick) }];
  const bare = view.metres === null || view.metres > 6; // no rims where lines lie closer than their width
  return strokesOf(look, Math.max(1, look.size * view.thick), ground, { bare, rim: !scene.quiet });
};

const fillArea = (pen, { area }, color) => {
  if (!area) return;
  pen.fillStyle = color;
  pen.fill(area, "evenodd");
};

const strokeLine = (pen, { line }, { color, width, dash = [], cap = "butt" }, k) => {
  if (!line) return;
  pen.strokeStyle = color;
  pen.lineWidth = Math.max(0.7, width) / k;
  pen.lineCap = cap;
  pen.lineJoin = "round";
  pen.setLineDash(dash.map((part) => part / k));
  pen.stroke(line);
};

const drawMarks = (pen, { tile, x, y, size, part }, look, { view, ground, key }) => {
  const { marks } = tile.found.get(key);
  if (part || (look.size < 3.5 && view.metres > 4)) return; // manholes only where there is room for them
  for (let i = 0; i < marks.length; i += 2) {
    const at = [x * size + (marks[i] * size) / tile.extent, y * size + (marks[i + 1] * size) / tile.extent];
    drawMark(pen, at[0] - view.origin.x, at[1] - view.origin.y, look.size * view.radius, look, ground);
  }
};
