/* Elements of a page made by hand: every text is a text node, so no word of the data is ever read as HTML. */
const SVG = "http://www.w3.org/2000/svg";

function put(made, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (typeof value === "function") made.addEventListener(name, value);
  else if (name === "text") made.textContent = value;
  else made.setAttribute(name, value === true ? "" : String(value));
}

const isThere = (child) => child !== null && child !== undefined && child !== false && child !== "";

function furnish(made, attributes, children) {
  Object.entries(attributes || {}).forEach(([name, value]) => put(made, name, value));
  made.append(...children.flat(Infinity).filter(isThere));
  return made;
}

/** An HTML element: attributes by name, `text`, and functions as listeners ({click: f}). */
export const html = (tag, attributes, ...children) => furnish(document.createElement(tag), attributes, children);

/** The same of a drawing. */
export const svg = (tag, attributes, ...children) =>
  furnish(document.createElementNS(SVG, tag), attributes, children);
