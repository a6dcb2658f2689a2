// Everything that axe-core finds in the states of the public page: sizes × light and dark, lists and forms open.
//   node checks/axe.js PAGE [some]      prints JSON: how many states were looked at, and each finding
// `some`: a phone in light and a desktop in dark alone
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { launch } from "./browser.js";
import { enter, placesOf, statesOf } from "./public_states.js";

const SIZES = [
  [390, 844],
  [1440, 900],
  [320, 640],
];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");

const [, , file, few] = process.argv;
const browser = await launch();
const findings = [];
let looked = 0;
const looks = few
  ? [["light", SIZES[0]], ["dark", SIZES[1]]]
  : ["light", "dark"].flatMap((scheme) => SIZES.map((size) => [scheme, size]));
for (const look of looks) await lookAt(...look);
await browser.close();
console.log(JSON.stringify({ looked, findings }));

async function lookAt(scheme, [width, height]) {
  const page = await browser.newPage();
  await page.setBypassCSP(true); // axe adds itself to the page
  await page.setViewport({ width, height, isMobile: width < 900, hasTouch: width < 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(`file://${file}`);
  const states = Object.entries(statesOf(await placesOf(page)));
  for (const [name, state] of states) {
    if (name === "rains unfolded" && width > 359) continue;
    await enter(page, file, state, { whole: width < 900 && name !== "rains unfolded" });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() =>
      window.axe.run(document, { resultTypes: ["violations"] }),
    );
    looked += 1;
    for (const { id, impact, nodes } of violations) {
      findings.push({
        scheme,
        width,
        name,
        id,
        impact,
        where: nodes[0].html.slice(0, 160),
        why: nodes[0].failureSummary.slice(0, 300),
      });
    }
  }
  await page.close();
}
