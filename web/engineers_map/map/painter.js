/* A renderer of Leaflet with two canvases: what takes long below, what changes with the pointer above. */
import { element } from "./data.js";

const SLOW_MS = 30, REST_MS = 140; // a drawing that takes longer waits for the gesture to rest: until then it is scaled
const SHARPEST = 2; // dots for each px; more costs a phone its speed and shows little

export const makePainter = (paintLower, paintUpper) => {
  const Painter = L.Renderer.extend({
    _initContainer() {
      this._container = element("div", "dr-painter");
      this._container.setAttribute("aria-hidden", "true"); // lists and panels say the same
      this.lower = element("canvas");
      this.upper = element("canvas");
      this._container.append(this.lower, this.upper);
    },
    _destroyContainer() {
      this._container.remove();
    },
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      if (this.took > SLOW_MS) this._rest();
      else this._redraw();
    },
    /* Draws with the next picture, or, where that takes long, once nothing more comes for a while. */
    drawSoon() {
      if (this.took > SLOW_MS) this._rest();
      else if (!this.asked) this.asked = requestAnimationFrame(() => { this.asked = 0; this._redraw(); });
    },
    _rest() {
      clearTimeout(this.resting);
      this.resting = setTimeout(() => {
        this.resting = 0;
        this._redraw();
      }, REST_MS);
    },
    isAtRest() {
      return !this.resting && !this.asked;
    },
    _redraw() {
      if (!this._map || this._map._animatingZoom) return; // it is drawn when that has ended
      L.Renderer.prototype._update.call(this);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this.pens = [this.lower, this.upper].map((canvas) => this._fit(canvas));
      this.drawAll();
    },
    _fit(canvas) {
      const size = this._bounds.getSize(), dots = Math.min(SHARPEST, window.devicePixelRatio || 1);
      canvas.width = Math.max(1, Math.round(size.x * dots));
      canvas.height = Math.max(1, Math.round(size.y * dots));
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      const pen = canvas.getContext("2d");
      pen.setTransform(dots, 0, 0, dots, -this._bounds.min.x * dots, -this._bounds.min.y * dots);
      return pen;
    },
    bounds() {
      const { min, max } = this._bounds;
      return { left: min.x, top: min.y, right: max.x, bottom: max.y };
    },
    _clear(pen) {
      const { left, top, right, bottom } = this.bounds();
      pen.clearRect(left, top, right - left, bottom - top);
    },
    drawAll() {
      if (!this.pens || this._map._animatingZoom) return;
      const begun = performance.now();
      this._clear(this.pens[0]);
      paintLower(this.pens[0], this.bounds());
      this.drawUpper();
      this.took = performance.now() - begun;
    },
    drawUpper() {
      if (!this.pens || this._map._animatingZoom) return;
      this._clear(this.pens[1]);
      paintUpper(this.pens[1], this.bounds());
    },
  });
  return Object.assign(new Painter({ padding: 0.15 }), { took: 0, resting: 0, asked: 0 });
};
