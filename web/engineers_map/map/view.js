/* From the world of zoom 0 to the pixels of a drawing. */

/* `scale` px for each unit of zoom 0; (x, y) of zoom 0 comes to (x * scale - origin.x, y * scale - origin.y). `metres`:
   of one px on the ground, null on a plan. `near`: how many times closer than the view of the whole town. */
export const makeView = ({ scale, origin, near = 1, metres = null, narrow = false }) => {
  const step = Math.log2(near);
  const thick = Math.min(2, Math.max(0.9, 1 + 0.25 * (step - 1)));
  return {
    scale,
    origin,
    metres,
    near,
    narrow,
    thick,
    radius: Math.min(1.25, Math.max(narrow ? 0.75 : 0.85, thick)),
    x: (at) => at * scale - origin.x,
    y: (at) => at * scale - origin.y,
  };
};

export const isInView = (shapes, view, bounds, s) => {
  const b = shapes.box, { scale, origin } = view, k = 4 * s;
  return b[k] * scale - origin.x <= bounds.right && b[k + 2] * scale - origin.x >= bounds.left &&
    b[k + 1] * scale - origin.y <= bounds.bottom && b[k + 3] * scale - origin.y >= bounds.top;
};

export const grown = ({ left, top, right, bottom }, by) =>
  ({ left: left - by, top: top - by, right: right + by, bottom: bottom + by });

export const holds = ({ left, top, right, bottom }, x, y) => x >= left && x <= right && y >= top && y <= bottom;
