/* What concerns the page as a whole: questions, periods, theme, address, help, and what Escape closes. */
import { h } from "./dom.js";
import { factsList } from "./dialog.js";
import { KEYS_HELP, singleKeys } from "./keyboard.js";
import { partsOf } from "./asking/model.js";
import { answerOf } from "./asking/questions.js";
import { sharedAddress } from "./asking/state.js";
import { sidesOf } from "./stage.js";

export const wholePage = (desk) => {
  const { model, drawn } = desk,
    { words } = model;
  return {
    ask: (key) => {
      const { period, picked } = desk.state,
        network = (model.data.periods[period] || {}).network || {};
      if (!desk.questions.some((one) => one.key === key && one.periods[period])) return;
      const kept = partsOf(picked),
        stays = kept && [network.pipes, network.nodes].includes(kept.key);
      desk.set({ question: key, order: 0, layers: {}, looks: {}, ...(stays ? {} : { picked: null }) });
      if (!stays) drawn.highlight([]);
      desk.say(desk.question().ask || desk.question().title);
    },
    /* The same question of another period; where it was not asked then, the first that was. */
    showPeriod: (period) => {
      if (!model.data.periods[period]) return;
      const asked = desk.question().periods[period]
        ? desk.question()
        : desk.questions.find((one) => one.periods[period]);
      drawn.setPeriod(period);
      desk.set({ period, order: 0, ...(asked ? { question: asked.key } : {}) });
      const found = desk.picked(),
        { verdict } = answerOf(desk.question(), period);
      if (found) desk.light(found);
      else drawn.highlight([]);
      desk.say([model.data.periods[period].label, verdict].filter(Boolean).join(": "));
    },
    toggleBeside: () => {
      const beside = !desk.state.beside,
        [left, right] = sidesOf(model.data);
      const whole = drawn.map.getZoom() < desk.homeZoom + 0.5;
      drawn.beside(beside ? { left, right } : null);
      desk.set({ beside });
      desk.resized();
      if (whole) drawn.home();
    },
    measuring: () => Boolean(drawn.measuring && drawn.measuring()),
    measure: () => {
      if (!drawn.measure) return;
      drawn.measure(!desk.measuring());
      desk.parts.tools.refresh();
      if (desk.measuring()) desk.say(words.measure_how);
    },
    menu: (kind, button) => desk.parts.menus.toggle(kind, button),
    search: () => desk.parts.header.search.focus(),
    turnTheme: () => {
      const theme = drawn.theme() === "dark" ? "light" : "dark";
      drawn.setTheme(theme);
      desk.set({ theme });
    },
    share: () => {
      const address = sharedAddress(window.location.href);
      const done = () => desk.say(words.copied),
        failed = () => desk.dialog.open(words.share, h("p", { class: "dr-address", text: address }));
      if (navigator.clipboard && navigator.clipboard.writeText)
        navigator.clipboard.writeText(address).then(done, failed);
      else failed();
    },
    sources: () => {
      const { about = [], notes = [] } = model.data;
      desk.dialog.open(
        words.sources,
        desk.provenance ? h("p", { text: desk.provenance }) : null,
        factsList(about),
        notes.map((text) => h("p", { text })),
      );
    },
    showTerms: () => desk.dialog.open(desk.terms.title, desk.terms.all()),
    help: () =>
      desk.dialog.open(
        words.help,
        h(
          "dl",
          { class: "dr-about" },
          KEYS_HELP.map(([keys, word]) => [
            h(
              "dt",
              null,
              keys.split(" ").map((key) => h("kbd", { text: key })),
            ),
            h("dd", { text: words[word] }),
          ]),
        ),
        h(
          "label",
          { class: "dr-switch" },
          h("input", {
            type: "checkbox",
            checked: singleKeys.on(),
            change: (change) => singleKeys.turn(change.target.checked),
          }),
          words.keys_single,
        ),
      ),
    /* Closes one thing, the uppermost; the map ends a measurement itself. */
    escape: () => {
      if (desk.dialog.close() || desk.parts.menus.close()) return true;
      if (desk.parts.tools.refresh()) return true;
      if (desk.measuring()) {
        desk.measure();
        return true;
      }
      if (desk.state.drawer) {
        desk.drawer(null);
        if (desk.picked()) desk.parts.panel.focus();
        return true;
      }
      if (desk.close()) return true;
      if (!desk.state.trace) return false;
      desk.untrace();
      return true;
    },
  };
};
