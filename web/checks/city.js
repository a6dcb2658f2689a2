/* Measures the map of a large city in Chromium: what its first view asks for, how long it takes, how evenly it zooms.
     node checks/city.js FOLDER [--whole-files] [--json]
   FOLDER is what `--map DIR/` writes; it is served here, with parts of files (Range) unless --whole-files is given. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import puppeteer from "puppeteer-core";

const CHROMIUM = process.env.CHROMIUM || "/usr/bin/chromium";
const SCREENS = [
  { name: "desktop", width: 1440, height: 900, deviceScaleFactor: 1, slow: 1 },
  { name: "phone, CPU / 4", width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true, slow: 4 },
];
const KINDS = { ".html": "text/html; charset=utf-8" };

const rangeOf = (asked, size) => {
  const found = /^bytes=(\d+)-(\d*)$/.exec(asked || "");
  return found && { start: Number(found[1]), end: Math.min(size - 1, found[2] ? Number(found[2]) : size - 1) };
};

const serve = (folder, { ranges }) => new Promise((ready) => {
  const server = createServer((request, answer) => {
    const name = basename(new URL(request.url, "http://x").pathname) || "index.html", path = join(folder, name);
    if (!existsSync(path) || !statSync(path).isFile()) {
      answer.writeHead(404).end();
      return;
    }
    const { size } = statSync(path), range = ranges ? rangeOf(request.headers.range, size) : null;
    const type = KINDS[name.slice(name.lastIndexOf("."))] || "application/octet-stream";
    if (!range) {
      answer.writeHead(200, { "content-type": type, "content-length": size });
      createReadStream(path).pipe(answer);
      return;
    }
    answer.writeHead(206, {
      "content-type": type, "content-length": range.end - range.start + 1,
      "content-range": `bytes ${range.start}-${range.end}/${size}`,
    });
    createReadStream(path, range).pipe(answer);
  });
  server.listen(0, "127.0.0.1", () => ready({ server, address: `http://127.0.0.1:${server.address().port}/` }));
});

/* Runs in the page: intervals between frames while it zooms by the wheel, in and out. */
const zoomFrames = () => new Promise((done) => {
  const { map } = document.getElementById("dr-map").drawn, gaps = [];
  let last = 0, left = 90;
  const tick = (now) => {
    if (last) gaps.push(now - last);
    last = now;
    left -= 1;
    if (left % 15 === 0) map.setZoom(map.getZoom() + (left > 45 ? 1 : -1), { animate: true });
    if (left > 0) requestAnimationFrame(tick);
    else {
      const sorted = gaps.slice().sort((a, b) => a - b);
      done({ median: sorted[sorted.length >> 1], p95: sorted[Math.floor(sorted.length * 0.95)],
        worst: sorted[sorted.length - 1] });
    }
  };
  requestAnimationFrame(tick);
});

const SETTLED = `document.body.dataset.layers !== undefined && document.getElementById("dr-map").drawn.isSettled()`;

const measure = async (browser, address, screen) => {
  const page = await browser.newPage(), trouble = [];
  let bytes = 0, requests = 0;
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("console", (told) => { if (told.type() === "error") trouble.push(told.text()); });
  page.on("response", (answer) => {
    bytes += Number(answer.headers()["content-length"] || 0);
    requests += 1;
  });
  await page.setViewport(screen);
  const session = await page.createCDPSession();
  await session.send("Emulation.setCPUThrottlingRate", { rate: screen.slow });
  await page.goto(address, { waitUntil: "commit" }).catch(() => page.goto(address));
  await page.waitForFunction(SETTLED, { timeout: 120000, polling: 20 });
  const first = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(performance.now()))));
  const seen = { bytes, requests, first_view_ms: Math.round(first) };
  await new Promise((wait) => setTimeout(wait, 800));
  const zoom = await page.evaluate(zoomFrames);
  await page.waitForFunction(SETTLED, { timeout: 120000 });
  const whole = await page.evaluate(async () => {
    const begun = performance.now();
    await document.getElementById("dr-map").drawn.whole();
    return performance.now() - begun;
  });
  const note = await page.evaluate(() => document.querySelector(".dr-map-note").textContent);
  await page.close();
  return { screen: screen.name, ...seen, zoom_ms: zoom, whole_ms: Math.round(whole), note, trouble };
};

const [folder] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const { server, address } = await serve(folder, { ranges: !process.argv.includes("--whole-files") });
const browser = await puppeteer.launch({
  executablePath: CHROMIUM, args: ["--no-sandbox", "--headless=new", "--disable-gpu"],
});
const found = [];
for (const screen of SCREENS) found.push(await measure(browser, address, screen));
await browser.close();
server.close();
if (process.argv.includes("--json")) console.log(JSON.stringify(found));
else {
  for (const { screen, bytes, requests, first_view_ms: first, zoom_ms: zoom, whole_ms: whole, ...more } of found) {
    const { note, trouble } = more;
    const frames = [zoom.median, zoom.p95, zoom.worst].map(Math.round).join(" / ");
    console.log(`${screen}: first view ${first} ms, ${(bytes / 1e6).toFixed(2)} MB in ${requests} requests; ` +
      `frames while zooming ${frames} ms (median, 95 %, worst); the whole after ${whole} ms` +
      `${note ? `; says: ${note}` : ""}${trouble.length ? `; TROUBLE: ${trouble}` : ""}`);
  }
}
