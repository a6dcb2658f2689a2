/* The panel of what is chosen: what it is, what can be asked from it, why, what belongs to it, its figures. */
import { h, icon, iconButton, s } from "./dom.js";
import { itemOf, startOf } from "./asking/item.js";
import { termWord } from "./terms.js";

const MANY = 12; // links shown at once

export const panelOf = (desk) => {
  const { model } = desk,
    { words } = model;
  const box = h("aside", { id: "dr-panel", class: "dr-card", role: "region", hidden: true });
  const act = (shape, label, on, click, at) =>
    h(
      "button",
      {
        type: "button",
        class: "dr-b",
        "aria-pressed": on === null ? null : String(on),
        "data-at": at,
        "data-act": at,
        click,
      },
      icon(shape),
      label,
    );
  const actions = (found) => {
    const { trace, drawer, picked } = desk.state;
    const starts = startOf(model, desk.network(), found),
      on = (way) => Boolean(trace && trace.ref === picked && trace.direction === way);
    const ways = starts
      ? ["up", "down", "outfall"].map((way) =>
          act(way, words[`trace_${way}`], on(way), () => desk.trace(way), `trace ${way}`),
        )
      : [];
    return h(
      "div",
      { class: "dr-actions" },
      ways,
      starts && desk.hasLevels()
        ? act("section", words.section, drawer === "section", () => desk.drawer("section"), "section")
        : null,
      desk.hydrographOf(found)
        ? act("hydrograph", words.hydrograph, drawer === "hydrograph", () => desk.drawer("hydrograph"), "hydrograph")
        : null,
      found.layer.shapes[found.row] >= 0
        ? act("centre", words.centre, null, () => desk.fit([found]), "centre")
        : null,
    );
  };
  const isChange = () => model.data.periods[desk.state.period].key === "changes";
  const why = ({ why: texts, bars }) =>
    texts.length || bars.length
      ? h(
          "div",
          { class: texts.length && !isChange() ? "dr-why" : "dr-why dr-plain" },
          texts.map((text) => h("p", { text })),
          bars.length > 1 ? h("div", { class: "dr-bars" }, bars.map(bar)) : null,
        )
      : null;
  const bar = ({ label, share }) => [
    h("span", { text: label }),
    s(
      "svg",
      { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
      s("rect", { width: 100, height: 8, class: "dr-bar-all" }),
      s("rect", { width: Math.min(100, share * 100), height: 8 }),
    ),
    h("b", { text: `${model.number(share * 100, 0)} %` }),
  ];
  const linkOf = ({ ref, text, beside, period }) =>
    h(
      "li",
      null,
      h(
        "button",
        {
          type: "button",
          class: "dr-link",
          "data-ref": ref,
          click: (press) => desk.pick(ref, { back: press.currentTarget, period }),
        },
        h("bdi", { text }),
      ),
      beside ? h("span", null, h("bdi", { text: beside })) : null,
    );
  const links = ({ heading, items }) => {
    const list = h("ul", { class: "dr-links" }, items.slice(0, MANY).map(linkOf)),
      rest = items.slice(MANY);
    const more = rest.length
      ? h("button", {
          type: "button",
          class: "dr-b",
          text: `${words.more} (${model.number(rest.length)})`,
          click: () => {
            list.append(...rest.map(linkOf));
            more.remove();
          },
        })
      : null;
    return h(
      "section",
      { class: "dr-part" },
      h("h3", { text: `${heading} · ${model.number(items.length)}` }),
      list,
      more,
    );
  };
  const group = ({ label, rows }) =>
    h(
      "section",
      { class: "dr-part" },
      h("h3", { text: label || words.attributes }),
      h(
        "dl",
        null,
        rows.map(({ key, label: name, text, unit }) => [
          h("dt", null, termWord(desk.terms.column(key), h("bdi", { text: name }))),
          h("dd", null, h("bdi", { text }), unit ? h("small", { text: ` ${unit}` }) : null),
        ]),
      ),
    );
  const also = () => {
    const others = desk.also().slice(0, 8);
    return others.length
      ? h(
          "section",
          { class: "dr-part" },
          h("h3", { text: words.also }),
          h(
            "ul",
            { class: "dr-links" },
            others.map(({ layer, row }) =>
              linkOf({
                ref: model.refAt(layer, row),
                text: model.title(layer, row) || layer.label,
                beside: layer.label,
              }),
            ),
          ),
        )
      : null;
  };
  const heading = h("h2", { tabindex: "-1", id: "dr-panel-name" });

  const refresh = () => {
    const found = desk.picked();
    box.hidden = !found;
    document.documentElement.classList.toggle("dr-open", Boolean(found));
    if (!found) return;
    const item = itemOf(model, desk.state.period, found);
    const held = box.contains(document.activeElement) ? document.activeElement.dataset.at : null;
    heading.replaceChildren(
      h("bdi", { text: item.name }),
      item.number ? h("small", null, h("bdi", { text: item.number })) : "",
    );
    box.setAttribute("aria-labelledby", "dr-panel-name");
    box.replaceChildren(
      h(
        "div",
        { class: "dr-panel-head" },
        desk.drawn.swatch(found.layer, found.layer.category[found.row], { width: 34, height: 34 }),
        h("div", null, heading, h("p", { text: item.what })),
        iconButton("close", words.close, { bare: true, "data-at": "close", click: () => desk.close() }),
      ),
      h(
        "div",
        { class: "dr-panel-body", tabindex: "0", role: "group", "aria-labelledby": "dr-panel-name" },
        ...[
          actions(found),
          why(item),
          ...item.links.map(links),
          ...item.groups.map(group),
          ...item.connected.map(links),
          also(),
        ].filter(Boolean),
      ),
    );
    if (held) focusAt(held);
  };
  const focusAt = (at) => {
    const one = [...box.querySelectorAll("[data-at]")].find((other) => other.dataset.at === at);
    if (one) one.focus({ preventScroll: true });
  };
  return { box, refresh, focus: () => heading.focus({ preventScroll: true }) };
};
