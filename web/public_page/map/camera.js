// Which part of the drawn map the pane shows: units × zoom + shift = pixels of the pane.
const LARGEST = 4;

export class Camera {
  constructor() {
    Object.assign(this, { width: 0, height: 0, zoom: 1, x: 0, y: 0, least: 0.1, home: null });
  }

  toPane([x, y]) {
    return [x * this.zoom + this.x, y * this.zoom + this.y];
  }

  toMap([x, y]) {
    return [(x - this.x) / this.zoom, (y - this.y) / this.zoom];
  }

  /** Show a box in the upper part of the pane that nothing covers. */
  fit([left, top, right, bottom], room, { margin = 10, most = LARGEST } = {}) {
    const height = Math.max(80, room);
    const across = Math.max(40, this.width - 2 * margin) / Math.max(1, right - left);
    const down = Math.max(40, height - 2 * margin) / Math.max(1, bottom - top);
    this.zoom = Math.min(across, down, most);
    this.x = this.width / 2 - (this.zoom * (left + right)) / 2;
    this.y = height / 2 - (this.zoom * (top + bottom)) / 2;
  }

  fitWhole(box, room, margin) {
    this.fit(box, room, { margin });
    this.least = this.zoom * 0.8;
    this.home = [this.zoom, this.x, this.y];
  }

  isHome() {
    if (!this.home) return true;
    const [zoom, x, y] = this.home;
    return Math.abs(zoom - this.zoom) < 0.01 && Math.hypot(x - this.x, y - this.y) < 9;
  }

  /** Zoom so that a point of the pane stays where it is. */
  zoomAt([x, y], factor) {
    const zoom = Math.max(this.least, Math.min(LARGEST, this.zoom * factor));
    this.x = x - ((x - this.x) * zoom) / this.zoom;
    this.y = y - ((y - this.y) * zoom) / this.zoom;
    this.zoom = zoom;
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
  }
}
