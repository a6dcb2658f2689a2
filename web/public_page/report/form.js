// The fields of a report. What is typed goes into the draft at once, so the form can be left and come back to.
import { find, html, icon } from "../dom.js";
import { nameOf, placeOf } from "../names.js";
import { box, heading, paragraph } from "../pieces.js";
import { say } from "../words.js";
import { bodyInWater } from "../views/scene.js";
import { CARS, centimetresOf, dayOf, DEPTHS, TIMES } from "./feature.js";

const MOST_WORDS = 200;

/** The form of a draft; `asked` holds what its buttons do. */
export function formOf(draft, town, asked) {
  const { faults } = draft;
  return [
    heading(say("report_title"), paragraph("", say("report_intro"))),
    Object.keys(faults).length ? faultBox(faults) : null,
    html(
      "form",
      { class: "report", id: "report", novalidate: true, submit: asked.submit },
      placeFields(draft, town, asked),
      depthFields(draft),
      timeFields(draft),
      choices(
        "car",
        say("report_car"),
        draft,
        CARS.map((car) => [car, [html("span", {}, say(`report_car_${car}`))]]),
        "four",
      ),
      photoField(draft, asked),
      wordsField(draft),
      html(
        "div",
        { class: "actions" },
        html("button", { class: "button main" }, say(town.post ? "report_send" : "report_make")),
      ),
    ),
  ];
}

function faultBox(faults) {
  const rows = Object.entries(faults).map(([field, text]) =>
    html("li", {}, html("a", { href: `#field-${field}`, click: (event) => toField(event, field) }, text)),
  );
  return html(
    "div",
    { class: "box bad", role: "alert", tabindex: "-1", id: "faults" },
    html("h3", { class: "flat" }, say("report_error")),
    html("ul", {}, rows),
  );
}

/** The address holds the state of the page, so a fault leads to its field by focus. */
function toField(event, field) {
  event.preventDefault();
  const found = find(`#field-${field}`);
  (found.matches("select,input,textarea") ? found : find("input", found)).focus();
}

const fault = (draft, field) =>
  draft.faults[field] ? html("p", { class: "fault", id: `fault-${field}` }, draft.faults[field]) : null;

const faulty = (draft, field) =>
  draft.faults[field] ? { "aria-invalid": "true", "aria-describedby": `fault-${field}` } : {};

// ---- where --------------------------------------------------------------------------------------------------------

function placeFields(draft, town, asked) {
  const roads = [
    html("option", { value: "" }),
    ...town.roads
      .filter((road) => road.stretches.length)
      .map((road) => html("option", { value: road.index, selected: road === draft.road }, nameOf(road))),
  ];
  const roadChoice = html(
    "select",
    {
      id: "field-road",
      ...faulty(draft, "road"),
      change: ({ target }) => asked.road(town.roads[target.value]),
    },
    roads,
  );
  return html(
    "fieldset",
    { class: draft.faults.road ? "faulty" : null },
    html("legend", {}, say("report_place")),
    paragraph("fine", say("report_place_how")),
    fault(draft, "road"),
    html(
      "div",
      { class: "pair" },
      html("label", {}, say("roads"), roadChoice),
      html("label", {}, say("report_stretch"), stretchChoice(draft, asked)),
    ),
    html(
      "div",
      { class: "actions tight" },
      html(
        "button",
        { type: "button", class: "button", click: asked.onMap },
        icon("map"),
        say("report_on_map"),
      ),
      html(
        "button",
        { type: "button", class: "button", click: asked.here },
        icon("here"),
        say("report_here_location"),
      ),
    ),
  );
}

function stretchChoice(draft, asked) {
  const own = (draft.road?.stretches ?? []).map((stretch) =>
    html("option", { value: stretch.index, selected: stretch === draft.stretch }, placeOf(stretch)),
  );
  return html(
    "select",
    { id: "field-stretch", change: ({ target }) => asked.stretch(target.value) },
    html("option", { value: "" }, say("report_stretch_any")),
    own,
  );
}

// ---- how deep, when, what else --------------------------------------------------------------------------------------

function choices(field, title, draft, options, look, ...before) {
  const group = html("div", { class: `choices ${look}`, id: `field-${field}` });
  const rows = options.map(([value, inside]) => {
    const input = html("input", { type: "radio", name: field, value, checked: draft[field] === value });
    return html("label", { class: draft[field] === value ? "on" : null }, input, inside);
  });
  group.append(...rows);
  group.addEventListener("change", ({ target }) => {
    draft[field] = target.value;
    for (const row of rows) row.classList.toggle("on", find("input", row).checked);
    delete draft.faults[field];
    fields.classList.remove("faulty");
    find(".fault", fields)?.remove();
  });
  const fields = html(
    "fieldset",
    { class: draft.faults[field] ? "faulty" : null },
    html("legend", {}, title),
    before,
    group,
  );
  return fields;
}

function depthFields(draft) {
  const options = Object.entries(DEPTHS).map(([mark, metres]) => [
    mark,
    [
      bodyInWater(centimetresOf(metres)),
      html("span", {}, say(`depth_${mark}`)),
      html("small", {}, say("centimetres", { cm: centimetresOf(metres) })),
    ],
  ]);
  return choices(
    "depth",
    say("report_depth"),
    draft,
    options,
    "six",
    paragraph("fine", say("report_depth_how")),
    fault(draft, "depth"),
  );
}

function timeFields(draft) {
  const options = TIMES.map((time) => [time, [html("span", {}, say(`report_when_${time}`))]]);
  const day = html("input", {
    type: "date",
    id: "field-day",
    max: dayOf(new Date()),
    value: draft.day,
    ...faulty(draft, "day"),
    input: ({ target }) => {
      draft.day = target.value;
    },
  });
  const dayLabel = html(
    "label",
    { class: "label", hidden: draft.when !== "day" },
    say("report_day"),
    fault(draft, "day"),
    day,
  );
  const fields = choices("when", say("report_when"), draft, options, "four");
  fields.addEventListener("change", () => {
    dayLabel.hidden = draft.when !== "day";
  });
  return [fields, dayLabel];
}

function photoField(draft, asked) {
  const input = html("input", {
    type: "file",
    id: "field-photo",
    class: "hidden",
    accept: "image/*",
    "aria-describedby": "photo-title photo-how",
    change: ({ target }) => asked.photo(target.files[0]),
  });
  const preview = draft.photo ? html("img", { class: "preview", src: draft.photo, alt: "" }) : null;
  return [
    html("p", { class: "label", id: "photo-title" }, say("report_photo")),
    html("p", { class: "fine", id: "photo-how" }, say("report_photo_how")),
    fault(draft, "photo"),
    input,
    // the browser's own button speaks the browser's language, not that of the page
    html("label", { class: "button choose", for: "field-photo" }, icon("tell"), say("report_photo_choose")),
    html("div", { id: "preview" }, preview),
  ];
}

function wordsField(draft) {
  const field = html("textarea", {
    id: "field-words",
    ...faulty(draft, "words"),
    rows: "2",
    maxlength: MOST_WORDS,
    input: ({ target }) => {
      draft.words = target.value;
    },
  });
  field.value = draft.words ?? "";
  return [html("label", { class: "label", for: "field-words" }, say("report_words")), fault(draft, "words"), field];
}

/** A report that is ready: its text, and the ways to hand it on. */
export function doneView({ text, state, said }, town, asked) {
  const number = town.phones[0]?.number ?? "12345";
  const unsent = [said, say("report_unsent", { number })].filter(Boolean).join(" ");
  const told = { sent: said ?? say("report_sent"), unsent }[state] ?? say("report_done_file", { number });
  const inWechat = /MicroMessenger/i.test(navigator.userAgent);
  return [
    heading(say({ sent: "report_sent_title", unsent: "report_title" }[state] ?? "report_done")),
    box(state === "unsent" ? "bad" : "good", paragraph("", told)),
    html("p", { class: "told" }, text),
    inWechat && state !== "sent" ? paragraph("fine", say("report_wechat")) : null,
    html(
      "div",
      { class: "actions" },
      state === "sent"
        ? null
        : html("button", { class: "button main", click: asked.save }, say("report_save")),
      html("button", { class: "button", click: asked.copy }, say("report_copy")),
      html("a", { class: "button", href: `tel:${number.replace(/[^\d+*#]/g, "")}` }, icon("call"), number),
      html("button", { class: "button", click: asked.again }, say("report_again")),
    ),
  ];
}
