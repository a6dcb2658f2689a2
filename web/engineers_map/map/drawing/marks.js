/* Draws marks: shapes that are told apart without colour, with a dark outline and, where there is one, a number. */
import { GROUNDS, colorOn, inkOn } from "./looks.js";

const EIGHT = [...Array(8).keys()].map((k) => [1.06 * Math.cos(((2 * k + 1) * Math.PI) / 8),
  1.06 * Math.sin(((2 * k + 1) * Math.PI) / 8)]);
const OUTLINES = { // corners of a mark of radius 1; null lifts the pen
  square: [[-0.95, -0.95], [0.95, -0.95], [0.95, 0.95], [-0.95, 0.95]],
  diamond: [[0, -1.25], [1.2, 0], [0, 1.25], [-1.2, 0]],
  up: [[0, -1.32], [1.32, 1.03], [-1.32, 1.03]],
  down: [[0, 1.32], [1.32, -1.03], [-1.32, -1.03]],
  octagon: EIGHT,
  cross: [[-1, -1], [1, 1], null, [-1, 1], [1, -1]],
};
const LOWER = { up: 0.28, down: -0.28 }; // of the radius: where the middle of a triangle is to the eye

const outline = (pen, x, y, r, shape) => {
  pen.beginPath();
  let act = "moveTo";
  (OUTLINES[shape] || []).forEach((corner) => {
    if (corner) pen[act](x + r * corner[0], y + r * corner[1]);
    act = corner ? "lineTo" : "moveTo";
  });
  if (!OUTLINES[shape]) pen.arc(x, y, r, 0, 2 * Math.PI);
  const open = shape === "ring" || shape === "cross";
  if (!open) pen.closePath();
  return open;
};

export const drawMark = (pen, x, y, r, look, ground, text = "") => {
  const color = colorOn(look, ground), { ink, halo } = GROUNDS[ground];
  const open = outline(pen, x, y, r, look.shape);
  pen.lineJoin = "round";
  pen.lineCap = "round";
  pen.setLineDash([]);
  if (open) {
    [[halo, 5], [color, 2.4]].forEach(([style, width]) => {
      pen.strokeStyle = style;
      pen.lineWidth = width;
      pen.stroke();
    });
    return;
  }
  pen.fillStyle = color;
  pen.fill();
  pen.strokeStyle = ink;
  pen.lineWidth = r < 3 ? 1 : 1.5;
  pen.stroke();
  if (!text) return;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = inkOn(color);
  pen.fillText(text, x, y + r * (LOWER[look.shape] || 0) + 0.5);
};

/* A thin ring round another mark. */
export const drawRing = (pen, x, y, r, look, ground) => {
  pen.setLineDash([]);
  [[GROUNDS[ground].halo, 4], [colorOn(look, ground), 1.8]].forEach(([style, width]) => {
    pen.beginPath();
    pen.arc(x, y, r, 0, 2 * Math.PI);
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  });
};

/* A mark is no smaller than the text in it. */
export const radiusFor = (look, view, textWidth) => {
  const own = look.size * view.radius;
  if (!textWidth) return own;
  const slim = { up: 1.25, down: 1.25, diamond: 1.2 }[look.shape] || 1;
  return Math.max(own, 8.5, (textWidth / 2 + 2.5) * slim);
};

/* How many more marks lie there: "+3", at the upper right. */
const badgeText = (count) => "+" + (count > 999 ? "999" : count);
export const badgeWidth = (pen, count) => pen.measureText(badgeText(count)).width + 7;
export const drawBadge = (pen, x, y, count, ground) => {
  const { ink, halo } = GROUNDS[ground], text = badgeText(count), width = badgeWidth(pen, count);
  pen.fillStyle = ink;
  pen.beginPath();
  pen.moveTo(x - width / 2 + 7, y - 7);
  pen.arcTo(x + width / 2, y - 7, x + width / 2, y + 7, 7);
  pen.arcTo(x + width / 2, y + 7, x - width / 2, y + 7, 7);
  pen.arcTo(x - width / 2, y + 7, x - width / 2, y - 7, 7);
  pen.arcTo(x - width / 2, y - 7, x + width / 2, y - 7, 7);
  pen.fill();
  pen.fillStyle = halo;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, x, y + 0.5);
};
