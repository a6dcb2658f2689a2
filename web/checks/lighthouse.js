// The four scores of Lighthouse for a phone.
//   node checks/lighthouse.js PAGE      prints JSON: scores in percent, and what cost any of them
import lighthouse from "lighthouse";
import { launch, serve } from "./browser.js";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

const [, , file] = process.argv;
const server = await serve(file);
const browser = await launch();
const page = await browser.newPage();
const { lhr } = await lighthouse(
  server.address,
  { output: "json", logLevel: "silent", onlyCategories: CATEGORIES },
  undefined,
  page,
);
await browser.close();
server.end();

const scores = Object.fromEntries(
  CATEGORIES.map((name) => [name, Math.round(100 * lhr.categories[name].score)]),
);
const lacking = Object.values(lhr.audits)
  .filter(
    ({ score, scoreDisplayMode }) => score !== null && score < 0.9 && scoreDisplayMode !== "informative",
  )
  .map(({ id, displayValue }) => [id, displayValue ?? ""].join(" ").trim());
console.log(JSON.stringify({ scores, lacking }));
