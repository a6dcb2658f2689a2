// The map on a canvas: ground, water, roads, depths, the way round, names, marks. The list says the same in words.
import { gradeOf } from "../town.js";
import { markScale } from "./layout.js";

const INKS = (
  "outside land road casing river river-name label halo mark-edge way pick page good ink " +
  "grade-1 grade-2 grade-3 grade-4 digits-1 digits-2 digits-3 digits-4 font"
).split(" ");
const CIRCLE = "M13 0a13 13 0 1 1-26 0a13 13 0 1 1 26 0z";
const DIAMOND = "M0-15 15 0 0 15-15 0z";
const SHAPES = [
  null,
  CIRCLE,
  "M0-16.5 17 13H-17z",
  "M-13.5-13.5h27v27h-27z",
  "M-6.8-16.5H6.8L16.5-6.8V6.8L6.8 16.5H-6.8L-16.5 6.8V-6.8z",
];
const ROAD_WIDTHS = [2.6, 3.6, 4.8];
const DEPTH_WIDTHS = [0, 4.5, 5.5, 7, 8];

function traced(path, line) {
  line.forEach(([x, y], k) => (k ? path.lineTo(x, y) : path.moveTo(x, y)));
  return path;
}

const together = (lines, close) => {
  const path = new Path2D();
  for (const line of lines) {
    traced(path, line);
    if (close) path.closePath();
  }
  return path;
};

export class Painter {
  constructor(canvas, town) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.town = town;
    this.lines = town.stretches.map(({ line }) => together([line]));
    this.roads = [1, 2, 3].map((rank) =>
      together(
        town.stretches
          .filter(({ road }) => Math.min(3, Math.max(1, road.rank)) === rank)
          .map(({ line }) => line),
      ),
    );
    this.ground = together(town.blocks, true);
    this.rivers = together(town.rivers.map(({ line }) => line));
    this.waters = together(
      town.waters.map(({ line }) => line),
      true,
    );
    this.shapes = SHAPES.map((shape) => shape && new Path2D(shape));
    this.round = new Path2D(CIRCLE);
    this.tick = new Path2D("M-6 .5l4 4.5 8-9.5");
    this.diamond = new Path2D(DIAMOND);
    this.widths = new Map();
    this.widthOf = (name) => this.widths.get(name) ?? this.measured(name);
    this.mixInks();
  }

  /** Width of a name in pixels, measured once. */
  measured(name) {
    this.pen.font = `500 12.5px ${this.inks.font}`;
    this.widths.set(name, this.pen.measureText(name).width);
    return this.widths.get(name);
  }

  /** Read the colours of the style sheet, which know of light, dark, paper and contrast. */
  mixInks() {
    const style = getComputedStyle(document.documentElement);
    this.inks = Object.fromEntries(INKS.map((ink) => [ink, style.getPropertyValue(`--${ink}`).trim()]));
  }

  draw(page, camera, layout, detour) {
    const { pen, inks } = this;
    const scale = this.canvas.width / camera.width;
    Object.assign(this, { camera, scale });
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = inks.outside;
    pen.fillRect(0, 0, camera.width, camera.height);
    pen.setTransform(scale * camera.zoom, 0, 0, scale * camera.zoom, scale * camera.x, scale * camera.y);
    pen.lineCap = pen.lineJoin = "round";
    this.drawGround();
    this.drawChosen(page.state);
    this.drawDepths(page.state);
    if (page.state.view === "solved") this.drawSolved(page.state.rain);
    if (detour) this.drawDetour(detour);
    pen.setLineDash([]);
    this.drawNames(layout.names);
    this.drawMarks(page, layout);
    if (page.me?.point) this.drawMe(page.me.point);
  }

  /** Draw a path, its width and dashes in pixels. */
  stroke(path, ink, width, dashes = []) {
    const { pen, camera } = this;
    pen.strokeStyle = ink;
    pen.lineWidth = width / camera.zoom;
    pen.setLineDash(dashes.map((length) => length / camera.zoom));
    pen.stroke(path);
  }

  drawGround() {
    const { pen, inks, camera } = this;
    const wider = Math.max(1, Math.min(3.2, (camera.zoom / 0.3) ** 0.75));
    pen.fillStyle = inks.land;
    pen.fill(this.ground);
    pen.fillStyle = inks.river;
    pen.fill(this.waters);
    this.stroke(this.rivers, inks.river, Math.max(9, 40 * camera.zoom));
    this.roads.forEach((path, rank) => this.stroke(path, inks.casing, ROAD_WIDTHS[rank] * wider + 1.8));
    this.roads.forEach((path, rank) => this.stroke(path, inks.road, ROAD_WIDTHS[rank] * wider));
  }

  drawChosen({ view, road, stretch, picked }) {
    if (view === "road")
      for (const { index } of road.stretches) this.stroke(this.lines[index], this.inks.pick, 12);
    const chosen = view === "report" ? picked : stretch;
    if (chosen) this.stroke(this.lines[chosen.index], this.inks.pick, 22);
  }

  drawDepths({ view, rain }) {
    const { pen, inks, town } = this;
    const shallowFirst = [...rain.wet].reverse();
    pen.globalAlpha = view === "solved" ? 0.45 : 1;
    for (const k of shallowFirst)
      this.stroke(this.lines[k], inks["mark-edge"], DEPTH_WIDTHS[gradeOf(town, rain.depth[k])] + 3);
    for (const k of shallowFirst) {
      const grade = gradeOf(town, rain.depth[k]);
      this.stroke(this.lines[k], inks[`grade-${grade}`], DEPTH_WIDTHS[grade]);
      // a dashed core tells the two dark grades from each other and from the light ones without colour
      if (grade > 2) this.stroke(this.lines[k], "#fff", 1.6, grade > 3 ? [2, 5] : [7, 6]);
    }
    pen.globalAlpha = 1;
  }

  drawSolved(rain) {
    for (const k of rain.solved.keys()) {
      this.stroke(this.lines[k], this.inks.page, 8);
      this.stroke(this.lines[k], this.inks.good, 5);
    }
  }

  drawDetour({ stretches }) {
    for (const { index } of stretches) this.stroke(this.lines[index], this.inks.page, 8);
    this.pen.lineCap = "butt";
    for (const { index } of stretches) this.stroke(this.lines[index], this.inks.way, 4.5, [10, 5]);
    this.pen.lineCap = "round";
  }

  /** Set the pen to pixels around a point of the map. */
  flat([x, y], size = 1) {
    const { pen, scale, camera } = this;
    const [px, py] = camera.toPane([x, y]);
    pen.setTransform(scale * size, 0, 0, scale * size, scale * px, scale * py);
  }

  drawNames(names) {
    const { pen, inks } = this;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const { at, angle, name, down, water } of names) {
      this.flat(at);
      pen.rotate(angle);
      pen.font = `${water ? "italic " : ""}500 12.5px ${inks.font}`;
      pen.strokeStyle = inks.halo;
      pen.lineWidth = 3;
      pen.fillStyle = water ? inks["river-name"] : inks.label;
      const letters = down ? [...name] : [name];
      const heights = letters.map((_, k) => (k - (letters.length - 1) / 2) * 13);
      letters.forEach((letter, k) => pen.strokeText(letter, 0, heights[k]));
      letters.forEach((letter, k) => pen.fillText(letter, 0, heights[k]));
    }
  }

  drawMarks({ state }, { marks, seen }) {
    const size = markScale(this.camera);
    for (const stretch of [...seen].reverse()) this.drawSeen(stretch);
    for (const stretch of [...marks].reverse()) {
      this.flat(stretch.middle, size);
      if (state.view === "solved") this.drawTick();
      else this.drawDepth(state.rain.depth[stretch.index]);
    }
  }

  drawDepth(cm) {
    const { pen, inks } = this;
    const grade = gradeOf(this.town, cm);
    pen.lineWidth = 1.8;
    pen.fillStyle = inks[`grade-${grade}`];
    pen.strokeStyle = inks["mark-edge"];
    pen.fill(this.shapes[grade]);
    pen.stroke(this.shapes[grade]);
    pen.fillStyle = inks[`digits-${grade}`];
    pen.font = `700 ${grade === 2 ? 13.5 : cm > 99 ? 12 : 15}px ${inks.font}`;
    pen.fillText(String(cm), 0, grade === 2 ? 5 : 1);
  }

  drawTick() {
    const { pen, inks } = this;
    pen.fillStyle = inks.page;
    pen.strokeStyle = inks.good;
    pen.lineWidth = 2.4;
    pen.fill(this.round);
    pen.stroke(this.round);
    pen.stroke(this.tick);
  }

  drawSeen({ middle }) {
    const { pen, inks } = this;
    this.flat(middle, 0.8);
    pen.fillStyle = inks.page;
    pen.strokeStyle = inks.ink;
    pen.lineWidth = 2.2;
    pen.fill(this.diamond);
    pen.stroke(this.diamond);
    pen.fillStyle = inks.ink;
    pen.font = `700 16px ${inks.font}`;
    pen.fillText("!", 0, 1);
  }

  drawMe(point) {
    const { pen } = this;
    this.flat(point);
    for (const [radius, ink] of [
      [22, "#1a73e833"],
      [10, "#fff"],
      [7, "#1a73e8"],
    ]) {
      pen.fillStyle = ink;
      pen.beginPath();
      pen.arc(0, 0, radius, 0, 7);
      pen.fill();
    }
  }
}
