/* What folium asks of jQuery: the text of a popup as an element, and to run when the page is ready. */
window.$ = (asked) => {
  if (asked === document) return { ready: (run) => document.addEventListener("DOMContentLoaded", run) };
  const made = document.createElement("template");
  made.innerHTML = asked;
  return [...made.content.children];
};
L.Icon.Default.imagePath = ""; // the pictures of markers are in the page
L.Icon.Default.mergeOptions(given.pictures);
L.Control.Zoom.mergeOptions({ zoomInTitle: given.words.zoom_in, zoomOutTitle: given.words.zoom_out });
L.Control.Attribution.mergeOptions({ prefix: "Leaflet" });
