/* A map of others under the layers, where the page was written with one. Its pictures are asked for only while it is
   shown; a key is never in the page: it comes from the address or from the reader, and stays in this browser. */
import { element } from "./data.js";
import { fromGcj02, toGcj02 } from "./china_offset.js";

const KEPT = "drainage-tianditu-key";
const NONE = "none";

/* The key in an address: `?tk=…` or `#…&tk=…`. */
export const keyInAddress = ({ search, hash }) => {
  const found = new URLSearchParams(search).get("tk") || new URLSearchParams(hash.replace(/^#/, "")).get("tk");
  return isKey(found) ? found : null;
};
export const isKey = (text) => typeof text === "string" && /^[0-9A-Za-z]{8,64}$/.test(text);

/* Addresses of the layers of pictures, with the key in its place. */
export const addressesOf = (base, key) => base.tiles.map((address) => address.replace("{key}", key || ""));
export const wantsKey = (base) => base.tiles.some((address) => address.includes("{key}"));

const remembered = () => {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // a page in a cell or from a disk may not keep anything
  }
};
const remember = (key) => {
  try {
    localStorage.setItem(KEPT, key);
  } catch {
    // asked for again next time
  }
};

const askForKey = (container, said, take, leave) => {
  const form = element("form", "dr-box dr-key-card"), input = element("input");
  const use = element("button", "", said.key_use);
  const label = element("label", "", said.key_ask), away = element("button", "", said.key_cancel);
  Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 64, required: true });
  const wrong = element("p");
  wrong.setAttribute("role", "alert");
  away.type = "button";
  label.append(input);
  form.append(label, wrong, use, away);
  L.DomEvent.disableClickPropagation(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isKey(input.value.trim())) {
      wrong.textContent = said.key_wrong;
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return;
    }
    form.remove();
    take(input.value.trim());
  });
  away.addEventListener("click", () => { form.remove(); leave(); });
  container.append(form);
  return form;
};

export const makeBaseMap = (page) => {
  const { data, said } = page, base = data.base || null;
  let shown = NONE, layers = [], form = null;
  let held = keyInAddress(location); // as long as the page is open: the desk writes the address anew
  const panesOf = (act) => page.panes.forEach(act);

  const lay = (key) => {
    panesOf((pane) => {
      addressesOf(base, key).forEach((address, k) => {
        const options = { maxNativeZoom: base.most_zoom, maxZoom: 24, attribution: k ? "" : base.credit };
        const layer = L.tileLayer(address, options).addTo(pane.map);
        layers.push({ layer, pane });
      });
    });
    page.move(base.gcj02 ? { shift: toGcj02, back: fromGcj02 } : {});
    page.setGroundless(true);
    if (base.gcj02) page.say(said.base_shifted);
  };
  const lift = () => {
    layers.forEach(({ layer, pane }) => pane.map.removeLayer(layer));
    layers = [];
    if (form) form.remove();
    form = null;
    page.move({});
    page.setGroundless(false);
    page.unsay(said.base_shifted);
  };
  return {
    list: () => [{ key: NONE, label: said.base_none }, ...(base ? [{ key: base.key, label: base.label }] : [])],
    now: () => shown,
    set(key) {
      if (key === shown || (key !== NONE && (!base || base.key !== key))) return;
      lift();
      shown = key;
      page.tell("base", key);
      if (key === NONE) return;
      const known = wantsKey(base) ? held || remembered() : "none asked";
      const take = (given) => { form = null; held = given; remember(given); lay(given); };
      const leave = () => { form = null; shown = NONE; page.tell("base", NONE); };
      if (isKey(known) || !wantsKey(base)) lay(known);
      else form = askForKey(page.panes[0].container, said, take, leave);
    },
    /* A second pane gets the pictures too. */
    renew() {
      if (shown === NONE || form) return;
      const key = shown;
      lift();
      shown = NONE;
      this.set(key);
    },
  };
};
