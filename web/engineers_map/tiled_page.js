/* The second program of a page with tiles; it stands before the first, which asks it for the city. */
import { openCity } from "./tiles/city.js";

window.drainageTiles = openCity;
