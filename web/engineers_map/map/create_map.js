/* The drawing part of the page, as the desk uses it. Layers are named by their key, features by layer and row. */
import { unpack } from "../data/unpack.js";
import { element, layerOf } from "./data.js";
import { listenForPrint } from "./sheet.js";
import { makeBaseMap } from "./base_map.js";
import { makePane } from "./pane.js";
import { standBeside } from "./beside.js";
import { startMeasuring } from "./measuring.js";
import { makePlaces } from "./places.js";
import { middleOf, unpackShapes } from "./shapes.js";
import { isInView } from "./view.js";
import { drawSwatch } from "./drawing/swatch.js";
import { geometryOf } from "./geometry.js";

const NARROW = 760;

export const createMap = (container, data, { openCity = null } = {}) => {
  const listeners = new Map(), dark = window.matchMedia("(prefers-color-scheme: dark)");
  let theme = null, shapes = null, places = makePlaces(data.schematic);
  const page = {
    data, tiles: null, said: data.words, panes: [], listed: null, notes: new Set(),
    narrow: () => window.innerWidth <= NARROW,
    ground: () => theme || (dark.matches ? "dark" : "light"),
    places: () => places,
    shapes: () => shapes,
    measure() {
      shapes = unpackShapes(data.shapes, places.project);
    },
    /* Moves all that is drawn as a base map has its places moved; what is seen stays in view. */
    move(moved) {
      const centres = page.panes.map(({ map }) => places.truly(map.getCenter()));
      places = makePlaces(data.schematic, moved);
      page.measure();
      page.panes.forEach((pane, k) => {
        pane.findHome();
        pane.map.setView(places.shifted(centres[k]), pane.map.getZoom(), { animate: false });
        pane.setScenes();
      });
    },
    groundless: false,
    setGroundless(on) {
      page.groundless = on;
      page.panes.forEach((pane) => pane.setScenes());
    },
    whole: () => (page.tiles ? takeWhole(page) : Promise.resolve()),
    setNote(text, on) {
      if (on === page.notes.has(text)) return;
      if (on) page.say(text);
      else page.unsay(text);
    },
    unsay(text) {
      if (page.notes.delete(text)) page.showNotes();
    },
    say(text) {
      page.notes.add(text);
      page.showNotes();
      page.tell("said", text);
    },
    showNotes() {
      page.panes.slice(0, 1).forEach(({ note }) => {
        note.replaceChildren(...[...page.notes].map((one) => element("span", "", one)));
        note.hidden = !page.notes.size;
      });
    },
    tell(name, told) {
      if (name === "drawn") remember(told, page);
      else (listeners.get(name) || []).forEach((listen) => listen(told));
    },
  };
  page.measure();
  if (data.tiles && openCity) page.tiles = cityOf(page, openCity);
  const first = element("div", "dr-pane");
  container.append(first);
  page.panes.push(makePane(first, page));
  const [main] = page.panes, each = (act) => page.panes.forEach(act);

  const drawn = {
    map: main.map,
    data,
    on(name, listen) {
      listeners.set(name, [...(listeners.get(name) || []), listen]);
      return () => listeners.set(name, listeners.get(name).filter((one) => one !== listen));
    },
    setPeriod(period) {
      main.period = period;
      Object.assign(main, { lit: [], path: null, spot: null });
    },
    setLayers(asked, side = null) {
      each((pane, k) => { if (side === null || side === k) pane.setScenes(asked); });
    },
    highlight(list) {
      each((pane) => { pane.lit = list; pane.painter.drawUpper(); });
    },
    path(path) {
      each((pane) => { pane.path = path; pane.painter.drawUpper(); });
    },
    spot(spot) {
      each((pane) => { pane.spot = spot; pane.painter.drawUpper(); });
    },
    fit(what, options = {}) {
      if (Array.isArray(what)) main.fitBox(main.boxOfRows(what), options);
      else if (what && what.isValid()) main.map.fitBounds(what, { animate: false, ...options });
    },
    home: () => main.goHome(),
    viewState() {
      const { lat, lng } = places.truly(main.map.getCenter()), near = (v) => Number(v.toFixed(6));
      return { lat: near(lat), lng: near(lng), zoom: Number(main.map.getZoom().toFixed(2)) };
    },
    setView(state) {
      const sound = state && [state.lat, state.lng, state.zoom].every(Number.isFinite) && state.zoom < 25;
      if (!sound || (!data.schematic && Math.abs(state.lat) > 85)) return false;
      const { lat, lng } = places.shifted(state);
      main.map.setView([lat, lng], state.zoom, { animate: false });
      return true;
    },
    inView(key) {
      const scene = main.scenes.find((one) => one.key === key), size = main.map.getSize();
      if (!scene) return [];
      const low = main.map.containerPointToLayerPoint([0, 0]);
      const bounds = { left: low.x, top: low.y, right: low.x + size.x, bottom: low.y + size.y }, view = main.view();
      return scene.list.filter((row) => isInView(shapes, view, bounds, scene.layer.shapes[row]));
    },
    shapeOf(key, row) {
      const layer = layerOf(data, main.period, key);
      return layer && layer.shapes[row] >= 0 ? geometryOf(data.shapes, layer.shapes[row]) : null;
    },
    middleOf(key, row) {
      const layer = layerOf(data, main.period, key);
      if (!layer || !(layer.shapes[row] >= 0)) return null;
      const { x, y } = middleOf(shapes, layer.shapes[row]), unit = main.map.options.crs.scale(0) / places.worldSize;
      return main.map.unproject(L.point(x * unit, y * unit), 0);
    },
    setCards(cards) {
      each((pane) => {
        pane.cards = [...cards];
        pane.liftControls();
        pane.painter.drawUpper();
      });
    },
    setInsets(insets) {
      each((pane) => {
        Object.assign(pane.insets, insets);
        pane.liftControls();
      });
    },
    theme: () => page.ground(),
    setTheme(next) {
      theme = next;
      if (next) document.documentElement.dataset.theme = next;
      else document.documentElement.dataset.theme = page.ground();
      each((pane) => pane.setScenes());
      page.tell("theme", page.ground());
    },
    swatch: (layer, k, size) => drawSwatch(layer, k, page.ground(), shapes, size),
    listed(key, rows = null) {
      page.listed = key ? { key, rows } : null;
    },
    whole: () => page.whole(),
    isSettled: () => (!page.tiles || page.tiles.isQuiet()) && page.panes.every(({ painter }) => painter.isAtRest()),
    measure(on) {
      const tool = main.measuring;
      if (!on && tool) tool.stop();
      if (on && !tool) main.measuring = startMeasuring(page, main, () => page.tell("measuring", false));
    },
    measuring: () => Boolean(main.measuring),
    beside: (sides) => standBeside(page, container, sides),
    bases: () => base.list(),
    base: () => base.now(),
    setBase: (key) => base.set(key),
  };
  const base = makeBaseMap(page);
  page.base = base;
  container.drawn = drawn; // for those who look at the page from outside, as tests do
  const follow = () => { if (!theme) drawn.setTheme(null); };
  if (dark.addEventListener) dark.addEventListener("change", follow);
  document.documentElement.dataset.theme = page.ground();
  main.findHome();
  main.goHome();
  sayFar(page, main);
  if (data.base) base.set(data.base.key);
  listenForPrint(page);
  window.addEventListener("resize", () => each((pane) => pane.map.invalidateSize(false)));
  return drawn;
};

/* The tiles; what arrives is drawn with the next picture. */
const cityOf = (page, openCity) => openCity(page.data, {
  block(name) {
    const found = document.getElementById("drainage-" + name);
    return found ? found.textContent : null;
  },
  say: page.say,
  changed() {
    page.panes.forEach((pane) => pane.painter.drawSoon());
  },
});

/* Puts the whole in the place of the first part: the same objects, so that whoever holds them has it too. */
const takeWhole = (page) => page.tiles.whole().then((packed) => {
  const { data } = page;
  if (packed.taken) return;
  const whole = unpack(packed);
  Object.assign(data, { shapes: whole.shapes, columns: whole.columns });
  if (whole.hydrographs) data.hydrographs = whole.hydrographs;
  whole.periods.forEach((period, k) => {
    data.periods[k].network = period.network || null;
    period.layers.forEach((layer, n) => Object.assign(data.periods[k].layers[n], layer));
  });
  packed.taken = true;
  page.measure();
  page.panes.forEach((pane) => pane.setScenes());
});

/* Features that lie far from all others stay in lists; the first view is that of the town, and the map says so. */
const sayFar = (page, { home: { far } }) => {
  if (far.length) page.say(page.said.far_off.replace("{count}", far.length));
};

/* What is drawn, for those who test the page. */
const remember = (pane, { panes }) => {
  if (pane !== panes[0]) return;
  const { scenes } = pane;
  document.body.dataset.drawn = scenes.reduce((n, { count }) => n + count, 0);
  document.body.dataset.layers = scenes.map(({ key, count }) => `${key}:${count}`).join(" ");
};
