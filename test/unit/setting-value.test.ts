import { describe, expect, test } from "vitest";
import { asShown, inBaseUnits } from "../../src/text/setting-value.ts";

describe("a value as SHOW prints it:", () => {
  test.each([
    ["4096", "kB", "4MB"],
    ["4097", "kB", "4097kB"],
    ["16384", "8kB", "128MB"],
    ["1", "8kB", "8kB"],
    ["524288", "8kB", "4GB"],
    ["2048", "16kB", "32MB"],
    ["1024", "MB", "1GB"],
    ["1048576", "MB", "1TB"],
    ["16777216", "B", "16MB"],
    ["1500", "B", "1500B"],
    ["300", "s", "5min"],
    ["90", "s", "90s"],
    ["86400", "s", "1d"],
    ["1000", "ms", "1s"],
    ["1", "ms", "1ms"],
    ["0.5", "ms", "500us"],
    ["2.5", "ms", "2500us"],
    ["10080", "min", "7d"],
    ["0", "ms", "0"],
    ["-1", "kB", "-1"],
    ["100", null, "100"],
    ["0.9", null, "0.9"],
    ["on", null, "on"],
    ["", null, ""],
    ["3", "parsec", "3"],
  ])("%s in %s: %s", (value, unit, shown) => {
    expect(asShown({ value, unit })).toBe(shown);
  });
});

describe("as a number:", () => {
  test.each([
    ["1024", "MB", 2 ** 30],
    ["16384", "8kB", 2 ** 27],
    ["300", "s", 300],
    ["20", "ms", 0.02],
    ["-1", "MB", -1],
    ["0", "ms", 0],
    ["0.9", null, 0.9],
    ["on", null, null],
    ["", null, null],
  ])("%s in %s: %s", (value, unit, number) => {
    expect(inBaseUnits({ value, unit })).toBe(number);
  });
});
