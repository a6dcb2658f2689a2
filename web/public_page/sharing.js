// A link to what is seen, by the phone's own sheet where there is one, else copied.
import { html } from "./dom.js";
import { say } from "./words.js";

/** Copy a text; browsers without a clipboard, or on a page without https, copy a selection. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text) {
  const field = html("textarea", { readonly: true, class: "hidden" });
  field.value = text;
  document.body.append(field);
  field.select();
  field.setSelectionRange(0, text.length);
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  field.remove();
  return copied;
}

/** Share a link; gives `shared`, `copied`, `stopped` by the reader, or `failed`. */
async function shareLink(title, url) {
  if (navigator.share) {
    try {
      await navigator.share({ title, url });
      return "shared";
    } catch (error) {
      if (error.name === "AbortError") return "stopped";
    }
  }
  return (await copyText(url)) ? "copied" : "failed";
}

/** Share what is seen, by the published address where there is one. */
export async function shareView(page) {
  const { view, stretch, road } = page.state;
  const url = (page.town.url || location.href).split("#")[0] + page.link({ view, stretch, road });
  const done = await shareLink(document.title, url);
  if (done === "copied") page.toast(say("shared"));
  if (done === "failed") page.toast(url);
}
