// Bundles the programs and styles of the pages into the Python package, for the browsers of `browserslist`.
//   node build.mjs           writes them
//   node build.mjs --check   ends with 1 where a file differs from what its sources give
import { existsSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const { browserslist } = JSON.parse(readFileSync(join(here, "package.json"), "utf-8"));
const target = browserslist.filter((name) => !name.startsWith("ios")).map((name) => name.replace(" ", ""));

/* Source → file in the package. */
const PAGES = JSON.parse(readFileSync(join(here, "pages.json"), "utf-8"));

const check = process.argv.includes("--check");
let stale = 0;
for (const [source, goal] of Object.entries(PAGES)) {
  const result = await build({
    entryPoints: [join(here, source)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    charset: "utf8",
    legalComments: "none",
    target,
    supported: { destructuring: true }, // Safari 14.0 errs in patterns that bind one name twice, which nobody writes
  });
  const text = result.outputFiles[0].text.trim() + "\n";
  const path = join(here, "..", goal);
  if (check) {
    if (existsSync(path) && readFileSync(path, "utf-8") === text) continue;
    stale += 1;
    console.error(`${goal}: not what ${source} gives; run: npm --prefix web run build`);
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`${goal}: ${text.length} characters`);
  }
}
process.exitCode = stale ? 1 : 0;
