// Whom to call for what.
import { html, named } from "../dom.js";
import { box, heading, paragraph } from "../pieces.js";
import { inLanguage, say } from "../words.js";

export function callView({ town }) {
  const rows = town.phones.map(({ number, name, use }) =>
    html(
      "li",
      {},
      html(
        "a",
        { href: `tel:${number.replace(/[^\d+*#]/g, "")}` },
        html("b", {}, number),
        html("span", {}, html("strong", {}, named(inLanguage(name))), html("small", {}, inLanguage(use))),
      ),
    ),
  );
  return [
    heading(say("call_title"), paragraph("", say("call_first"))),
    html("ul", { class: "callers" }, rows),
    box("bad gap", paragraph("", say("call_danger"))),
  ];
}
