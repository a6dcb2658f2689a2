/* A long section drawn: ground, pipes by how full they are, water, sizes; the pointer reads it out. */
import { h, s } from "../dom.js";
import { levelsAt, stepsOf } from "../asking/profile.js";

const EDGE = { left: 50, right: 16, top: 24, bottom: 24 };
const GLYPH = 6.6; // px, about, of a letter of a label
const path = (...points) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;

export const sectionDrawing = (profile, { width, height, words, number, kilometres, idOf, moved, picked }) => {
  const { length_m: long } = profile,
    low = Math.floor(profile.low - 0.3),
    high = Math.ceil(profile.high + 0.2);
  const wide = width - EDGE.left - EDGE.right,
    tall = height - EDGE.top - EDGE.bottom;
  const X = (m) => EDGE.left + (wide * m) / (long || 1),
    Y = (z) => EDGE.top + tall * (1 - (z - low) / (high - low));
  const cursor = s("path", { class: "dr-cursor", d: "" });
  const drawing = s(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      class: "dr-section",
      role: "img",
      tabindex: "0",
      "aria-label": `${words.section}, ${kilometres(long)}`,
    },
    grid(),
    ground(),
    profile.stretches.map(pipe),
    shafts(),
    water(),
    labels(),
    cursor,
  );

  function grid() {
    const levels = stepsOf(low, high, Math.max(3, tall / 26)).map((z) => [
      s("path", { class: "dr-grid", d: path([EDGE.left, Y(z)], [width - EDGE.right, Y(z)]) }),
      s("text", { x: EDGE.left - 6, y: Y(z) + 4, "text-anchor": "end", text: number(z, 1) }),
    ]);
    const along = stepsOf(0, long, Math.max(2, wide / 90))
      .filter((m) => X(long) - X(m) > 60)
      .map((m) => s("text", { x: X(m), y: height - 7, "text-anchor": "middle", text: kilometres(m) }));
    const factor = tall / (high - low) / (wide / (long || 1));
    return [
      levels,
      along,
      s("text", { x: EDGE.left - 6, y: 14, "text-anchor": "end", text: "m" }),
      s("text", { x: X(long), y: height - 7, "text-anchor": "end", class: "dr-ink", text: kilometres(long) }),
      s("text", {
        x: width - EDGE.right,
        y: 14,
        "text-anchor": "end",
        text: `${words.exaggerated} ${number(factor, 0)}`,
      }),
    ];
  }
  function ground() {
    const known = profile.nodes
      .filter(({ ground_m: z }) => z !== null)
      .map(({ chainage_m: m, ground_m: z }) => [X(m), Y(z)]);
    if (known.length < 2) return [];
    const foot = [
      [known[known.length - 1][0], Y(low)],
      [known[0][0], Y(low)],
    ];
    return [
      s("path", { class: "dr-earth", d: `${path(...known, ...foot)}z` }),
      s("path", { class: "dr-ground", d: path(...known) }),
    ];
  }
  function pipe(one) {
    const { invert_up_m: up, invert_down_m: down, height_m: bore, from_m: a, to_m: b } = one;
    if (up === null || down === null) return [];
    const body = s(
      "path",
      {
        class: one.full ? "dr-bore dr-full" : "dr-bore",
        "data-pipe": one.pipe,
        d: `${path([X(a), Y(up)], [X(b), Y(down)], [X(b), Y(down + bore)], [X(a), Y(up + bore)])}z`,
        click: () => picked(one.pipe),
      },
      s("title", { text: `${idOf(one.pipe)} ${one.size}` }),
    );
    return one.adverse ? [body, s("path", { class: "dr-adverse", d: path([X(a), Y(up)], [X(b), Y(down)]) })] : [body];
  }
  function shafts() {
    const first = profile.stretches;
    return profile.nodes.map(({ chainage_m: m, ground_m: top }, k) => {
      const foot = k < first.length ? first[k].invert_up_m : first[k - 1].invert_down_m;
      return top === null || foot === null
        ? null
        : s("path", { class: "dr-shaft", d: path([X(m), Y(top)], [X(m), Y(foot)]) });
    });
  }
  function water() {
    const known = profile.nodes
      .filter(({ water_m: z }) => z !== null)
      .map(({ chainage_m: m, water_m: z }) => [X(m), Y(z)]);
    return known.length > 1 ? s("path", { class: "dr-water", d: path(...known) }) : [];
  }
  function labels() {
    let end = -Infinity;
    const sizes = profile.sizes.map(({ size, from_m: a, to_m: b }) => {
      const x = X((a + b) / 2),
        half = (size.length * GLYPH) / 2;
      if (x - half < end + 6 || X(b) - X(a) < half || x + half > width - EDGE.right - 90) return null;
      end = x + half;
      return s("text", { x, y: EDGE.top - 8, "text-anchor": "middle", class: "dr-ink", text: size });
    });
    return sizes;
  }
  const read = (m) => {
    const at = Math.max(0, Math.min(long, m)),
      one = levelsAt(profile, at);
    cursor.setAttribute("d", path([X(at), EDGE.top], [X(at), height - EDGE.bottom]));
    moved(one, at);
  };
  let place = 0;
  drawing.addEventListener("pointermove", (move) => {
    const box = drawing.getBoundingClientRect();
    place = (((move.clientX - box.left) * width) / box.width - EDGE.left) * (long / wide);
    read(place);
  });
  drawing.addEventListener("pointerleave", () => {
    cursor.setAttribute("d", "");
    moved(null, 0);
  });
  drawing.addEventListener("keydown", (press) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[press.key];
    if (!step) return;
    press.preventDefault();
    press.stopPropagation();
    place = Math.max(0, Math.min(long, place + (step * long) / 100));
    read(place);
  });
  return drawing;
};

/* Marks of the section in words, in their colours. */
export const sectionKey = (words, has) =>
  h(
    "p",
    { class: "dr-section-key" },
    [
      ["dr-ground", words.ground, true],
      ["dr-bore", words.pipe, true],
      ["dr-full", words.full, has.full],
      ["dr-adverse", words.adverse, has.adverse],
      ["dr-water", words.water, has.water],
    ]
      .filter(([, , there]) => there)
      .map(([kind, text]) =>
        h(
          "span",
          null,
          s(
            "svg",
            { viewBox: "0 0 22 10", "aria-hidden": "true" },
            s("path", {
              class: kind === "dr-full" ? "dr-bore dr-full" : kind,
              d: kind === "dr-bore" || kind === "dr-full" ? "M1 1h20v8h-20z" : "M1 5h20",
            }),
          ),
          text,
        ),
      ),
  );
