/* A button that wants words: they are asked for beside their field, before anything is sent. One that cannot be taken
   back wants to be pressed twice. */

/** Listen to the forms that decide. */
export function wantWords(within) {
  within.querySelectorAll("form[data-decide]").forEach((form) => {
    form.addEventListener("submit", (submitted) => {
      const wanted = submitted.submitter && submitted.submitter.dataset.wants;
      const field = wanted && form.elements.namedItem(wanted);
      if (!field) return makeSure(submitted);
      const lacking = !field.value.trim();
      say(field, lacking ? field.dataset.wanted : "");
      if (!lacking) return;
      submitted.preventDefault();
      field.focus();
    });
  });
}

function makeSure(submitted) {
  const button = submitted.submitter;
  if (!button || !button.dataset.sure) return;
  submitted.preventDefault();
  button.lastChild.textContent = ` ${button.dataset.sure}`;
  delete button.dataset.sure;
}

/** Tell at a field what is wrong with it; nothing where it is right. */
export function say(field, words) {
  document.getElementById(`${field.id}-error`).textContent = words;
  if (words) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}
