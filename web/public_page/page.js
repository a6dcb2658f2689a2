// The public waterlogging page: reads its data, follows its address, and shows one view beside the map.
import { addressOf, readAddress } from "./address.js";
import { find, findAll } from "./dom.js";
import { createMap } from "./map/map.js";
import { titleOf } from "./names.js";
import { createRainPicker } from "./rain_picker.js";
import { createSearch } from "./search_box.js";
import { createSheet } from "./sheet.js";
import { readTown } from "./town.js";
import { homeView } from "./views/home.js";
import { roadView } from "./views/road.js";
import { addWords, say, speak, speaks, spoken } from "./words.js";

const BELOW_HOME = ["stretch", "road", "near"];
const TOAST_MS = 2500;
const KEPT = "drainage-language";

const read = (name) => JSON.parse(find(`#${name}`).textContent);
const wide = matchMedia("(min-width:900px) and (min-height:481px),(min-width:640px) and (max-height:480px)");

addWords("zh", read("words"));
const town = readTown(read("data"));
const views = { home: homeView, road: roadView }; // the others arrive with `later.js`
const asked = ["near", "report", "call", "about", ...(town.before ? ["solved"] : [])];
const whole = ["report", "call", "about"]; // what takes the whole height of a phone
const panel = find("#panel");
let shown = null;
let lastRow = null;
let wanted = kept();

const page = {
  town,
  state: { rain: town.opening, view: "home" },
  me: null,
  isWide: () => wide.matches,
  link: (change) => addressOf({ rain: page.state.rain, language: spoken(), ...change }, town),
  go,
  replace,
  show,
  tapped: (stretch) => go({ stretch }),
  tellStatus: (text) => {
    find("#status").textContent = text;
  },
  toast,
  aim: () => map?.aim(),
  redraw: () => map?.refresh(),
  share: () => {},
  tell: () => {},
  near: () => {},
  wayRound: () => null,
};

const search = createSearch(page);
const rain = createRainPicker(page);
let map = null; // drawn after the list can be used
const sheet = createSheet({
  moved: () => {
    if (page.state.view === "home") page.aim();
  },
});
Object.assign(page, { sheet, panel });

// ---- showing ------------------------------------------------------------------------------------------------------

/** Build the view of the state; `moved` when it is another one than before. */
function show({ moved = false, focus = true } = {}) {
  const { view } = page.state;
  panel.replaceChildren(...(views[view] ?? homeView)(page).flat(3).filter(Boolean));
  const heading = find("h2", panel);
  const title = heading.textContent.trim();
  document.title = view === "home" ? titleOf(town, "document_title") : `${title} - ${titleOf(town)}`;
  showFrame();
  if (moved) enter(heading, focus);
  else if (shown) page.tellStatus(title);
  page.redraw();
}

function showFrame() {
  rain.show();
  const tab = BELOW_HOME.includes(page.state.view) ? "home" : page.state.view;
  for (const link of findAll("nav a")) {
    link.href = page.link({ view: link.dataset.view });
    if (link.dataset.view === tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  find("#home").href = page.link({});
  find("#about").href = page.link({ view: "about" });
}

/** Arrive in a view: at its heading, or at the row from which the reader went away. */
function enter(heading, focus) {
  sheet.pull(whole.includes(page.state.view) ? "full" : "mid");
  panel.scrollTop = 0;
  const back =
    lastRow && page.state.view === "home"
      ? findAll("[data-row]", panel).find((row) => row.dataset.row === lastRow)
      : null;
  if (back) back.focus();
  else if (focus) heading.focus({ preventScroll: true });
  if (page.state.stretch) lastRow = page.state.stretch.slug;
  else if (page.state.road) lastRow = page.state.road.slug;
}

/** Say everything outside the views anew in the language of the reader. */
function sayFrame() {
  document.documentElement.lang = spoken() === "en" ? "en" : "zh-CN";
  for (const element of findAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of findAll("[data-label]"))
    element.setAttribute("aria-label", say(element.dataset.label));
  find("#home").textContent = titleOf(town);
  find("#asked").placeholder = say("find");
  find("#language").lang = spoken() === "en" ? "zh-CN" : "en";
}

// ---- moving -------------------------------------------------------------------------------------------------------

/** Go to a state as a link does, so that the way back leads here. */
function go(change) {
  const to = page.link(change);
  if (location.hash === to || (to === "#" && !location.hash)) follow();
  else location.hash = to;
}

/** Change the state without a step to go back. */
function replace(change) {
  const { view, stretch, road } = page.state;
  history.replaceState(null, "", page.link({ view, stretch, road, ...change }));
  follow();
}

/** Show what the address asks for. */
function follow() {
  const state = readAddress(location.hash, town, asked);
  const language = state.language ?? wanted;
  if (language !== spoken() && speaks(language)) {
    speak(language);
    sayFrame();
  }
  page.state = { ...page.state, ...state, view: state.view === "near" && !page.me ? "home" : state.view };
  const now = [page.state.view, page.state.stretch?.slug, page.state.road?.slug].join();
  const moved = now !== shown;
  const first = shown === null;
  show({ moved: moved && !first });
  shown = now;
  if (moved && !first) page.aim();
}

function kept() {
  try {
    return localStorage.getItem(KEPT) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

function switchLanguage() {
  const other = spoken() === "en" ? "zh" : "en";
  wanted = other;
  try {
    localStorage.setItem(KEPT, other);
  } catch {
    // a browser that keeps nothing asks again next time
  }
  replace({ language: other });
}

// ---- small things -------------------------------------------------------------------------------------------------

let fading = 0;
function toast(text) {
  const element = find("#toast");
  element.textContent = text;
  element.classList.add("on");
  page.tellStatus(text);
  clearTimeout(fading);
  fading = setTimeout(() => element.classList.remove("on"), TOAST_MS);
}

function escape() {
  if (search.isOpen()) search.close();
  else if (rain.isOpen()) rain.close();
  else if (page.state.view !== "home") go({});
}

find("#language").addEventListener("click", switchLanguage);
find("#near").addEventListener("click", () => page.near());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") escape();
});
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => {
  document.documentElement.dataset.paper = "";
  map?.drawForPaper();
});
addEventListener("afterprint", () => {
  delete document.documentElement.dataset.paper;
  map?.drawForScreen();
});
follow();
performance.mark("usable");
requestAnimationFrame(() =>
  setTimeout(() => {
    map = createMap(page);
    page.redraw();
    page.aim();
    performance.mark("drawn");
  }),
);

// What comes later in the file adds its words and views here.
globalThis.publicPage = {
  page,
  extend(more) {
    Object.assign(views, more);
    if (spoken() !== (readAddress(location.hash, town, asked).language ?? wanted)) follow();
    const { view, stretch } = page.state;
    if (stretch || asked.includes(view)) show({ moved: true, focus: false });
  },
};
