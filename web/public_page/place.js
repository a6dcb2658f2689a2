// Where the reader is, asked for when he asks, used in the page alone.
import { UNIT_M } from "./town.js";

const FAR_M = 2000;

/** A place on the drawn map: `{point}`, `{far}` in metres beyond it, or `{}` where it is not told. */
export function placeOnMap({ geo, size }, longitude, latitude) {
  const [left, top, perX, perY] = geo;
  const [x, y] = [(longitude - left) / perX, (top - latitude) / perY];
  const outside = Math.hypot(Math.max(0, -x, x - size[0]), Math.max(0, -y, y - size[1])) * UNIT_M;
  return outside > FAR_M ? { far: outside } : { point: [x, y] };
}

/** Longitude and latitude of a point of the drawn map. */
export const degreesOf = ({ geo: [left, top, perX, perY] }, [x, y]) => [left + x * perX, top - y * perY];

/** Ask the phone; `then` gets the answer, whatever it is, and the page keeps it as long as it is open. */
export function locate(page, then) {
  const answer = (me) => {
    page.me = me;
    then(me);
  };
  if (!navigator.geolocation) {
    answer({});
    return;
  }
  const found = ({ coords }) => answer(placeOnMap(page.town, coords.longitude, coords.latitude));
  const options = { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 };
  navigator.geolocation.getCurrentPosition(found, () => answer({}), options);
}

/** Show what floods near the reader. */
export function findMe(page) {
  page.me = { waiting: true };
  page.go({ view: "near" });
  locate(page, () => {
    if (page.state.view !== "near") return;
    page.show({ moved: true });
    page.aim();
  });
}
