/* A box over everything that must be closed: where the data come from, and the keys of the keyboard. */
import { h } from "./dom.js";

export const dialogOf = ({ words }) => {
  let box = null,
    back = null;
  const close = () => {
    if (!box) return false;
    box.remove();
    box = null;
    if (back && back.isConnected) back.focus({ preventScroll: true });
    return true;
  };
  const open = (title, ...children) => {
    close();
    back = document.activeElement;
    const inner = h(
      "div",
      {
        class: "dr-card dr-dialog",
        role: "dialog",
        "aria-modal": "true",
        "aria-labelledby": "dr-dialog-name",
        tabindex: "-1",
      },
      h("h2", { id: "dr-dialog-name", text: title }),
      ...children,
      h("button", { type: "button", class: "dr-b", click: close, text: words.close }),
    );
    box = h(
      "div",
      {
        class: "dr-shade",
        click: (press) => {
          if (press.target === box) close();
        },
        keydown: keep,
      },
      inner,
    );
    document.body.append(box);
    inner.focus();
  };
  /* Tab stays within the box. */
  const keep = (press) => {
    if (press.key !== "Tab") return;
    const all = [...box.querySelectorAll("button, input, a[href], [tabindex='0']")],
      first = all[0],
      last = all[all.length - 1];
    const from = document.activeElement;
    if (press.shiftKey ? from !== first && all.includes(from) : from !== last) return;
    press.preventDefault();
    (press.shiftKey ? last : first).focus();
  };
  return {
    open,
    close,
    get isOpen() {
      return box !== null;
    },
  };
};

/* Names and values, as they stand in the page. */
export const factsList = (facts) =>
  h(
    "dl",
    { class: "dr-about" },
    facts.map(([label, text]) => [h("dt", null, h("bdi", { text: label })), h("dd", null, h("bdi", { text }))]),
  );
