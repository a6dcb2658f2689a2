// Fingers, mouse, wheel and keys on the map.
const STEP = 60;
const STILL = 6; // pixels: a finger that moved less has tapped
const MOVES = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};
const ZOOMS = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 };

/** Call `move(dx, dy)`, `zoom(point, factor)`, `tap(point)`, `home()` as the reader asks; point null: the middle. */
export function listen(pane, { move, zoom, tap, home }) {
  const at = ({ clientX, clientY }) => {
    const box = pane.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };
  byKeys(pane, { move, zoom, home });
  byFingers(pane, at, { move, zoom, tap });
  pane.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(at(event), Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)));
    },
    { passive: false },
  );
  pane.addEventListener("dblclick", (event) => zoom(at(event), 1.8));
}

function byKeys(pane, { move, zoom, home }) {
  pane.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (MOVES[event.key]) move(...MOVES[event.key]);
    else if (ZOOMS[event.key]) zoom(null, ZOOMS[event.key]);
    else if (event.key === "0") home();
    else return;
    event.preventDefault();
  });
}

function byFingers(pane, at, { move, zoom, tap }) {
  const fingers = new Map();
  let trail = 0;
  pane.addEventListener("pointerdown", (event) => {
    pane.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    trail = fingers.size === 1 ? 0 : Infinity;
  });
  pane.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    trail += Math.abs(dx) + Math.abs(dy);
    if (fingers.size === 1 && trail > STILL) move(dx, dy);
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const [far, farNow] = [before, now].map((point) =>
        Math.hypot(point[0] - other[0], point[1] - other[1]),
      );
      move(dx / 2, dy / 2);
      if (far > 10) zoom([(now[0] + other[0]) / 2, (now[1] + other[1]) / 2], farNow / far);
    }
    fingers.set(event.pointerId, now);
  });
  const lift = (event) => {
    const alone = fingers.size === 1 && fingers.has(event.pointerId);
    fingers.delete(event.pointerId);
    if (alone && trail <= STILL && event.type === "pointerup") tap(at(event));
  };
  pane.addEventListener("pointerup", lift);
  pane.addEventListener("pointercancel", lift);
}
