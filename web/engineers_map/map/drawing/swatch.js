/* A sample of a look for keys and legends, drawn as on the map. */
import { element } from "../data.js";
import { GROUNDS, ROLES } from "./looks.js";
import { drawMark } from "./marks.js";
import { strokesOf } from "./lines.js";
import { isMark } from "../shapes.js";

const DOTS = 4; // for each px, so that it is sharp on paper

/* Whether a layer has lines or areas; one that has no feature yet is asked by its counts. */
const hasLines = (layer, shapes) =>
  layer.shapes.some((s) => s >= 0 && !isMark(shapes, s)) || Boolean(layer.tiled && layer.lines);

export const drawSwatch = (layer, k, ground, shapes, { width = 30, height = 18 } = {}) => {
  const canvas = element("canvas"), look = layer.styles[k];
  Object.assign(canvas, { width: width * DOTS, height: height * DOTS });
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  pen.scale(DOTS, DOTS);
  if (!look) return canvas;
  if (!hasLines(layer, shapes)) {
    drawMark(pen, width / 2, height / 2, Math.min(look.size, height / 2 - 2.5), look, ground);
    return canvas;
  }
  const role = ROLES[layer.theme], colors = GROUNDS[ground];
  const line = role ? [{ color: role === "road" ? colors.roadRim : colors[role], width: 4 }]
    : strokesOf(look, Math.max(2, Math.min(look.size, height - 6)), ground);
  pen.globalAlpha = role ? 1 : Math.max(layer.opacity, 0.85);
  line.forEach(({ color, width: thick, dash = [], cap = "butt" }) => {
    pen.strokeStyle = color;
    pen.lineWidth = thick;
    pen.lineCap = cap;
    pen.setLineDash(dash);
    pen.beginPath();
    pen.moveTo(2, height / 2);
    pen.lineTo(width - 2, height / 2);
    pen.stroke();
  });
  return canvas;
};

