/* The left column: the question, where its answer comes from, the verdict, the keys, the filters, the list. */
import { h, icon, refill } from "./dom.js";
import { lookOf } from "./asking/facets.js";
import { keyOf } from "./asking/model.js";
import { answerOf, listLayer, ordered, rowTexts } from "./asking/questions.js";

const AT_ONCE = 200;
const GROUPED = ["quality", "issues"]; // lists whose rows stand below their rule
const SAID = 5; // parts of the subtitle: storm, formula, day, engine, source
const SHEETS = ["half", "full", "low"];

/* One look of a layer: what it is drawn by, how many there are, and a press that shows it alone. */
export const lookKey = (desk, layer, look, n, count, length = null) => {
  const chosen = (desk.state.looks[keyOf(layer)] || []).includes(look.label);
  return h(
    "button",
    {
      type: "button",
      class: count ? "dr-key-one" : "dr-key-one dr-zero",
      "aria-pressed": String(chosen),
      "data-at": `look ${keyOf(layer)} ${look.label}`,
      "data-look": look.label,
      "data-term": desk.terms.label(look.label),
      click: () => desk.toggleLook(layer, look.label),
    },
    desk.drawn.swatch(layer, n, { width: 26, height: 20 }),
    h("b", { text: [desk.model.number(count), length].filter(Boolean).join(" · ") }),
    h("span", { text: look.label }),
  );
};
export const countsOf = (layer, rows) => {
  const counts = layer.styles.map(() => 0);
  if (rows)
    rows.forEach((row) => {
      counts[layer.category[row]] += 1;
    });
  else
    layer.category.forEach((style) => {
      counts[style] += 1;
    });
  return layer.counts && !layer.shapes.length ? layer.counts : counts;
};

/* A line that names the days of all periods names that of the one that is shown; of the changes, both. */
export const ofPeriod = (periods, k, line) => {
  const days = periods.map(({ day }) => day).filter(Boolean);
  if (days.length < 2) return line;
  return line.replace(days.join(", "), periods[k].day || days.join(" → "));
};

export const sideOf = (desk) => {
  const { model } = desk,
    { words } = model;
  const head = h("div", { class: "dr-head" }),
    list = h("div", { class: "dr-list", tabindex: "-1" });
  const grip = h(
    "button",
    { type: "button", class: "dr-grip", "aria-label": words.sheet, click: () => turnSheet() },
    h("i", { "aria-hidden": "true" }),
  );
  const box = h("section", { id: "dr-side", "aria-label": words.answer }, grip, head, list);
  let shown = AT_ONCE,
    told = "";

  const turnSheet = () => {
    const root = document.documentElement,
      now = SHEETS.indexOf(root.dataset.sheet || "half");
    root.dataset.sheet = SHEETS[(now + 1) % SHEETS.length];
    desk.resized();
  };
  const boxButton = (at, text, click) =>
    h("button", { type: "button", class: "dr-link", "data-at": at, text, click });
  /* Where the answer comes from; what is not verified is marked, all else stands behind the button. */
  const subtitle = ({ subtitle: given = [] }) => {
    const told = given.length ? given.slice(0, SAID) : [desk.provenance].filter(Boolean);
    const lines = told.map((line) => ofPeriod(model.data.periods, desk.state.period, line));
    const text = (line, n) => [
      n ? " · " : "",
      h("span", { class: line.includes(words.not_verified) ? "dr-flag" : null, text: line }),
    ];
    return h(
      "p",
      { class: "dr-sub" },
      lines.map(text),
      desk.hasSources ? [" ", boxButton("sources", words.sources, () => desk.sources())] : null,
      desk.terms.some ? [" ", boxButton("terms", words.terms, () => desk.showTerms())] : null,
    );
  };
  const verdict = ({ verdict: said, detail, unknown }) =>
    said || unknown || detail.length
      ? h(
          "p",
          { class: "dr-verdict" },
          said || unknown,
          detail.length ? h("small", { text: detail.join(" ") }) : null,
        )
      : null;
  const keys = (layer) => {
    if (!layer || layer.styles.length < 2) return null;
    const counts = countsOf(layer, desk.rowsOf(layer, { looks: false }));
    return h(
      "div",
      { class: "dr-keys", "data-n": layer.styles.length, role: "group", "aria-label": words.keys },
      layer.styles.map((look, n) => lookKey(desk, layer, look, n, counts[n])),
    );
  };
  const chip = ({ text, remove }) =>
    h(
      "button",
      {
        type: "button",
        class: "dr-chip",
        "aria-label": `${words.remove} ${text}`,
        "data-at": `chip ${text}`,
        click: remove,
      },
      h("bdi", { text }),
      icon("close"),
    );
  const orders = ({ orders: given }) =>
    given.length < 2
      ? null
      : h(
          "label",
          { class: "dr-order" },
          h("span", { text: words.order }),
          h(
            "select",
            { "data-at": "order", change: (change) => desk.set({ order: change.target.selectedIndex }) },
            given.map(({ label }, n) => h("option", { text: label, selected: n === desk.state.order })),
          ),
        );
  const bar = (answer) =>
    h(
      "div",
      { class: "dr-filters" },
      desk.canFilter()
        ? h(
            "button",
            {
              type: "button",
              class: "dr-b",
              "data-at": "filter",
              "data-menu": "filter",
              "aria-expanded": "false",
              click: (press) => desk.menu("filter", press.currentTarget),
            },
            icon("filter"),
            words.filter,
          )
        : null,
      desk.chips().map(chip),
      desk.history.length
        ? h(
            "button",
            { type: "button", class: "dr-b", "data-at": "undo", click: () => desk.undo() },
            icon("undo"),
            words.undo,
          )
        : null,
      orders(answer),
    );

  const rowOf = (layer, row, how) => {
    const { first, more, right, second, tail } = rowTexts(model, layer, row, how),
      ref = model.refAt(layer, row);
    const placed = layer.shapes[row] >= 0;
    return h(
      "li",
      null,
      h(
        "button",
        {
          type: "button",
          class: "dr-row",
          "data-at": ref,
          "data-ref": ref,
          click: (press) => desk.pick(ref, { back: press.currentTarget, fit: placed }),
        },
        desk.drawn.swatch(layer, layer.category[row], { width: 28, height: 28 }),
        h(
          "span",
          { class: "dr-t" },
          h("bdi", { text: first || lookOf(layer, row) }),
          more ? h("em", { text: ` ${more}` }) : null,
        ),
        h("span", { class: "dr-r", text: right }),
        second || !placed
          ? h(
              "span",
              { class: "dr-s" },
              h("bdi", { text: [second, placed ? "" : words.homeless].filter(Boolean).join(" · ") }),
            )
          : null,
        tail ? h("span", { class: "dr-s2", text: tail }) : null,
      ),
    );
  };
  /* Rows that stand one after the other for one reason, below it: the reason and its remedy are told once. */
  const byRule = (layer, rows, how) => {
    const told = (row) => {
      const said = (keys = []) => keys.map((key) => model.said(layer, row, key)).filter(Boolean);
      return { reason: said(how.cause).join(" "), remedy: said(how.line).join(" · ") };
    };
    const all = rows.map(told),
      bare = { ...how, cause: how.head, head: [], line: [] };
    return rows.map((row, n) => {
      const { reason, remedy } = all[n];
      const first = !n || reason !== all[n - 1].reason;
      return [
        first ? h("li", { class: "dr-rule" }, reason, remedy ? h("small", { text: remedy }) : null) : null,
        rowOf(layer, row, bare),
      ];
    });
  };
  const fill = (layer, answer) => {
    if (!layer) return [h("p", { class: "dr-none", text: answer.unknown ? "" : words.no_list })];
    const left = desk.rowsOf(layer),
      rows = ordered(model, layer, left || layer.shapes.map((_, row) => row), answer.orders[desk.state.order]);
    if (!rows.length)
      return [h("p", { class: "dr-none", text: layer.shapes.length ? words.nothing_left : words.none })];
    const more = rows.length - shown;
    return [
      h("h3", { class: "dr-count", id: "dr-count", text: `${layer.label} · ${model.number(rows.length)}` }),
      h(
        "ul",
        { "aria-labelledby": "dr-count" },
        GROUPED.includes(layer.theme)
          ? byRule(layer, rows.slice(0, shown), answer.row)
          : rows.slice(0, shown).map((row) => rowOf(layer, row, answer.row)),
      ),
      more > 0
        ? h("button", {
            type: "button",
            class: "dr-b dr-more",
            "data-at": "more",
            click: () => {
              shown += AT_ONCE;
              refresh();
            },
            text: `${words.more} (${model.number(more)})`,
          })
        : null,
    ];
  };
  const refresh = () => {
    const question = desk.question(),
      k = desk.state.period,
      answer = answerOf(question, k),
      layer = listLayer(model, k, question);
    const now = JSON.stringify([question.key, k, desk.state.facets, desk.state.looks, desk.state.order]);
    if (now !== told) {
      shown = AT_ONCE;
      list.scrollTop = 0;
    }
    told = now;
    refill(
      head,
      answer.ask || question.ask || question.title
        ? h("h2", { class: "dr-ask", tabindex: "-1", text: answer.ask || question.ask || question.title })
        : null,
      subtitle(question),
      verdict(answer),
      keys(layer),
      bar(answer),
    );
    refill(list, fill(layer, answer));
  };
  const mark = () => {
    list.querySelectorAll("[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    const one = [...list.querySelectorAll("[data-ref]")].find((row) => row.dataset.ref === desk.state.picked);
    if (!one) return;
    one.setAttribute("aria-current", "true");
    one.scrollIntoView({ block: "nearest" });
  };
  return { box, refresh, mark, focus: () => (head.querySelector(".dr-ask") || list).focus({ preventScroll: true }) };
};
