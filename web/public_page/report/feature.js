// What a report holds: a feature that `drainage … --reports FILE` reads, a text to read out, the fields of the server.
import { nameOf, placeOf } from "../names.js";
import { degreesOf } from "../place.js";
import { say } from "../words.js";

/** Heights on an adult of 1.65 m, in metres of water. */
export const DEPTHS = { shoe: 0.05, ankle: 0.1, calf: 0.3, knee: 0.5, thigh: 0.7, waist: 1.0 };
export const centimetresOf = (metres) => Math.round(metres * 100);
export const TIMES = ["now", "hour", "today", "day"];
export const CARS = ["yes", "slowly", "no", "unknown"];

const HALF_HOUR_MS = 1_800_000;
const two = (number) => String(number).padStart(2, "0");

/** The day by the clock of the phone. */
export const dayOf = (time) => `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;

/** When it was seen: to the minute for what is fresh, else the day alone. */
export function timeOf({ when, day }, now) {
  if (when === "day") return day;
  if (when === "today") return dayOf(now);
  const time = when === "hour" ? new Date(now.getTime() - HALF_HOUR_MS) : now;
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${dayOf(time)}T${two(time.getHours())}:${two(time.getMinutes())}:00${zone}`;
}

/** The stretch of the report; of a road of which none was chosen, the one in its middle. */
const stretchOf = ({ road, stretch }) =>
  stretch ?? road.stretches[Math.floor((road.stretches.length - 1) / 2)];

/** Longitude and latitude: the middle of the stretch, never where the reader stands. */
const positionOf = (draft, town) =>
  degreesOf(town, stretchOf(draft).middle).map((degrees) => Number(degrees.toFixed(5)));

const roadNameOf = ({ name }) => name.zh || name.en || null;

/** What is wrong or missing, by field; empty when the report can be made. */
export function faultsOf(draft, now) {
  const faults = {};
  if (!draft.road) faults.road = say("report_error_road");
  if (!draft.depth) faults.depth = say("report_error_depth");
  if (draft.when === "day" && !(draft.day && draft.day <= dayOf(now))) faults.day = say("report_error_day");
  return faults;
}

/** The report as GeoJSON, its columns named as sightings are. */
export function featureOf(draft, town, now) {
  const properties = {
    date: timeOf(draft, now),
    depth_m: DEPTHS[draft.depth],
    road: roadNameOf(draft.road),
    note: draft.words || null,
    place: draft.stretch ? placeOf(draft.stretch, "between_long") : null,
    depth_by: draft.depth,
    cars_pass: draft.car === "unknown" ? null : (draft.car ?? null),
    photo: draft.photo ?? null,
  };
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: positionOf(draft, town) } };
}

const whenText = ({ when, day }) => (when === "day" ? day : say(`report_when_${when}`));

/** The report in words. */
export function textOf(draft) {
  return say("report_text", {
    road: nameOf(draft.road),
    stretch: draft.stretch ? placeOf(draft.stretch) : say("report_stretch_any"),
    when: whenText(draft),
    mark: say(`depth_${draft.depth}`),
    cm: centimetresOf(DEPTHS[draft.depth]),
    car: say(`report_car_${draft.car ?? "unknown"}`),
    words: draft.words ?? "",
  }).trim();
}

/** The fields that the server of the page takes. */
export function fieldsOf(draft, town, now) {
  const [lon, lat] = positionOf(draft, town);
  const car =
    draft.car && draft.car !== "unknown"
      ? `${say("report_car")}${say("colon")}${say(`report_car_${draft.car}`)}`
      : "";
  const words = [draft.words, car].filter(Boolean).join(say("semicolon"));
  return { lon, lat, time: timeOf(draft, now), depth_m: DEPTHS[draft.depth], words };
}
