import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const lock = readFileSync(new URL("../package-lock.json", import.meta.url), "utf-8");

test("the lock file names no place to download from", () => {
  assert.ok(!lock.includes('"resolved"'));
});
