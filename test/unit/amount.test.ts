import { expect, test } from "vitest";
import { bytesIn, memoryText, secondsIn } from "../../src/text/amount.ts";

const MB = 2 ** 20;

test.each([
  ["64MB", 64 * MB],
  [" 64 MB ", 64 * MB],
  ["4096", 4096 * 1024],
  ["1.5GB", 1.5 * 1024 * MB],
  ["1TB", 2 ** 40],
  ["100B", 100],
  ["-1", -1024],
  ["64mb", null],
  ["64 apples", null],
  ["", null],
])("%j is so much memory", (text, bytes) => {
  expect(bytesIn(text)).toBe(bytes);
});

test.each([
  ["5min", 300],
  ["250", 0.25],
  ["0", 0],
  ["1d", 86_400],
  ["soon", null],
])("%j is so long", (text, seconds) => {
  expect(secondsIn(text)).toBe(seconds);
});

test.each([
  [64 * MB, "64MB"],
  [1536 * 1024, "1536kB"],
  [1024 * MB, "1GB"],
  [3 * 2 ** 40, "3TB"],
  [64 * 1024, "64kB"],
])("%i bytes are written so that they are read as the same", (bytes, text) => {
  expect(memoryText(bytes)).toBe(text);
  expect(bytesIn(text)).toBe(bytes);
});
