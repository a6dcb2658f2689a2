// Elements of the page: of HTML and of drawings, icons, and names from the data.
import { html, svg as drawn } from "../elements.js";

export { drawn, html };

export const icon = (name, look) =>
  drawn("svg", { class: look, "aria-hidden": "true" }, drawn("use", { href: `#i-${name}` }));

/** A name from the data, whichever way its script runs. */
export const named = (text) => html("bdi", {}, text);

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
