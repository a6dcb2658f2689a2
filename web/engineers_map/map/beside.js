/* Two maps side by side, each with a period of its own, that show the same place. */
import { element } from "./data.js";
import { makePane } from "./pane.js";

/* The other pane goes where this one goes; answers how to end it. */
const follow = (leader, other, moving) => {
  const move = () => {
    if (moving.now) return;
    moving.now = true;
    other.map.setView(leader.map.getCenter(), leader.map.getZoom(), { animate: false });
    moving.now = false;
  };
  leader.map.on("move", move);
  return () => leader.map.off("move", move);
};

const close = (page) => {
  const [main, second] = page.panes;
  if (!second) return;
  page.panes.length = 1;
  main.unfollow();
  second.map.remove();
  second.container.remove();
  main.title.remove();
  main.title = null;
};

const named = (page, pane) => {
  const title = element("p", "dr-box dr-side", page.data.periods[pane.period].label);
  if (pane.title) pane.title.remove();
  pane.title = title;
  pane.container.append(title);
};

/* `sides` says which period stands at the left and at the right; null: one map again. */
export const standBeside = (page, container, sides) => {
  const [main] = page.panes;
  if (!sides) close(page);
  else {
    if (page.panes.length === 1) {
      const box = element("div", "dr-pane");
      container.append(box);
      page.panes.push(makePane(box, page));
      const [, second] = page.panes;
      Object.assign(second.home, main.home);
      second.asked = main.asked;
      const moving = { now: false };
      main.unfollow = follow(main, second, moving);
      follow(second, main, moving);
    }
    [sides.left, sides.right].forEach((period, k) => {
      const pane = page.panes[k];
      pane.period = period;
      named(page, pane);
    });
  }
  container.classList.toggle("dr-two", Boolean(sides));
  page.panes.forEach((pane) => pane.map.invalidateSize(false));
  page.panes.slice(1).forEach((pane) => {
    pane.map.setView(main.map.getCenter(), main.map.getZoom(), { animate: false });
  });
  page.panes.forEach((pane) => pane.setScenes());
  page.base.renew();
};
