/* Draws the layers that stand in the page as JSON. Every text from the data goes through textContent. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("drainage-data").textContent);
  const map = window[data.map];
  map.attributionControl.setPrefix("Leaflet");
  const element = (tag, cls, text) => {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const show = (value) => (typeof value === "number" && !Number.isInteger(value) ? String(Math.round(value * 1000) / 1000) : String(value));
  const popup = (layer, row) => {
    const box = element("div", "dr-popup");
    box.append(element("strong", "", layer.label));
    const table = element("table");
    layer.columns.forEach((column, i) => {
      const value = layer.rows[row][i];
      if (value === null || value === "") return;
      const line = table.insertRow();
      line.append(element("th", "", column), element("td", "", show(value)));
    });
    box.append(table);
    return box;
  };
  const roads = new Map();
  const remember = (name, bounds) => {
    if (!name) return;
    if (roads.has(name)) roads.get(name).extend(bounds);
    else roads.set(name, L.latLngBounds(bounds.getSouthWest(), bounds.getNorthEast()));
  };
  const build = (layer) => {
    const group = L.layerGroup();
    layer.geometry.forEach((parts, row) => {
      const style = layer.styles[layer.category[row]];
      let drawn;
      if (layer.point) {
        drawn = L.circleMarker(parts[0][0], { radius: style.size, color: "#222", weight: 1, fillColor: style.color, fillOpacity: 0.9 });
      } else if (layer.area) {
        drawn = L.polygon(parts, { color: style.color, weight: 1, fillOpacity: 0.5 });
      } else {
        drawn = L.polyline(parts, { color: style.color, weight: style.size, dashArray: style.dash || null, opacity: layer.wide ? 0.45 : 0.9, lineCap: layer.wide ? "butt" : "round" });
      }
      drawn.bindPopup(() => popup(layer, row), { maxWidth: 320 });
      if (layer.road >= 0) remember(layer.rows[row][layer.road], layer.point ? L.latLngBounds([parts[0][0], parts[0][0]]) : drawn.getBounds());
      group.addLayer(drawn);
    });
    return group;
  };
  const panes = data.periods.map((period) => ({ label: period.label, layers: period.layers.map((layer) => ({ layer, group: null })) }));
  const shown = new Map();
  data.periods.forEach((period) => period.layers.forEach((layer) => shown.set(layer.theme, layer.shown)));
  let current = 0;
  let drawnCount = 0;
  const refresh = () => {
    drawnCount = 0;
    panes.forEach((pane, i) => pane.layers.forEach((item) => {
      const wanted = i === current && shown.get(item.layer.theme);
      if (wanted && !item.group) item.group = build(item.layer);
      if (item.group) item.group.remove();
    }));
    panes[current].layers.forEach((item) => {
      if (!shown.get(item.layer.theme)) return;
      item.group.addTo(map);
      drawnCount += item.layer.geometry.length;
    });
    document.body.dataset.drawn = drawnCount;
    document.body.dataset.layers = panes[current].layers.filter((item) => shown.get(item.layer.theme)).map((item) => item.layer.theme + ":" + item.layer.geometry.length).join(" ");
    list();
  };
  const control = L.control({ position: "topright" });
  control.onAdd = () => {
    const box = element("details", "dr-box leaflet-bar");
    box.open = window.innerWidth > 700;
    box.append(element("summary", "", "图层 Layers"));
    if (panes.length > 1) {
      const field = element("fieldset");
      field.append(element("legend", "", "时段 Period"));
      panes.forEach((pane, i) => {
        const line = element("label"), radio = element("input");
        radio.type = "radio"; radio.name = "dr-period"; radio.checked = i === 0;
        radio.addEventListener("change", () => { current = i; refresh(); });
        line.append(radio, " " + pane.label);
        field.append(line);
      });
      box.append(field);
    }
    const seen = new Set();
    panes.forEach((pane) => pane.layers.forEach(({ layer }) => {
      if (seen.has(layer.theme)) return;
      seen.add(layer.theme);
      const line = element("label"), tick = element("input");
      tick.type = "checkbox"; tick.checked = shown.get(layer.theme); tick.dataset.theme = layer.theme;
      tick.addEventListener("change", () => { shown.set(layer.theme, tick.checked); refresh(); });
      line.append(tick, " " + layer.label);
      const legend = element("ul");
      const styles = new Map();
      panes.forEach((other) => other.layers.filter((item) => item.layer.theme === layer.theme).forEach((item) => item.layer.styles.forEach((style) => styles.set(style.label, style))));
      styles.forEach((style) => {
        const entry = element("li"), swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        swatch.setAttribute("width", "28"); swatch.setAttribute("height", "12");
        const mark = document.createElementNS("http://www.w3.org/2000/svg", layer.point ? "circle" : "line");
        if (layer.point) { mark.setAttribute("cx", "14"); mark.setAttribute("cy", "6"); mark.setAttribute("r", String(Math.min(style.size, 5.5))); mark.setAttribute("fill", style.color); mark.setAttribute("stroke", "#222"); }
        else { mark.setAttribute("x1", "0"); mark.setAttribute("x2", "28"); mark.setAttribute("y1", "6"); mark.setAttribute("y2", "6"); mark.setAttribute("stroke", style.color); mark.setAttribute("stroke-width", String(Math.max(style.size, 2))); mark.setAttribute("stroke-dasharray", style.dash); }
        swatch.append(mark);
        entry.append(swatch, " " + style.label);
        legend.append(entry);
      });
      box.append(line, legend);
    }));
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    return box;
  };
  control.addTo(map);
  const search = L.control({ position: "topleft" });
  search.onAdd = () => {
    const box = element("form", "dr-box leaflet-bar dr-search"), input = element("input"), names = element("datalist");
    input.type = "search"; input.placeholder = "查道路 road"; input.setAttribute("aria-label", "查道路 search a road"); input.setAttribute("list", "dr-roads");
    names.id = "dr-roads";
    const go = () => {
      const wanted = input.value.trim();
      const name = roads.has(wanted) ? wanted : [...roads.keys()].find((key) => wanted && key.includes(wanted));
      if (name) map.fitBounds(roads.get(name).pad(0.1));
    };
    input.addEventListener("focus", () => { if (!names.children.length) [...roads.keys()].sort().forEach((name) => { const option = element("option"); option.value = name; names.append(option); }); });
    input.addEventListener("change", go);
    box.addEventListener("submit", (event) => { event.preventDefault(); go(); });
    box.append(input, names);
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  search.addTo(map);
  const holder = document.getElementById("dr-list");
  function list() {
    holder.replaceChildren();
    const item = panes[current].layers.find(({ layer }) => layer.theme === "waterlogging");
    if (!item || !item.layer.geometry.length) return;
    const box = element("details", "dr-table"), table = element("table"), head = table.createTHead().insertRow();
    box.append(element("summary", "", "易积水点列表 Waterlogging list (" + item.layer.geometry.length + ")"));
    item.layer.columns.forEach((column) => { const cell = element("th", "", column); cell.scope = "col"; head.append(cell); });
    const body = table.createTBody();
    item.layer.rows.forEach((row) => { const line = body.insertRow(); row.forEach((value) => { line.insertCell().textContent = value === null ? "" : show(value); }); });
    box.append(table);
    holder.append(box);
  }
  map.invalidateSize(false);
  if (data.bounds) map.fitBounds(data.bounds, { animate: false });
  refresh();
  panes.forEach((pane) => pane.layers.forEach(({ layer }) => { if (layer.road >= 0 && !shown.get(layer.theme)) layer.geometry.forEach((parts, row) => remember(layer.rows[row][layer.road], L.latLngBounds(parts.flat()))); }));
})();
