// The report of a flooded spot: from the draft to a file, a text, or the server of the page.
import { find } from "../dom.js";
import { nearestFirst } from "../geometry.js";
import { locate } from "../place.js";
import { copyText } from "../sharing.js";
import { say } from "../words.js";
import { faultsOf, featureOf, fieldsOf, textOf } from "./feature.js";
import { doneView, formOf } from "./form.js";
import { bytesOf, shrunk } from "./photo.js";

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
    if (Object.keys(draft.faults).length) {
      page.show();
      page.panel.scrollTop = 0;
      find("#faults").focus();
      return;
    }
    done = { text: textOf(draft), feature: featureOf(draft, town, now), state: "file" };
    if (town.post) {
      page.toast(say("report_sending"));
      done.state = (await sent(fieldsOf(draft, town, now), draft.photo)) ? "sent" : "unsent";
    }
    page.show({ moved: true });
  }

  async function sent(fields, picture) {
    const body = new FormData();
    for (const [field, value] of Object.entries(fields)) body.append(field, String(value));
    if (picture) body.append("photo", bytesOf(picture), "photo.jpg");
    try {
      return (await fetch(town.post, { method: "POST", body })).ok;
    } catch {
      return false;
    }
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

  return { view: () => (done ? doneView(done, town, asked) : formOf(draft, town, asked)) };
}
