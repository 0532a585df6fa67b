import { expect, test } from "vitest";
import { wholeNumbers, wholeParts } from "../../src/text/whole-parts.ts";
import { textWidth } from "../../src/text/width.ts";

test.each([
  ["streaming async, 45 MB behind, 200ms late", 41, "streaming async, 45 MB behind, 200ms late"],
  ["streaming async, 45 MB behind, 200ms late", 40, "streaming async, 45 MB behind…"],
  ["streaming async, 45 MB behind, 200ms late", 30, "streaming async, 45 MB behind…"],
  ["streaming async, 45 MB behind, 200ms late", 29, "streaming async…"],
  ["checkpoint under way; 5 timed, 31 requested in 12 min", 35, "checkpoint under way; 5 timed…"],
  ["checkpoint under way; 5 timed, 31 requested in 12 min", 24, "checkpoint under way…"],
  ["unknown, because the server runs elsewhere", 30, "unknown, because the server r…"],
  ["PAUSED, 5.0 MB to replay", 10, "PAUSED…"],
  ["213 measured: median 1.3 MB, largest 262 MB", 28, "213 measured: median 1.3 MB…"],
  ["213 measured: median 1.3 MB, largest 262 MB", 26, "213 measured: median…"],
  ["213 measured: median 1.3 MB, largest 262 MB", 24, "213 measured: median…"],
  ["213 measured: median 1.3 MB, largest 262 MB", 20, "213 measured: media…"],
  ["2 of 3 workers busy", 14, "2 of 3 worker…"],
  ["FAILS: 17 files, 272 MB behind", 14, "FAILS: 17 fil…"],
  ["12345", 3, "123"],
  ["", 3, ""],
])("%s in %i cells", (text, cells, expected) => {
  expect(wholeParts(text, cells)).toBe(expected);
});

test("is never wider than there is room, whatever characters it has", () => {
  for (let cells = 0; cells < 30; cells++)
    expect(textWidth(wholeParts("漢字漢字, 12.5 MB\u0007 ▲ abc; é", cells))).toBeLessThanOrEqual(cells);
});

test.each([
  [
    "9 sessions wait behind 30412 (web-7), idle in transaction for 14m03",
    64,
    "9 sessions wait behind 30412 (web-7), idle in transaction for…",
  ],
  ["archiving fails: 32 files wait, 512 MB", 36, "archiving fails: 32 files wait…"],
  ["archiving fails: 32 files wait, 512 MB", 38, "archiving fails: 32 files wait, 512 MB"],
])("a sentence, %s, in %i cells", (text, cells, expected) => {
  expect(wholeNumbers(text, cells)).toBe(expected);
});
