// Which marks and names have room in the view: marks by depth, then one name a road, by its class.
import { nameOf } from "../names.js";
import { unexplained } from "../town.js";
import { inLanguage } from "../words.js";
import { Room } from "./room.js";

const MARK = 13.5;
const MANY = 50;
const HAN = /^[\u3400-\u9fff\uf900-\ufaff]+$/;
const STEEP = 1.01; // radians: beyond 58° a Chinese name is written downwards

/** What to draw in this view: `{marks, seen, names}` with places in units of the map. */
export function layOut(page, camera, { bottom, controls, widthOf }) {
  const room = new Room();
  const marks = placedMarks(page, camera, room);
  const seen = placedSightings(page, camera, room);
  if (page.me?.point) room.take(...camera.toPane(page.me.point), 10);
  const area = { left: 8, top: 8, right: camera.width - 8, bottom: bottom - 6, controls, widthOf };
  const names = [...roadNames(page, camera, room, area), ...riverNames(page, camera, room, area)];
  return { marks, seen, names };
}

/** How large marks are: smaller in a small view of a whole town. */
export const markScale = (camera) =>
  camera.width > 700 ? 0.92 : Math.min(0.92, Math.max(0.68, camera.zoom * 1.6));

/** Stretches that are marked in the present view, the most important first. */
function marked({ state }) {
  if (state.view === "solved") return [...state.rain.solved.keys()];
  const { wet, depth } = state.rain;
  return state.stretch && depth[state.stretch.index] ? [state.stretch.index, ...wet] : wet;
}

function placedMarks(page, camera, room) {
  const { town, state } = page;
  const list = marked(page);
  const crowd = list.length > MANY && camera.zoom < 0.55;
  const scale = markScale(camera);
  const placed = [];
  for (const k of list) {
    if (crowd && state.rain.depth[k] <= town.passing.up[0] && k !== state.stretch?.index) continue;
    const [x, y] = camera.toPane(town.stretches[k].middle);
    if (!inView(camera, x, y) || !room.isFree(x, y, (crowd ? 24 : MARK) * scale)) continue;
    room.take(x, y, MARK * scale);
    placed.push(town.stretches[k]);
  }
  return placed;
}

function placedSightings({ town, state }, camera, room) {
  if (state.view === "solved") return [];
  return unexplained(town, state.rain)
    .map((one) => town.stretches[one.stretch])
    .filter((stretch) => {
      const [x, y] = camera.toPane(stretch.middle);
      if (!inView(camera, x, y) || !room.isFree(x, y, 11)) return false;
      room.take(x, y, 12);
      return true;
    });
}

const inView = ({ width, height }, x, y) => x > -20 && y > -20 && x < width + 20 && y < height + 20;

// ---- names --------------------------------------------------------------------------------------------------------

function roadNames({ town, state }, camera, room, area) {
  const chosen = state.road ?? state.stretch?.road;
  const visible = new Map();
  for (const stretch of town.stretches) {
    const [x, y] = camera.toPane(stretch.middle);
    if (x < 18 || y < 18 || x > area.right - 10 || y > area.bottom - 8) continue;
    visible.set(stretch.road, [...(visible.get(stretch.road) ?? []), { stretch, x, y }]);
  }
  const order = [...visible.keys()].sort(
    (one, other) =>
      (other === chosen) - (one === chosen) ||
      other.rank - one.rank ||
      visible.get(other).length - visible.get(one).length,
  );
  const names = [];
  for (const road of order) {
    if (camera.zoom < 0.34 && road.rank < 2 && road !== chosen) continue;
    const found = placedName(nameOf(road), visible.get(road), camera, room, area);
    if (found) names.push(found);
  }
  return names;
}

/** The name where it fits best, near the middle of the view; null where it fits nowhere. */
function placedName(name, places, camera, room, area) {
  const han = HAN.test(name);
  const width = han ? name.length * 13 : area.widthOf(name);
  if (places.reduce((sum, one) => sum + one.stretch.length, 0) * camera.zoom < width * 1.15) return null;
  const middle = [area.right / 2, area.bottom / 2];
  const off = ({ x, y }) => Math.hypot(x - middle[0], y - middle[1]);
  for (const { stretch, x, y } of [...places].sort((one, other) => off(one) - off(other)).slice(0, 8)) {
    const down = han && Math.abs(stretch.angle) > STEEP;
    const angle = down ? Math.PI / 2 : stretch.angle;
    const count = Math.max(2, Math.round(width / (han ? 14 : 9)));
    const spots = beads(x, y, angle, count, han ? 13 : width / count);
    if (!spots.every(([px, py]) => isWithin(px, py, area) && room.isFree(px, py, 8))) continue;
    for (const [px, py] of spots) room.take(px, py, 8);
    return { at: stretch.middle, angle: down ? 0 : angle, name, down };
  }
  return null;
}

const beads = (x, y, angle, count, step) =>
  Array.from({ length: count }, (_, k) => {
    const along = (k - (count - 1) / 2) * step;
    return [x + Math.cos(angle) * along, y + Math.sin(angle) * along];
  });

function isWithin(x, y, { left, top, right, bottom, controls }) {
  if (x < left || y < top || x > right || y > bottom) return false;
  return !(x > controls.left && y < controls.bottom);
}

function riverNames({ town }, camera, room, area) {
  const names = [];
  for (const { line, name } of [...town.rivers, ...town.waters]) {
    const text = inLanguage(name);
    if (!text || names.some((one) => one.name === text)) continue;
    const half = area.widthOf(text) / 2;
    const place = [0.5, 0.3, 0.7, 0.2, 0.85]
      .map((share) => between(line, share))
      .find((point) => {
        const [x, y] = camera.toPane(point);
        return [-1, -0.5, 0, 0.5, 1].every(
          (side) => isWithin(x + side * half, y, area) && room.isFree(x + side * half, y, 9),
        );
      });
    if (!place) continue;
    const [x, y] = camera.toPane(place);
    for (const side of [-1, 0, 1]) room.take(x + side * half, y, 9);
    names.push({ at: place, angle: 0, name: text, down: false, water: true });
  }
  return names;
}

/** The point at a share of a line's points. */
function between(line, share) {
  const place = share * (line.length - 1);
  const [one, other] = [line[Math.floor(place)], line[Math.ceil(place)]];
  const rest = place - Math.floor(place);
  return [one[0] + (other[0] - one[0]) * rest, one[1] + (other[1] - one[1]) * rest];
}
