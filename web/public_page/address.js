// The state of the page stands in its address, so that it can be shared, reloaded and gone back to.
//   r rain · s stretch · o road · v view · l language

/** What an address asks for; whatever it names that the town does not have falls back to the first page. */
export function readAddress(hash, town, views) {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const rain = town.rains.find((one) => one.key === asked.get("r")) ?? town.opening;
  const stretch =
    town.stretches[town.bySlug.get(asked.get("s"))?.road ? town.bySlug.get(asked.get("s")).index : -1];
  const road =
    town.roads[town.bySlug.get(asked.get("o"))?.stretches ? town.bySlug.get(asked.get("o")).index : -1];
  const language = ["en", "zh"].find((one) => one === asked.get("l"));
  const view = views.includes(asked.get("v")) ? asked.get("v") : "home";
  return { rain, stretch, road, language, view: stretch ? "stretch" : road ? "road" : view };
}

/** The address of a state. */
export function addressOf({ rain, stretch, road, view, language }, town) {
  const parts = new URLSearchParams();
  if (rain && rain !== town.opening) parts.set("r", rain.key);
  if (stretch) parts.set("s", stretch.slug);
  else if (road) parts.set("o", road.slug);
  else if (view && view !== "home") parts.set("v", view);
  if (language === "en") parts.set("l", "en");
  return `#${parts}`;
}
