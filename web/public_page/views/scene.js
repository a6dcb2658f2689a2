// The water to scale: an adult of 1.65 m, a child of six, a bicycle and a car stand in it.
import { drawn } from "../dom.js";

/** Units of the drawing a centimetre of water; its ground lies at GROUND. */
const SCALE = 0.44;
const GROUND = 96;
const WIDTH = 340;
const MOST_CM = 180;
const BODY = "M31.5 42q0-5 5-5h7q5 0 5 5v20.5h-3.6V96h-4.1V66h-1.6v30h-4.1V62.5h-3.6z";
const BICYCLE = "M136 81l13-26h23l10 26M149 55l10 26 13-26M145 51h9M172 55l-2-8h7";
const CAR = "M206 87V72q0-5 5-6l13-3 15-20q4-5 10-5h38q6 0 10 5l16 20 14 3q6 1 6 7v14z";
const PANES = "M236 61l9-13q2-3 5-3h14v16zM270 61V45h15q4 0 6 3l11 13z";

const path = (look, d) => drawn("path", { class: look, d });
const circle = (look, cx, cy, r) => drawn("circle", { class: look, cx, cy, r });

export function figure(x, scale) {
  return drawn(
    "g",
    { transform: `translate(${x} 96) scale(${scale}) translate(-40 -96)` },
    circle("solid", 40, 29.5, 6),
    path("solid", BODY),
  );
}

/** The surface at a depth, with small waves, over a width. */
function surface(y, width) {
  return `M0 ${y}q10-2.4 20 0${"t20 0".repeat(Math.ceil(width / 20) - 1)}`;
}

function water(cm) {
  const y = GROUND - Math.min(cm, MOST_CM) * SCALE;
  return [path("water", `${surface(y, WIDTH)}V${GROUND}H0z`), path("water-line", surface(y, WIDTH))];
}

const tick = (cm) => [
  path("tick", `M0 ${GROUND - cm * SCALE}h8`),
  drawn("text", { x: 11, y: GROUND + 4 - cm * SCALE }, `${cm} cm`),
];

/** The drawing for a depth; what it shows is said beside it, so it is named by that. */
export function scene(cm, said) {
  return drawn(
    "svg",
    { class: "scene", viewBox: `0 0 ${WIDTH} 108`, role: "img", "aria-label": said },
    tick(50),
    tick(100),
    figure(72, 1),
    figure(102, 0.7),
    drawn("g", { class: "wires" }, circle("", 136, 81, 14), circle("", 182, 81, 14), path("", BICYCLE)),
    path("solid", CAR),
    path("glass", PANES),
    [233, 307].map((x) => [circle("solid", x, 84, 13), circle("glass", x, 84, 6)]),
    water(cm),
    path("tick", `M0 ${GROUND}h${WIDTH}`),
  );
}

/** One body in water up to that height, for the form. */
export function bodyInWater(cm) {
  const y = GROUND - cm * SCALE;
  return drawn(
    "svg",
    { viewBox: "22 20 36 78", "aria-hidden": "true" },
    figure(40, 1),
    path("water", `M22 ${GROUND}V${y}h36V${GROUND}z`),
    path("water-line", `M22 ${y}h36`),
  );
}
