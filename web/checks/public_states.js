// The states in which the public page is looked at: an address, and what is done there.
import { wait } from "./browser.js";

const click = (selector) => async (page) =>
  page.evaluate((found) => document.querySelector(found).click(), selector);

/** Fill in and send the report, as far as it can be without a photo. */
async function report(page) {
  await page.select("#field-road", "1");
  await page.evaluate(() => document.querySelector("input[name=depth][value=knee]").click());
  await page.evaluate(() => document.querySelector("#report .button.main").click());
}

async function search(page, text) {
  await page.click("#asked");
  await page.type("#asked", text);
}

/** Name → address and what to do there; `wet` and `dry` are addresses of a flooded and of a dry stretch. */
export const statesOf = ({ wet, dry, road, largest, smallest }) => ({
  "home": [""],
  "flooded stretch": [`#s=${wet}`],
  "dry stretch": [`#s=${dry}`],
  "road": [`#o=${road}`],
  "solved": ["#v=solved"],
  "report": ["#v=report"],
  "call": ["#v=call"],
  "about": ["#v=about"],
  "English": ["#l=en"],
  "English stretch": [`#s=${wet}&l=en`],
  "English report": ["#v=report&l=en"],
  "largest rain": [`#r=${largest}`],
  "smallest rain": [`#r=${smallest}`],
  "search": ["", (page) => search(page, "l")],
  "search without a hit": ["", (page) => search(page, "zzzz")],
  "report with faults": ["#v=report", click("#report .button.main")],
  "report made": ["#v=report", report],
  "another day": ["#v=report", click("input[name=when][value=day]")],
  "place refused": ["", click("#near")],
  "rains unfolded": ["", click("#rain-open")],
});

/** Addresses that a page has: read in the page, from what it drew. */
export async function placesOf(page) {
  return page.evaluate(() => {
    const { town } = globalThis.publicPage.page;
    const rain = town.opening;
    const wet = town.stretches[rain.wet[0] ?? 0];
    const dry = town.stretches.find(({ index }) => !rain.depth[index]) ?? wet;
    return {
      wet: wet.slug,
      dry: dry.slug,
      road: wet.road.slug,
      largest: town.rains[town.rains.length - 1].key,
      smallest: town.rains[0].key,
    };
  });
}

/** Bring a page into a state; on a phone with the whole sheet in view. */
export async function enter(page, file, [hash, act], { whole = true } = {}) {
  await page.goto("about:blank");
  await page.goto(`file://${file}${hash}`);
  await wait(180);
  if (act) await act(page);
  await wait(150);
  if (whole)
    await page.evaluate(() => {
      document.querySelector("#sheet").dataset.height = "full";
    });
  await wait(240);
}
