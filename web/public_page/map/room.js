// What still has room on the map: circles in pixels, kept by the cell in which they lie.
const CELL = 32;

export class Room {
  constructor() {
    this.cells = new Map();
  }

  take(x, y, radius) {
    const key = this.key(Math.floor(x / CELL), Math.floor(y / CELL));
    this.cells.set(key, [...(this.cells.get(key) ?? []), [x, y, radius]]);
  }

  isFree(x, y, radius) {
    const [column, line] = [Math.floor(x / CELL), Math.floor(y / CELL)];
    for (let i = column - 2; i <= column + 2; i += 1) {
      for (let k = line - 2; k <= line + 2; k += 1) {
        for (const [px, py, pr] of this.cells.get(this.key(i, k)) ?? []) {
          if ((x - px) ** 2 + (y - py) ** 2 <= (radius + pr) ** 2) return false;
        }
      }
    }
    return true;
  }

  key(column, line) {
    return column * 65536 + line;
  }
}
