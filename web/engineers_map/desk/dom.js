/* Elements of the desk: `h` of HTML and `s` of drawings, icons, buttons, and how a part is filled anew. */
import { html as h, svg as s } from "../../elements.js";

export { h, s };

const PATHS = {
  close: "M6 6l12 12M18 6 6 18",
  up: "M12 20V5m-6 6 6-6 6 6",
  down: "M12 4v15m-6-6 6 6 6-6",
  outfall: "M4 7h9a4 4 0 0 1 4 4v6m-4-3 4 4 4-4",
  section: "M3 5h18M3 12l18 4M3 16l18 4M6 5v7.5m9-7.5v9.5",
  hydrograph: "M3 20h18M4 17c4 0 4-11 7-11s3 9 9 10",
  centre: "M12 2v4m0 12v4M2 12h4m12 0h4M17 12a5 5 0 1 1-10 0 5 5 0 0 1 10 0z",
  layers: "m12 3 9 5-9 5-9-5zM3 13l9 5 9-5",
  measure: "M3 16 16 3l5 5L8 21zM7 12l2 2m1-5 2 2m1-5 2 2",
  export: "M12 3v12m-5-5 5 5 5-5M4 20h16",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1m2 4a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  filter: "M3 5h18l-7 8v6l-4 2v-8z",
  undo: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6v1",
  theme: "M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z",
  help: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .9-1 1.7M12 17v.1",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  home: "M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5",
  print: "M7 8V3h10v5M7 17H4V9h16v8h-3M7 14h10v7H7z",
  beside: "M4 4h16v16H4zM12 4v16",
  search: "M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0zM15.3 15.3 20.5 20.5",
};

export const icon = (shape) =>
  s("svg", { viewBox: "0 0 24 24", class: "dr-icon", "aria-hidden": "true" }, s("path", { d: PATHS[shape] }));

/* A button with an icon, its name beside it or, if narrow, read only. */
export const iconButton = (shape, label, { bare = false, ...attributes } = {}) =>
  h(
    "button",
    {
      type: "button",
      class: bare ? "dr-ic" : "dr-ic dr-named",
      ...(bare ? { "aria-label": label, title: label } : {}),
      ...attributes,
    },
    icon(shape),
    bare ? null : h("span", { text: label }),
  );

/* Fills a part of the page anew; the control that held the focus gets it back, by its `data-at`. */
export const refill = (box, ...children) => {
  const held = box.contains(document.activeElement) ? document.activeElement.dataset.at : null;
  box.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (!held) return;
  const again = [...box.querySelectorAll("[data-at]")].find((one) => one.dataset.at === held);
  if (again) again.focus({ preventScroll: true });
};
