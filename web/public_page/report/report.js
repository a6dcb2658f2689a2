// The report of a flooded spot: from the draft to a file, a text, or the server of the page.
import { find } from "../dom.js";
import { nearestFirst } from "../geometry.js";
import { locate } from "../place.js";
import { copyText } from "../sharing.js";
import { say, spoken } from "../words.js";
import { faultsOf, featureOf, fieldsOf, textOf } from "./feature.js";
import { doneView, formOf } from "./form.js";
import { bytesOf, shrunk } from "./photo.js";

/** What the reader can set right himself: status of the answer → the field at fault. */
const CORRECTABLE = { 400: "words", 413: "photo", 415: "photo", 422: "place" };

const empty = () => ({ when: "now", faults: {} });

export function createReport(page) {
  const { town } = page;
  let draft = empty();
  let done = null;

  const again = () => {
    [draft, done] = [empty(), null];
    pick(null);
    page.show({ moved: true });
  };

  function pick(road, stretch = null) {
    Object.assign(draft, { road, stretch });
    delete draft.faults.road;
    page.state.picked = stretch;
  }

  /** Build the form anew and keep the focus in it. */
  function refresh(field) {
    page.show();
    find(`#field-${field}`)?.focus();
  }

  function onMap() {
    if (!page.isWide()) page.sheet.pull("low");
    setTimeout(page.aim, 240);
    page.toast(say("pick_place"));
    find("#pane").focus();
  }

  function here() {
    page.toast(say("listen"));
    locate(page, (me) => {
      if (!me.point) return page.toast(say(me.far ? "near_far" : "near_refused"));
      const [, stretch] = nearestFirst(town.stretches, me.point)[0];
      pick(stretch.road, stretch);
      return refresh("stretch");
    });
  }

  async function photo(file) {
    delete draft.faults.photo;
    delete draft.photo;
    try {
      if (file) draft.photo = await shrunk(file);
    } catch {
      draft.faults.photo = say("report_error_photo");
    }
    refresh("photo");
  }

  async function submit(event) {
    event.preventDefault();
    const now = new Date();
    draft.faults = faultsOf(draft, now);
    if (Object.keys(draft.faults).length) return showFaults();
    const report = { text: textOf(draft), feature: featureOf(draft, town, now), state: "file" };
    if (town.post) {
      page.toast(say("report_sending"));
      Object.assign(report, await sent(fieldsOf(draft, town, now), draft.photo));
    }
    if (report.state === "refused") return refused(report);
    done = report;
    page.show({ moved: true });
  }

  /** Send the report: `{state, said}`, where `said` is what the server says of it, if it says anything. */
  async function sent(fields, picture) {
    const body = new FormData();
    for (const [field, value] of Object.entries(fields)) body.append(field, String(value));
    if (picture) body.append("photo", bytesOf(picture), "photo.jpg");
    try {
      const answer = await fetch(town.post, { method: "POST", body });
      const { words, said } = await answer.json().catch(() => ({}));
      const text = (words ?? said)?.[spoken()];
      if (answer.ok) return { state: "sent", said: text };
      return { state: text && CORRECTABLE[answer.status] ? "refused" : "unsent", said: text, status: answer.status };
    } catch {
      return { state: "unsent" };
    }
  }

  /** Show what the server will not take at the form, which keeps what was filled in. */
  function refused({ said, status }) {
    const field = CORRECTABLE[status];
    if (field === "photo") delete draft.photo;
    draft.faults = { [field === "place" ? (draft.when === "day" ? "day" : "road") : field]: said };
    showFaults();
  }

  function showFaults() {
    page.show();
    page.panel.scrollTop = 0;
    find("#faults").focus();
  }

  function save() {
    const { feature } = done;
    const file = new Blob([JSON.stringify(feature, null, 1)], { type: "application/geo+json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `report-${feature.properties.date.replace(/\D/g, "").slice(0, 12)}.geojson`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  const asked = {
    road: (road) => {
      pick(road ?? null);
      refresh("road");
    },
    stretch: (index) => {
      pick(draft.road, index === "" ? null : town.stretches[index]);
      page.redraw();
    },
    onMap,
    here,
    photo,
    submit,
    save,
    again,
    copy: async () => page.toast((await copyText(done.text)) ? say("copied") : done.text),
  };

  const openTapped = page.tapped;
  page.tapped = (stretch) => {
    if (page.state.view !== "report" || done) return openTapped(stretch);
    pick(stretch.road, stretch);
    page.sheet.pull("full");
    return refresh("stretch");
  };
  page.tell = (stretch) => {
    done = null;
    pick(stretch.road, stretch);
  };

  find('nav a[data-view="report"]').addEventListener("click", () => {
    const { road, stretch } = page.state;
    if (!draft.road && (stretch || road)) pick(stretch?.road ?? road, stretch);
  });

  return { view: () => (done ? doneView(done, town, asked) : formOf(draft, town, asked)) };
}
