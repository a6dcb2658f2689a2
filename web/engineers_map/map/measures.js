/* Lengths and areas on the ground, of places in degrees (of a plan: in its units). */
const EARTH_M = 6371008.8; // mean radius
const rad = (v) => (v * Math.PI) / 180;

/* Length of a line by great circles (haversine), m. */
export const lengthOf = (places, schematic = false) => {
  let sum = 0;
  const apart = schematic ? flat : arc;
  for (let i = 1; i < places.length; i += 1) sum += apart(places[i - 1], places[i]);
  return sum;
};
const flat = (a, b) => Math.hypot(b.lng - a.lng, b.lat - a.lat);
const arc = (a, b) => {
  const half = Math.sin(rad(b.lat - a.lat) / 2) ** 2 +
    Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lng - a.lng) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(half)));
};

/* Area within a ring, m²: on the cylinder of equal area, which is exact to the bending of its sides. */
export const areaOf = (places, schematic = false) => {
  if (places.length < 3) return 0;
  const x = ({ lng }) => (schematic ? lng : rad(lng - places[0].lng) * EARTH_M);
  const y = ({ lat }) => (schematic ? lat : Math.sin(rad(lat)) * EARTH_M);
  return Math.abs(places.reduce((sum, a, i) => {
    const b = places[(i + 1) % places.length];
    return sum + x(a) * y(b) - x(b) * y(a);
  }, 0)) / 2;
};

const figure = (v, digits) => v.toLocaleString("en", { maximumFractionDigits: digits });
export const lengthText = (m) =>
  (m < 1000 ? figure(m, m < 10 ? 1 : 0) + " m" : figure(m / 1000, m < 10000 ? 2 : 1) + " km");
export const areaText = (m2) => {
  if (m2 < 10000) return figure(m2, 0) + " m²";
  return m2 < 1e6 ? figure(m2 / 10000, 2) + " hm²" : figure(m2 / 1e6, 2) + " km²";
};
