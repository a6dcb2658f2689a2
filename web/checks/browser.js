// A Chromium without a network but the machine's own, and a server of one file as a plain host gives it: zipped.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import puppeteer from "puppeteer-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=zh-CN"];

export const chromium = () => process.env.CHROMIUM ?? PLACES.find(existsSync);
export const launch = (more = []) =>
  puppeteer.launch({ executablePath: chromium(), args: [...FLAGS, ...more] });

/** Serve a page at the root of a free port; gives its address and what ends the server. */
export async function serve(file) {
  const plain = readFileSync(file);
  const zipped = gzipSync(plain, { level: 9 });
  const server = createServer((request, answer) => {
    if (request.url === "/robots.txt")
      return answer.writeHead(200, { "Content-Type": "text/plain" }).end("User-agent: *\nAllow: /\n");
    if (request.url.split("?")[0] !== "/") return answer.writeHead(404).end();
    const zips = /gzip/.test(request.headers["accept-encoding"] ?? "");
    answer.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-cache",
      ...(zips ? { "Content-Encoding": "gzip" } : {}),
    });
    return answer.end(zips ? zipped : plain);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    bytes: zipped.length,
    end: () => server.close(),
  };
}

export const wait = (ms) => new Promise((ready) => setTimeout(ready, ms));
