/* The engineer's map: what stands in the page as JSON, drawn by `map/`, asked and told by `desk/`. */
import { unpack } from "./data/unpack.js";
import { createMap } from "./map/create_map.js";
import { openDesk } from "./desk/desk.js";

const data = unpack(JSON.parse(document.getElementById("drainage-data").textContent));
openDesk(createMap(document.getElementById("dr-map"), data, { openCity: window.drainageTiles }), data);
