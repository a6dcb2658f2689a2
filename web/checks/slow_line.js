// When the public page can be used on a slow line (50 kB/s, 2 s) by a phone of a quarter of this machine's speed.
//   node checks/slow_line.js PAGE [RUNS]      prints JSON: bytes, requests, and times in ms of the quickest run
import { launch, serve, wait } from "./browser.js";

const SLOW = { offline: false, latency: 2000, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const CPU_SHARE = 4;

const [, , file, runs = "3"] = process.argv;
const server = await serve(file);
const browser = await launch();
const found = [];
for (let run = 0; run < Number(runs); run += 1) found.push(await open());
await browser.close();
server.end();
found.sort((one, other) => one.usable - other.usable);
console.log(JSON.stringify({ bytes: server.bytes, ...found[0], runs: found.map(({ usable }) => usable) }));

/** Open the page once, with nothing kept. */
async function open() {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const requests = [];
  page.on("request", (request) => requests.push(request.url().slice(0, 80)));
  await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 3, isMobile: true, hasTouch: true });
  const session = await page.createCDPSession();
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await session.send("Network.emulateNetworkConditions", SLOW);
  await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SHARE });
  await page.evaluateOnNewDocument(watch);
  await page.goto(server.address, { waitUntil: "load", timeout: 60_000 });
  await wait(1500);
  const times = await page.evaluate(read);
  await context.close();
  return { ...times, requests: requests.filter((url) => !/^(data|blob):/.test(url)).length };
}

/** Runs in the page, before it. */
function watch() {
  window.watched = { shift: 0, blocked: 0 };
  new PerformanceObserver((list) =>
    list.getEntries().forEach((entry) => {
      window.watched.shift += entry.value;
    }),
  ).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) =>
    list.getEntries().forEach((entry) => {
      window.watched.blocked += Math.max(0, entry.duration - 50);
    }),
  ).observe({ type: "longtask", buffered: true });
}

/** Runs in the page, after it. */
function read() {
  const at = (name) => Math.round(performance.getEntriesByName(name)[0]?.startTime ?? NaN);
  return {
    painted: at("first-contentful-paint"),
    usable: at("usable"),
    drawn: at("drawn"),
    whole: at("whole"),
    shift: Number(window.watched.shift.toFixed(4)),
    blocked: Math.round(window.watched.blocked),
  };
}
