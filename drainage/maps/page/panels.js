/* Popups, figures, legend, search and list; stands in one function with map.js and print.js. */
/* ---- popups */
const facts = (layer, row) => {
  const box = element("div"), table = element("table");
  layer.lead.forEach((k) => { if (cell(layer, row, k)) box.append(element("p", "dr-why", cell(layer, row, k))); });
  layer.columns.forEach((column, k) => {
    const value = cell(layer, row, k);
    if (!value || layer.lead.includes(k)) return;
    table.insertRow().append(element("th", "", data.columns[column].label), element("td", "", value));
  });
  box.append(table);
  return box;
};
const open = (latlng, found) => {
  const box = element("div", "dr-popup");
  found.forEach(({ layer, row }, k) => {
    const part = element(k ? "details" : "div");
    part.append(element(k ? "summary" : "strong", "", title(layer, row)), facts(layer, row));
    box.append(part);
  });
  const size = { maxWidth: narrow ? 300 : 340, minWidth: 220, maxHeight: map.getSize().y - 60 };
  const clear = narrow ? {} : { autoPanPaddingTopLeft: [190, 10], autoPanPaddingBottomRight: [310, 10] };
  const popup = L.popup({ ...size, ...clear }).setLatLng(latlng).setContent(box).openOn(map);
  popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", said.close);
  map.getContainer().classList.add("dr-reading");
  focus = found.slice(0, 1).map(({ layer, row }) => layer.shapes[row]);
  painter._update();
};
map.on("click", (event) => {
  const found = hits(event.latlng);
  if (found.length) open(event.latlng, found);
});
map.on("popupclose", () => {
  focus = [];
  map.getContainer().classList.remove("dr-reading");
  painter._update();
});
let waiting = false;
map.on("mousemove", (event) => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    map.getContainer().style.cursor = hits(event.latlng).length ? "pointer" : "";
  });
});
const middleOf = (s) => {
  const i = shapes.point[shapes.part[s]], last = shapes.point[shapes.part[s] + 1] - 1, k = (i + last) >> 1;
  return map.unproject(L.point(shapes.px[k], shapes.py[k]), 0);
};
const show = (layer, row) => {
  if (narrow && holder.firstChild) holder.firstChild.open = false; // the map needs the room
  map.invalidateSize(false);
  const s = layer.shapes[row];
  if (!shown.get(layer.theme)) tick(layer.theme, true);
  map.fitBounds(boxOf([s]), { maxZoom: Math.max(map.getZoom(), home.zoom + 3), animate: false });
  open(middleOf(s), [{ layer, row }]);
};

/* ---- figures above the map, and the switch between periods */
const bar = document.getElementById("dr-bar");
const figures = () => {
  const box = element("dl");
  data.figures.forEach(({ label, unit, values }) => {
    const one = element("div"), value = element("dd");
    values.forEach((number, k) => {
      const text = number === null ? "–" : number.toLocaleString("en");
      value.append(k ? " → " : "", element(k === current ? "b" : "span", "", text));
    });
    value.append(" " + unit);
    one.append(element("dt", "", label), value);
    box.append(one);
  });
  return box;
};
const periods = () => {
  const field = element("fieldset");
  field.setAttribute("aria-label", said.period);
  data.periods.forEach((period, k) => {
    const line = element("label"), radio = element("input");
    Object.assign(radio, { type: "radio", name: "dr-period", value: k, checked: k === current });
    radio.addEventListener("change", () => { current = k; focus = []; map.closePopup(); refresh(); });
    line.append(radio, " " + period.label);
    field.append(line);
  });
  return field;
};
if (data.periods.length > 1) bar.append(periods());
if (data.figures.length) bar.append(figures());
bar.hidden = !bar.children.length;

/* ---- layers with their legend */
const panel = element("details", "dr-box dr-layers leaflet-bar");
panel.open = !narrow;
const swatch = (layer, look) => {
  const canvas = element("canvas"), ratio = 4; // sharp on paper too
  Object.assign(canvas, { width: 30 * ratio, height: 18 * ratio });
  canvas.style.cssText = "width: 30px; height: 18px";
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  if (!hasLines(layer)) {
    mark(ctx, 15, 9, Math.min(look.size, 7), look);
    return canvas;
  }
  Object.assign(ctx, { globalAlpha: layer.opacity, strokeStyle: look.color, lineWidth: Math.max(look.size, 2) });
  ctx.setLineDash(look.dash ? look.dash.split(" ").map(Number) : []);
  ctx.beginPath();
  ctx.moveTo(1, 9);
  ctx.lineTo(29, 9);
  ctx.stroke();
  return canvas;
};
const legend = (layer) => {
  const box = element("ul"), homeless = layer.shapes.length - placed(layer);
  layer.styles.forEach((look, k) => {
    const entry = element("li"), number = layer.rowsByStyle[k].length;
    entry.append(swatch(layer, look), element("span", "", `${look.label} (${number.toLocaleString("en")})`));
    if (number) box.append(entry);
  });
  if (homeless) box.append(element("li", "dr-note", `${said.homeless} (${homeless})`));
  if (!layer.shapes.length) box.append(element("li", "", said.none));
  if (layer.note) box.append(element("li", "dr-note", layer.note));
  return box;
};
const tick = (theme, on) => {
  shown.set(theme, on);
  refresh();
};
const fillPanel = () => {
  const held = document.activeElement && document.activeElement.dataset.theme;
  panel.replaceChildren(element("summary", "", said.layers));
  [...layers()].reverse().forEach((layer) => {
    const line = element("label"), box = element("input");
    Object.assign(box, { type: "checkbox", checked: shown.get(layer.theme) });
    box.dataset.theme = layer.theme;
    box.addEventListener("change", () => tick(layer.theme, box.checked));
    line.append(box, " " + layer.label);
    panel.append(line);
    if (box.checked) panel.append(legend(layer));
    if (held === layer.theme) box.focus();
  });
};
const control = (position, box) => {
  const made = L.control({ position });
  made.onAdd = () => box;
  made.addTo(map);
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
};

/* ---- search: roads by name, everything else by its number */
const plain = (text) => text.normalize("NFKC").trim().toLowerCase();
const roadColumn = (layer) => layer.columns.findIndex((column) => data.columns[column].key === "road");
const roads = () => {
  const found = new Map();
  layers().forEach((layer) => {
    const k = roadColumn(layer);
    if (k >= 0) layer.shapes.forEach((s, row) => {
      const name = s >= 0 ? cell(layer, row, k) : "";
      if (name) found.set(name, found.get(name) || []).get(name).push(s);
    });
  });
  return found;
};
const byNumber = (wanted) => {
  for (const layer of [...layers()].reverse()) {
    if (!layer.columns.length) continue;
    const row = layer.shapes.findIndex((s, k) => s >= 0 && plain(cell(layer, k, 0)) === wanted);
    if (row >= 0) return { layer, row };
  }
  return null;
};
const look = (text, say) => {
  const wanted = plain(text), known = roads();
  const names = [...known.keys()];
  const like = (test) => names.find((one) => wanted && test(plain(one)));
  const name = like((one) => one === wanted) || like((one) => one.includes(wanted));
  const one = name ? null : byNumber(wanted);
  say(wanted && !name && !one ? said.not_found : name || "");
  if (one) show(one.layer, one.row);
  if (!name) return;
  map.closePopup();
  map.invalidateSize(false);
  focus = known.get(name).filter((s) => !isMark(shapes.part[s]));
  map.fitBounds(boxOf(known.get(name)).pad(0.1), { maxZoom: home.zoom + 4, animate: false });
  painter._update();
};
const searchBox = () => {
  const box = element("form", "dr-box leaflet-bar dr-search"), input = element("input"), names = element("datalist");
  const answer = element("p");
  Object.assign(input, { type: "search", placeholder: said.search });
  input.setAttribute("aria-label", said.search_by);
  input.setAttribute("list", "dr-roads");
  names.id = "dr-roads";
  answer.setAttribute("role", "status");
  const go = () => look(input.value, (text) => { answer.textContent = text; });
  input.addEventListener("focus", () => {
    const option = (value) => Object.assign(element("option"), { value });
    names.replaceChildren(...[...roads().keys()].sort().map(option));
  });
  input.addEventListener("change", go);
  box.addEventListener("submit", (event) => { event.preventDefault(); go(); });
  box.append(input, names, answer);
  return box;
};

/* ---- list under the map: what a canvas cannot tell to keyboards and screen readers */
const holder = document.getElementById("dr-list");
const rowOf = (layer, row) => {
  const line = element("tr");
  layer.columns.forEach((_, k) => {
    const place = line.insertCell(), text = cell(layer, row, k);
    if (k || layer.shapes[row] < 0) return place.append(text);
    const button = element("button", "", text || "–");
    button.title = said.show;
    button.addEventListener("click", () => show(layer, row));
    return place.append(button);
  });
  return line;
};
const tableOf = (layer) => {
  const box = element("div", "dr-table"), table = element("table"), head = table.createTHead().insertRow();
  const body = table.createTBody(), more = element("button", "", said.more);
  layer.columns.forEach((column) => {
    const place = element("th", "", data.columns[column].label);
    place.scope = "col";
    head.append(place);
  });
  const add = () => {
    const end = Math.min(body.rows.length + PAGE, layer.shapes.length);
    while (body.rows.length < end) body.append(rowOf(layer, body.rows.length));
    more.hidden = end === layer.shapes.length;
  };
  more.addEventListener("click", add);
  add();
  box.tabIndex = 0; // scrolls by keyboard
  box.append(table, more);
  return box;
};
const fillList = () => {
  const wasOpen = holder.firstChild && holder.firstChild.open;
  const lists = [...layers()].reverse().filter((layer) => layer.listed && layer.shapes.length);
  holder.replaceChildren();
  if (!lists.length) return;
  const chosen = lists.find((layer) => layer.theme === listed) || lists[0];
  const box = element("details"), tabs = element("div", "dr-tabs");
  box.append(element("summary", "", said.lists));
  lists.forEach((layer) => {
    const tab = element("button", "", `${layer.label} (${layer.shapes.length})`);
    tab.dataset.list = layer.theme;
    tab.setAttribute("aria-pressed", String(layer === chosen));
    tab.addEventListener("click", () => {
      listed = layer.theme;
      fillList();
      holder.querySelector(`[data-list="${listed}"]`).focus();
    });
    tabs.append(tab);
  });
  box.append(tabs);
  const fill = () => { if (box.open && !box.querySelector(".dr-table")) box.append(tableOf(chosen)); };
  box.addEventListener("toggle", () => { fill(); map.invalidateSize(false); });
  box.open = Boolean(wasOpen);
  fill();
  holder.append(box);
};

/* ---- begin */
function refresh() {
  fillPanel();
  fillList();
  if (data.figures.length) bar.lastChild.replaceWith(figures());
  painter._update();
  const now = visible();
  document.body.dataset.drawn = now.reduce((n, layer) => n + placed(layer), 0);
  document.body.dataset.layers = now.map((layer) => `${layer.theme}:${placed(layer)}`).join(" ");
}
const fitPanel = () => { panel.style.maxHeight = map.getSize().y - 60 + "px"; };
map.attributionControl.setPrefix("Leaflet");
// not setMinZoom, which would start an animation
Object.assign(map.options, data.schematic ? { minZoom: -4, maxZoom: 6 } : { minZoom: 3, maxZoom: 20 });
if (!data.schematic) L.control.scale({ imperial: false }).addTo(map);
control("topright", panel);
control("bottomleft", crowd);
control("topleft", searchBox());
control("topleft", printButton());
map.on("resize", fitPanel);
fitPanel();
painter.addTo(map);
refresh();
map.invalidateSize(false); // the bar and the list have their height now
const every = data.shapes.parts.map((_, s) => s);
const room = narrow ? {} : { paddingTopLeft: [60, 5], paddingBottomRight: [290, 5] }; // for the controls
if (every.length) map.fitBounds(boxOf(every), { ...room, animate: false, maxZoom: data.schematic ? 2 : 18 });
home.zoom = map.getZoom();
painter._update();
