// What is not needed to open the page: English, the report of a flooded spot, numbers to call, what the page is.
import { find } from "./dom.js";
import { createReport } from "./report/report.js";
import { aboutView } from "./views/about.js";
import { callView } from "./views/call.js";
import { writePaper } from "./views/paper.js";

const { page, whole, extend } = globalThis.publicPage;
const read = (name) => JSON.parse(find(`#${name}`).textContent);
const report = createReport(page);

for (const view of ["about", "call", "report"]) whole.add(view);
addEventListener("beforeprint", () => writePaper(page));
extend({ about: aboutView, call: callView, report: report.view }, { zh: read("words-later"), en: read("words-english") });
