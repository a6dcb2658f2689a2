// The map of the page: looks at the state, draws when something changed, and says which stretch was tapped.
import { find } from "../dom.js";
import { boxOf, nearestFirst } from "../geometry.js";
import { UNIT_M } from "../town.js";
import { distance } from "../words.js";
import { Camera } from "./camera.js";
import { listen } from "./gestures.js";
import { layOut } from "./layout.js";
import { Painter } from "./paint.js";

const MARK_REACH = 24; // pixels around a mark that belong to a finger
const ROAD_REACH = 20;
const EDGE = 50; // units of the map that stay empty around a town
const SHEET_CORNER = 14;
const PAPER = [680, 396, 3]; // pixels of the map on an A4 sheet, and dots to each

export function createMap(page) {
  const pane = find("#pane");
  const canvas = find("#canvas");
  const sheet = find("#sheet");
  const camera = new Camera();
  const painter = new Painter(canvas, page.town);
  let layout = { marks: [], seen: [], names: [] };
  let detour = null;
  let due = 0;
  let settling = 0;

  /** Height of the pane that the sheet leaves free. */
  function freeHeight() {
    if (page.isWide() || sheet.dataset.height === "full") return camera.height;
    return camera.height - sheet.offsetHeight + SHEET_CORNER;
  }

  function size(width, height, scale) {
    Object.assign(camera, { width, height });
    canvas.width = width * scale;
    canvas.height = height * scale;
  }

  const measure = () => size(pane.clientWidth, pane.clientHeight, Math.min(2, window.devicePixelRatio || 1));

  const wholeTown = () => [EDGE, EDGE, page.town.size[0] - EDGE, page.town.size[1] - EDGE];
  const showTown = () => camera.fitWhole(wholeTown(), freeHeight(), page.isWide() ? 24 : 14);

  function arrange() {
    const controls = { left: camera.width - 62, bottom: 150 };
    layout = layOut(page, camera, { bottom: freeHeight(), controls, widthOf: painter.widthOf });
    find("#zoom-all").hidden = camera.isHome();
    drawScale();
  }

  function drawScale() {
    const metres = [5000, 2000, 1000, 500, 200, 100].find((m) => (m / UNIT_M) * camera.zoom < 110) ?? 100;
    const bar = find("#scale");
    bar.textContent = distance(metres);
    bar.style.width = `${(metres / UNIT_M) * camera.zoom}px`;
  }

  const paint = () => painter.draw(page, camera, layout, detour);

  /** Draw anew in the next frame; with names and marks where they have room now. */
  function draw() {
    if (!camera.width || due) return;
    due = requestAnimationFrame(() => {
      due = 0;
      arrange();
      paint();
    });
  }

  /** Draw while a finger moves: marks and names are arranged when it rests. */
  function glide() {
    due =
      due ||
      requestAnimationFrame(() => {
        due = 0;
        paint();
      });
    clearTimeout(settling);
    settling = setTimeout(draw, 140);
  }

  function refresh() {
    detour = page.wayRound(page.state);
    draw();
  }

  /** Move to what the state is about. */
  function aim() {
    measure();
    if (!camera.width) return;
    showTown();
    const { view, stretch, road } = page.state;
    const stretches =
      view === "stretch" ? [stretch, ...(detour?.stretches ?? [])] : view === "road" ? road.stretches : [];
    if (stretches.length)
      camera.fit(boxOf(stretches.flatMap(({ line }) => line)), freeHeight(), { margin: 44, most: 0.8 });
    else if (view === "near" && page.me?.point) {
      const [x, y] = page.me.point;
      camera.fit([x - 200, y - 200, x + 200, y + 200], freeHeight());
    }
    draw();
  }

  function zoom(point, factor) {
    camera.zoomAt(point ?? [camera.width / 2, freeHeight() / 2], factor);
    glide();
  }

  function home() {
    showTown();
    draw();
  }

  function tap(point) {
    const far = ([x, y]) => Math.hypot(x - point[0], y - point[1]);
    const marks = page.state.view === "report" ? [] : [...layout.marks, ...layout.seen];
    const near = marks
      .map((stretch) => [far(camera.toPane(stretch.middle)), stretch])
      .sort((one, other) => one[0] - other[0])[0];
    if (near && near[0] < MARK_REACH) return page.tapped(near[1]);
    const [units, stretch] = nearestFirst(page.town.stretches, camera.toMap(point))[0];
    return units * camera.zoom < ROAD_REACH ? page.tapped(stretch) : undefined;
  }

  listen(pane, {
    move: (dx, dy) => {
      camera.move(dx, dy);
      glide();
    },
    zoom,
    tap,
    home,
  });
  find("#zoom-in").addEventListener("click", () => zoom(null, 1.6));
  find("#zoom-out").addEventListener("click", () => zoom(null, 1 / 1.6));
  find("#zoom-all").addEventListener("click", () => {
    home();
    pane.focus();
  });
  new ResizeObserver(() => {
    if (camera.width !== pane.clientWidth || camera.height !== pane.clientHeight) aim();
  }).observe(pane);
  for (const query of ["(prefers-color-scheme:dark)", "(prefers-contrast:more)"]) {
    matchMedia(query).addEventListener("change", () => {
      painter.mixInks();
      draw();
    });
  }

  /** Draw the whole town for paper, at once. */
  function drawForPaper() {
    cancelAnimationFrame(due);
    due = 0;
    painter.mixInks();
    size(...PAPER);
    camera.fitWhole(wholeTown(), camera.height, 10);
    layout = layOut(page, camera, {
      bottom: camera.height,
      controls: { left: Infinity, bottom: 0 },
      widthOf: painter.widthOf,
    });
    paint();
  }

  function drawForScreen() {
    painter.mixInks();
    aim();
  }

  return { aim, refresh, draw, measure, camera, drawForPaper, drawForScreen };
}
