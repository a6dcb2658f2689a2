/* A file is handed in: dragged or chosen, with its progress; what is refused is told beside its field. */
import { say } from "./deciding.js";

/** Furnish the form of an upload, which works without this too. */
export function furnishUpload(form) {
  const field = form.elements.namedItem("file");
  const { value: first } = form.elements.namedItem("idempotency") || { value: "" };
  let key = first;
  let tried = 0;

  field.addEventListener("change", () => {
    tried += 1; // another file is another submission; the same file after a broken line is not
    key = first && `${first}-${tried}`;
    check(form, field);
  });
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    if (check(form, field)) send(form, field, key);
  });
  takeDrops(form.querySelector("[data-drop]"), field);
}

function check(form, field) {
  const [file] = field.files;
  const most = Number(form.dataset.most);
  const wrong = !file ? form.dataset.saidNone : file.size > most ? form.dataset.saidLarge : "";
  say(field, wrong);
  if (wrong) field.focus();
  return !wrong;
}

/** Take a file that is dragged onto the place of the field. */
function takeDrops(place, field) {
  if (!("DataTransfer" in window)) return;
  place.classList.add("droppable");
  const over = (dragged, is) => {
    dragged.preventDefault();
    place.classList.toggle("over", is);
  };
  ["dragenter", "dragover"].forEach((kind) => place.addEventListener(kind, (dragged) => over(dragged, true)));
  place.addEventListener("dragleave", (dragged) => over(dragged, false));
  place.addEventListener("drop", (dragged) => {
    over(dragged, false);
    if (!dragged.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(dragged.dataTransfer.files[0]);
    field.files = one.files;
    field.dispatchEvent(new Event("change"));
    field.focus();
  });
}

function send(form, field, key) {
  const button = form.querySelector("button:not([type])");
  const bar = form.querySelector("progress");
  const told = form.querySelector("output");
  const request = new XMLHttpRequest();
  const end = (words) => {
    button.disabled = false;
    bar.hidden = true;
    told.textContent = "";
    say(field, words);
    if (words) field.focus();
  };
  request.open("POST", form.action);
  request.responseType = "document";
  request.setRequestHeader("Accept", "text/html");
  if (key) request.setRequestHeader("Idempotency-Key", key);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
    told.textContent = `${form.dataset.saidSending} ${Math.floor(100 * bar.value)} %`;
  });
  request.addEventListener("error", () => end(form.dataset.saidBroken));
  request.addEventListener("timeout", () => end(form.dataset.saidBroken));
  request.addEventListener("load", () => {
    if (request.status < 400) {
      told.textContent = form.dataset.saidSent;
      location.assign(request.responseURL);
    } else end(refusal(request, form));
  });
  const sent = new FormData(form);
  if (key) sent.set("idempotency", key);
  button.disabled = true;
  bar.hidden = false;
  bar.value = 0;
  request.send(sent);
}

/** Return what a page says of why something was refused. */
function refusal(request, form) {
  const found = request.response && request.response.querySelector("[data-refused]");
  const words = found ? found.textContent.trim() : "";
  return words || (request.status === 413 ? form.dataset.saidLarge : `${form.dataset.saidBroken} (${request.status})`);
}
