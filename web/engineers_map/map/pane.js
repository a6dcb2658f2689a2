/* One map on the page: Leaflet for the view and gestures, the painter for what is drawn. Two of them may stand side by
   side, each with a period of its own. */
import { element, layerOf } from "./data.js";
import { drawChosen } from "./drawing/chosen.js";
import { hitsAt } from "./hits.js";
import { makePainter } from "./painter.js";
import { NEAR_M, drawGround, drawUpper } from "./drawing/picture.js";
import { sceneOf } from "./scene.js";
import { homeBox, boxOf } from "./shapes.js";
import { makeView } from "./view.js";

const REACH = { mouse: 8, touch: 16 };
const FAR_OFF_PLAN = { minZoom: -4, maxZoom: 6 }, FAR_OFF_EARTH = { minZoom: 3, maxZoom: 21 };

export const makePane = (container, page) => {
  const { said } = page;
  const map = L.map(container, {
    crs: page.places().crs(), center: [0, 0], zoom: 2, zoomSnap: 0.25, zoomDelta: 0.5, zoomControl: false,
    attributionControl: false, ...(page.places().schematic ? FAR_OFF_PLAN : FAR_OFF_EARTH),
  });
  const pane = {
    map, container, period: 0, asked: [], scenes: [], lit: [], path: null, spot: null, cards: [], drawn: null,
    home: { zoom: 0, box: null, far: [] }, insets: { left: 0, top: 0, right: 0, bottom: 0 }, measuring: null,
  };

  const font = () => getComputedStyle(document.body).fontFamily;
  pane.view = (zoom = map.getZoom(), origin = map.getPixelOrigin()) => {
    const { crs } = map.options, scale = crs.scale(zoom) / crs.scale(0);
    return makeView({
      scale, origin, narrow: page.narrow(), near: 2 ** (zoom - pane.home.zoom),
      metres: page.places().metresOfPx(scale, map.getCenter().lat),
    });
  };
  pane.context = (view, bounds) => ({
    data: page.data, period: pane.period, shapes: page.shapes(), view, bounds, ground: page.ground(), font: font(),
    tiles: page.tiles, tileShift: tileShift(view), groundless: page.groundless,
  });
  /* How far a tile is drawn from its place under a shifted base map, px: as its middle is. */
  const tileShift = (view) => (page.places().isShifted ? (z, x, y) => {
    const [ax, ay] = [((x + 0.5) * 256) / 2 ** z, ((y + 0.5) * 256) / 2 ** z];
    const { lat, lng } = map.unproject(L.point(ax, ay), 0), [bx, by] = page.places().project(lng, lat);
    return { x: (bx - ax) * view.scale, y: (by - ay) * view.scale };
  } : null);
  pane.cardBoxes = () => {
    const box = container.getBoundingClientRect();
    return pane.cards.filter((card) => card.isConnected && card.offsetWidth).map((card) => {
      const r = card.getBoundingClientRect();
      const low = map.containerPointToLayerPoint([r.left - box.left - 4, r.top - box.top - 4]);
      const high = map.containerPointToLayerPoint([r.right - box.left + 4, r.bottom - box.top + 4]);
      return [low.x, low.y, high.x, high.y];
    });
  };

  const paintLower = (pen, bounds) => {
    const view = pane.view();
    pane.crowded = drawGround(pen, pane.scenes, pane.context(view, bounds));
    page.setNote(said.crowd, pane.crowded);
    if (page.tiles && view.metres < NEAR_M && !page.tiles.isWhole()) page.whole().catch(() => {});
    page.tell("drawn", pane);
  };
  const paintUpper = (pen, bounds) => {
    const view = pane.view(), context = pane.context(view, seenBounds(bounds));
    const chosen = (upper, taken) => drawChosen(upper, context, pane, taken);
    const { marks } = drawUpper(pen, pane.scenes, { ...context, cards: pane.cardBoxes(), chosen });
    pane.drawn = { scenes: pane.scenes, marks, shapes: page.shapes() };
    if (pane.measuring) pane.measuring.draw(pen, view);
  };
  /* Names stand where they are seen, not in the rim that is drawn for dragging. */
  const seenBounds = () => {
    const size = map.getSize(), low = map.containerPointToLayerPoint([0, 0]);
    return { left: low.x, top: low.y, right: low.x + size.x, bottom: low.y + size.y };
  };
  const cardRects = () => pane.cards.filter((card) => card.isConnected && card.offsetWidth)
    .map((card) => card.getBoundingClientRect());
  /* The scale and the credit stand above what lies on their corner. */
  pane.liftControls = () => container.querySelectorAll(".leaflet-bottom").forEach((corner) => {
    const box = container.getBoundingClientRect(), base = Math.min(pane.insets.bottom, box.height / 2);
    corner.style.bottom = base ? base + "px" : ""; // else where the style of the page has it
    const own = corner.getBoundingClientRect();
    const isOver = (r) => r.left < own.right && r.right > own.left && r.top < own.bottom && r.bottom > own.top;
    const lift = Math.max(base, ...cardRects().filter(isOver).map((r) => box.bottom - r.top + 4));
    if (lift > base && lift < 0.7 * box.height) corner.style.bottom = lift + "px";
  });
  pane.painter = makePainter(paintLower, paintUpper);

  pane.setScenes = (asked = pane.asked) => {
    pane.asked = asked;
    pane.scenes = sceneOf(page.data, page.shapes(), pane.period, asked, page.ground());
    pane.painter.drawAll();
  };
  pane.fitBox = (box, { maxZoom, animate = false } = {}) => {
    if (!box) return;
    const scale = map.options.crs.scale(0), { worldSize } = page.places(), unit = scale / worldSize;
    const corner = (x, y) => map.unproject(L.point(x * unit, y * unit), 0);
    const { left, top, right, bottom } = pane.roomTaken();
    const most = maxZoom === undefined ? (page.places().schematic ? 2 : 18) : maxZoom;
    map.fitBounds(L.latLngBounds(corner(box[0], box[1]), corner(box[2], box[3])), {
      animate, maxZoom: most, paddingTopLeft: [left, top], paddingBottomRight: [right, bottom],
    });
  };
  /* What cards and the desk take of the edges. */
  pane.roomTaken = () => {
    const size = map.getSize(), rim = page.narrow() ? 14 : 28;
    const room = { ...pane.insets }, box = container.getBoundingClientRect();
    pane.cards.filter((card) => card.isConnected && card.offsetWidth).forEach((card) => {
      const r = card.getBoundingClientRect(), wide = r.width > 0.5 * size.x, high = r.height > 0.5 * size.y;
      if (high && !wide) {
        const atLeft = r.left - box.left < size.x / 2;
        if (atLeft) room.left = Math.max(room.left, r.right - box.left);
        else room.right = Math.max(room.right, box.right - r.left);
      } else if (wide && !high) {
        const atTop = r.top - box.top < size.y / 2;
        if (atTop) room.top = Math.max(room.top, r.bottom - box.top);
        else room.bottom = Math.max(room.bottom, box.bottom - r.top);
      }
    });
    const width = Math.min(room.left + room.right, size.x - 80), height = Math.min(room.top + room.bottom, size.y - 80);
    const part = (one, sum, most) => rim + (sum > 0 ? (one / sum) * Math.max(0, most) : 0);
    return {
      left: part(room.left, room.left + room.right, width), right: part(room.right, room.left + room.right, width),
      top: part(room.top, room.top + room.bottom, height), bottom: part(room.bottom, room.top + room.bottom, height),
    };
  };
  pane.findHome = () => {
    const shapes = page.shapes(), all = shapes.box.length ? [...Array(shapes.count).keys()] : [];
    Object.assign(pane.home, homeBox(shapes, all));
    if (!page.tiles) return;
    const [west, south, east, north] = page.tiles.box, { project } = page.places();
    pane.home.box = [...project(west, north), ...project(east, south)];
  };
  pane.goHome = () => {
    pane.fitBox(pane.home.box);
    pane.home.zoom = map.getZoom();
  };
  pane.boxOfRows = (list) => boxOf(page.shapes(), list.map(({ layer, row }) => {
    const found = layerOf(page.data, pane.period, layer);
    return found ? found.shapes[row] : -1;
  }));

  const pickAt = (latlng, touch) => {
    const at = map.latLngToLayerPoint(latlng);
    const reach = touch ? REACH.touch : REACH.mouse;
    return pane.drawn ? hitsAt({ ...pane.drawn, view: pane.view() }, at.x, at.y, reach) : [];
  };
  map.on("click", (event) => {
    if (pane.measuring) return;
    const touch = page.narrow() || (event.originalEvent && event.originalEvent.pointerType === "touch");
    const tell = () => page.tell("pick", { hits: pickAt(event.latlng, touch), latlng: page.places().truly(event.latlng),
      point: map.latLngToContainerPoint(event.latlng), side: page.panes.indexOf(pane) });
    if (page.tiles && !page.tiles.isWhole()) page.whole().then(tell, tell);
    else tell();
  });
  let waiting = false;
  map.on("mousemove", (event) => {
    if (waiting || pane.measuring) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const [hit] = pickAt(event.latlng, false);
      container.style.cursor = hit ? "pointer" : "";
      page.tell("hover", hit ? { ...hit, point: map.latLngToContainerPoint(event.latlng) } : null);
    });
  });
  map.on("mouseout", () => page.tell("hover", null));
  map.on("resize", () => pane.liftControls());
  map.on("moveend", () => page.tell("moved", pane));
  map.attribution = L.control.attribution({ prefix: "Leaflet", position: "bottomright" }).addTo(map);
  L.control.zoom({ zoomInTitle: said.zoom_in, zoomOutTitle: said.zoom_out, position: "bottomright" }).addTo(map);
  if (!page.places().schematic) L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  pane.note = element("p", "dr-box dr-map-note");
  pane.note.hidden = true;
  const noteControl = L.control({ position: "bottomleft" });
  noteControl.onAdd = () => pane.note;
  noteControl.addTo(map);
  pane.painter.addTo(map);
  return pane;
};
