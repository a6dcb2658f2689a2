/* Series over the minutes of a storm, those of one unit on one axis; the pointer reads them out. */
import { s } from "../dom.js";
import { stepsOf } from "../asking/profile.js";

const EDGE = { left: 50, right: 50, top: 20, bottom: 24 };
export const STROKES = ["", "7 4", "2 3", "10 3 2 3"]; // series differ by dash as well as by colour

export const hydrographDrawing = ({ minutes, series, marks }, { width, height, words, number, moved }) => {
  const wide = width - EDGE.left - EDGE.right,
    tall = height - EDGE.top - EDGE.bottom;
  const first = minutes[0] || 0,
    last = minutes[minutes.length - 1] || 1;
  const X = (m) => EDGE.left + (wide * (m - first)) / (last - first || 1);
  const units = [...new Set(series.map(({ unit }) => unit))];
  const scales = new Map(
    units.map((unit) => {
      const values = series
        .filter((one) => one.unit === unit)
        .flatMap((one) => one.values)
        .filter((value) => value !== null);
      const low = Math.min(0, ...values),
        high = Math.max(...values, low + 1e-6);
      return [unit, { low, high, Y: (value) => EDGE.top + tall * (1 - (value - low) / (high - low)) }];
    }),
  );
  const axis = (unit, k) => {
    const { low, high, Y } = scales.get(unit),
      right = k === 1,
      x = right ? width - EDGE.right + 6 : EDGE.left - 6;
    return [
      stepsOf(low, high, Math.max(2, tall / 30)).map((value) => [
        right ? null : s("path", { class: "dr-grid", d: `M${EDGE.left} ${Y(value)}H${width - EDGE.right}` }),
        s("text", { x, y: Y(value) + 4, "text-anchor": right ? "start" : "end", text: number(value) }),
      ]),
      s("text", { x, y: 12, "text-anchor": right ? "start" : "end", text: unit }),
    ];
  };
  const line = ({ unit, values }, k) => {
    const { Y } = scales.get(unit);
    let pen = "M";
    const d = values
      .map((value, n) => {
        if (value === null) {
          pen = "M";
          return "";
        }
        const point = `${pen}${X(minutes[n]).toFixed(1)} ${Y(value).toFixed(1)}`;
        pen = "L";
        return point;
      })
      .join("");
    return s("path", {
      class: `dr-series dr-series-${k % STROKES.length}`,
      "stroke-dasharray": STROKES[k % STROKES.length] || null,
      d,
    });
  };
  const level = ({ label, unit, value }) =>
    scales.has(unit) && value !== null
      ? [
          s("path", { class: "dr-level", d: `M${EDGE.left} ${scales.get(unit).Y(value)}H${width - EDGE.right}` }),
          s("text", {
            x: width - EDGE.right - 4,
            y: scales.get(unit).Y(value) - 4,
            "text-anchor": "end",
            class: "dr-ink",
            text: label,
          }),
        ]
      : [];
  const cursor = s("path", { class: "dr-cursor", d: "" });
  const drawing = s(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      class: "dr-section",
      role: "img",
      tabindex: "0",
      "aria-label": words.hydrograph,
    },
    units.slice(0, 2).map(axis),
    stepsOf(first, last, Math.max(2, wide / 80)).map((m) =>
      s("text", { x: X(m), y: height - 7, "text-anchor": "middle", text: `${number(m)} min` }),
    ),
    series.map(line),
    marks.map(level),
    cursor,
  );
  let at = 0;
  const read = (n) => {
    at = Math.max(0, Math.min(minutes.length - 1, n));
    cursor.setAttribute("d", `M${X(minutes[at])} ${EDGE.top}V${height - EDGE.bottom}`);
    moved(at);
  };
  drawing.addEventListener("pointermove", (move) => {
    const box = drawing.getBoundingClientRect(),
      minute = first + ((((move.clientX - box.left) * width) / box.width - EDGE.left) / wide) * (last - first);
    const next = minutes.findIndex((one) => one >= minute);
    read(next < 0 ? minutes.length - 1 : next);
  });
  drawing.addEventListener("keydown", (press) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[press.key];
    if (!step) return;
    press.preventDefault();
    press.stopPropagation();
    read(at + step);
  });
  return drawing;
};
