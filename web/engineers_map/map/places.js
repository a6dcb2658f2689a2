/* Where a page lies: the world as web maps have it, or a plan without a place on earth; and the shift of a base map. */
import { mercator } from "./shapes.js";

const METRES_ROUND_EARTH = 40075016.686;

/* `shift` moves degrees as a base map has them moved, `back` the other way; both null where it has not. */
export const makePlaces = (schematic, { shift = null, back = null } = {}) => ({
  schematic,
  isShifted: Boolean(shift),
  crs: () => (schematic ? L.CRS.Simple : L.CRS.EPSG3857),
  worldSize: schematic ? 1 : 256,
  project(lng, lat) {
    if (schematic) return [lng, -lat];
    const [x, y] = shift ? shift(lng, lat) : [lng, lat];
    return mercator(x, y);
  },
  /* From a place of Leaflet's to what it is on earth. */
  truly({ lat, lng }) {
    if (!back || schematic) return { lat, lng };
    const [x, y] = back(lng, lat);
    return { lat: y, lng: x };
  },
  shifted({ lat, lng }) {
    if (!shift || schematic) return { lat, lng };
    const [x, y] = shift(lng, lat);
    return { lat: y, lng: x };
  },
  metresOfPx(scale, lat) {
    return schematic ? null : (METRES_ROUND_EARTH * Math.cos((lat * Math.PI) / 180)) / (256 * scale);
  },
});
