/* Colours on a light and a dark ground: every line and mark of an answer has a contrast of 3:1 (WCAG 1.4.11). */

export const GROUNDS = {
  light: {
    land: "#eef0ec", ink: "#16212b", halo: "#f7f8f5", label: "#333f49", quiet: "#a3adb5", chosen: "#ffd84d",
    path: "#0b57c2", pipe: "#939ea7", road: "#ffffff", roadRim: "#c3cabf", river: "#9dc4e4", riverName: "#1f567f",
  },
  dark: {
    land: "#182025", ink: "#f2f6f8", halo: "#11181c", label: "#d3dce2", quiet: "#56636d", chosen: "#ffd84d",
    path: "#7ab8ff", pipe: "#76838d", road: "#3d4952", roadRim: "#11181c", river: "#275a83", riverName: "#a5d1f4",
  },
};
/* Kinds of layers that say nothing themselves: what of the ground they are. */
export const ROLES = { context_roads: "road", waterways: "river", context_pipes: "pipe" };
const LEAST = 3;

const channels = (color) => [1, 3, 5].map((k) => parseInt(color.slice(k, k + 2), 16));
const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);

export const luminance = (color) => {
  const [r, g, b] = channels(color).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

export const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

const mixed = (color, other, share) => {
  const to = channels(other);
  const hex = (v) => Math.round(v).toString(16).padStart(2, "0");
  return "#" + channels(color).map((v, k) => hex(v + (to[k] - v) * share)).join("");
};

/* Text or a sign upon a colour: black or white, whichever is read better. */
export const inkOn = (color) => (contrast(color, "#000000") >= contrast(color, "#ffffff") ? "#000000" : "#ffffff");

/* A colour as it is on the ground: of its own, or lifted on the dark until it can be seen. */
export const colorOn = (look, ground) => {
  if (ground !== "dark") return look.color;
  if (look.dark) return look.dark;
  let color = look.color;
  for (let share = 0.1; contrast(color, GROUNDS.dark.land) < LEAST + 0.4 && share < 1; share += 0.1) {
    color = mixed(look.color, "#ffffff", share);
  }
  return color;
};

/* The rim of a line: of the ground, which keeps neighbours apart; dark under a colour that the ground would swallow. */
export const casingOn = (color, ground) => {
  const { land, ink, halo } = GROUNDS[ground];
  return contrast(color, land) < LEAST ? ink : halo;
};

export const dashOf = (look) => (look.dash ? look.dash.split(" ").map(Number) : []);

/* The look of what is no answer here: thin and grey. */
export const quietLook = (look, ground) => ({
  ...look, color: GROUNDS[ground].quiet, dark: "", size: Math.min(look.size, 1.2), pattern: "", dash: "",
});
