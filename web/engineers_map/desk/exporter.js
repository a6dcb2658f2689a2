/* Files of what is seen: in the view, filtered, of the open layers; or the list. */
import { csvOf, fileName, geojsonOf, hand, tableOf } from "./asking/export.js";
import { keyOf } from "./asking/model.js";
import { answerOf, listLayer, ordered } from "./asking/questions.js";

export const exporterOf = (desk) => {
  const { model, drawn } = desk,
    { words } = model;
  const text = (selector) => (document.querySelector(selector) || { textContent: "" }).textContent.trim();
  const seen = () =>
    desk
      .drawnNow()
      .filter((layer) => !layer.context)
      .map((layer) => ({ layer, rows: [...drawn.inView(keyOf(layer))] }))
      .filter(({ rows }) => rows.length);
  const about = () => ({
    name: text("h1"),
    notice: text(".dr-notice"),
    provenance: text(".dr-provenance"),
    period: model.data.periods[desk.state.period].label,
    filters: { ...desk.state.facets, ...desk.state.looks },
    view: drawn.viewState(),
  });
  const file = (ending, ...parts) => `${fileName(text("h1"), ...parts) || "map"}.${ending}`;
  /* Every row says what must be known of the data. */
  const csv = (parts) => {
    const { head, rows } = tableOf(model, parts),
      notice = text(".dr-notice");
    head[0] = words.layer;
    return notice
      ? csvOf(
          [...head, words.notice],
          rows.map((row) => [...row, notice]),
        )
      : csvOf(head, rows);
  };
  const done = (rows) => desk.say(`${words.exported} ${model.number(rows)}`);
  const number = (parts) => parts.reduce((n, { rows }) => n + rows.length, 0);
  return {
    exportSeen: async (kind) => {
      await desk.whole();
      const parts = seen(),
        label = desk.question().title;
      if (kind === "csv") hand(file("csv", label), "text/csv", csv(parts));
      else
        hand(
          file("geojson", label),
          "application/geo+json",
          geojsonOf(model, parts, about(), (layer, row) => drawn.shapeOf(keyOf(layer), row)),
        );
      done(number(parts));
    },
    exportList: async () => {
      await desk.whole();
      const layer = listLayer(model, desk.state.period, desk.question());
      if (!layer) {
        desk.say(words.no_list);
        return;
      }
      const { orders } = answerOf(desk.question(), desk.state.period);
      const rows = ordered(
        model,
        layer,
        desk.rowsOf(layer) || layer.shapes.map((_, row) => row),
        orders[desk.state.order],
      );
      hand(file("csv", layer.label), "text/csv", csv([{ layer, rows }]));
      done(rows.length);
    },
  };
};
