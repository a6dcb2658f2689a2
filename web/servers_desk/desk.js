/* The desk of the server: what its pages do by themselves, beyond what their forms do without any script. */
import { wantWords } from "./deciding.js";
import { furnishUpload } from "./upload.js";
import { watchArrivals } from "./arriving.js";
import { watch } from "./watching.js";

document.querySelectorAll("form[data-upload]").forEach(furnishUpload);
wantWords(document);
watch();
watchArrivals();
