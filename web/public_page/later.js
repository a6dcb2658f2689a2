// What is not needed to open the page: English, one stretch, near me, what is solved, the report, numbers, about.
import { wayRoundOf } from "./detour.js";
import { find } from "./dom.js";
import { findMe } from "./place.js";
import { createReport } from "./report/report.js";
import { shareView } from "./sharing.js";
import { aboutView } from "./views/about.js";
import { callView } from "./views/call.js";
import { nearView } from "./views/near.js";
import { writePaper } from "./views/paper.js";
import { solvedView } from "./views/solved.js";
import { stretchView } from "./views/stretch.js";
import { addWords } from "./words.js";

const { page, extend } = globalThis.publicPage;
const read = (name) => JSON.parse(find(`#${name}`).textContent);

// English texts stand in the order of the Chinese ones: their keys are there already
const [first, later, english] = ["words", "words-later", "words-english"].map(read);
addWords("zh", later);
addWords("en", Object.fromEntries(Object.keys({ ...first, ...later }).map((key, k) => [key, english[k]])));

page.town.passing.sources = read("sources");
page.terms = read("terms");
const report = createReport(page);
Object.assign(page, {
  share: () => shareView(page),
  near: () => findMe(page),
  wayRound: (state) => wayRoundOf(page.town, state),
});
addEventListener("beforeprint", () => writePaper(page));
extend({
  about: aboutView,
  call: callView,
  near: nearView,
  report: report.view,
  solved: solvedView,
  stretch: stretchView,
});
performance.mark("whole");
