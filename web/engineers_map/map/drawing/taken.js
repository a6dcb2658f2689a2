/* The one test of collisions: of marks, numbers, names, ids and the cards of the page. */

const CELL = 80;

export class Taken {
  constructor() {
    this.cells = new Map();
  }

  /* Calls `look` with each cell that the box touches, until it answers true. */
  some(left, top, right, bottom, look) {
    for (let i = Math.floor(left / CELL); i <= Math.floor(right / CELL); i += 1) {
      for (let j = Math.floor(top / CELL); j <= Math.floor(bottom / CELL); j += 1) {
        if (look(i * 65536 + j)) return true;
      }
    }
    return false;
  }

  isFree(left, top, right, bottom) {
    return !this.some(left, top, right, bottom, (key) => (this.cells.get(key) || []).some((box) =>
      box[0] < right && box[2] > left && box[1] < bottom && box[3] > top));
  }

  hold(left, top, right, bottom) {
    const box = [left, top, right, bottom];
    this.some(left, top, right, bottom, (key) => {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
      return false;
    });
  }

  /* Takes the place of a box about a middle if nothing is there. */
  take(x, y, width, height) {
    const box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
    if (!this.isFree(...box)) return false;
    this.hold(...box);
    return true;
  }
}
