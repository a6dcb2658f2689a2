// The foot of the printed sheet: rain, day, what the data are, numbers to call.
import { find } from "../dom.js";
import { wholeName } from "../rains.js";
import { inLanguage, say } from "../words.js";

export function writePaper({ town, state }) {
  const phones = town.phones
    .map(({ number, name }) => `${inLanguage(name)} ${number}`)
    .join(say("semicolon"));
  const texts = [
    wholeName(state.rain),
    town.date ? say("as_of", { date: town.date }) : "",
    say(town.synthetic ? "paper_demo" : "not_live"),
    say("paper_made", { made: town.made }),
    phones,
    town.url,
  ];
  find("#paper-text").textContent = texts.filter(Boolean).join(" · ");
}
