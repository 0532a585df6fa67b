import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { count, duration, parseDuration, plural, span } from "../../src/text/format.ts";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

describe("an age", () => {
  test.each<[number | null, string]>([
    [null, ""],
    [0, "0ms"],
    [0.0004, "0ms"],
    [0.038, "38ms"],
    [0.9994, "999ms"],
    [0.9995, "1.0s"],
    [2.14, "2.1s"],
    [59.94, "59.9s"],
    [59.95, "1m00"],
    [60, "1m00"],
    [14 * MINUTE + 3, "14m03"],
    [59 * MINUTE + 59.4, "59m59"],
    [59 * MINUTE + 59.5, "1h00"],
    [2 * HOUR + 11 * MINUTE + 59, "2h11"],
    [DAY - 0.4, "1d00h"],
    [3 * DAY + 4 * HOUR + 1800, "3d04h"],
    [100 * DAY - 1, "99d23h"],
    [100 * DAY, "100d"],
    [412 * DAY + 23 * HOUR, "412d"],
  ])("of %s s is %j", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  test("takes at most six characters up to 99,999 days", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 99_999 * DAY, noNaN: true }), (seconds) => {
        expect(duration(seconds).length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe("a number", () => {
  test.each<[number | null, string]>([
    [null, ""],
    [0, "0"],
    [812, "812"],
    [9999, "9999"],
    [10_000, "10.0k"],
    [41_200, "41.2k"],
    [99_949, "99.9k"],
    [99_950, "100k"],
    [412_000, "412k"],
    [999_949, "1.0M"],
    [999_950, "1.0M"],
    [41_200_000, "41.2M"],
    [2_100_000_000, "2.1G"],
    [2 ** 32, "4.3G"],
  ])("%s is %j", (value, text) => {
    expect(count(value)).toBe(text);
  });

  test("takes at most five characters up to a million million", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (value) => {
        expect(count(value).length).toBeLessThanOrEqual(5);
      }),
    );
  });
});

describe("a length of time as a person types it", () => {
  test.each<[string, number | null]>([
    ["30s", 30],
    ["90", 90],
    ["1.5", 1.5],
    ["5m", 300],
    ["5min", 300],
    ["250ms", 0.25],
    ["1h30m", 5400],
    ["1.5h", 5400],
    ["2d", 172_800],
    ["1d2h3m4s", 93_784],
    ["", null],
    ["m", null],
    ["5x", null],
    ["-5s", null],
    ["5 m", null],
    ["10m30", null],
    ["1e3", null],
    ["soon", null],
  ])("%j: %s s", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });
});

describe("a length of time as a person says it", () => {
  test.each([
    [36.4, "36 s"],
    [119, "119 s"],
    [120, "2 min"],
    [1205, "20 min"],
    [7200, "2 h"],
    [172_800, "2 d"],
  ])("%d s: %s", (seconds, text) => {
    expect(span(seconds)).toBe(text);
  });
});

test.each([
  [0, "0 backends"],
  [1, "1 backend"],
  [8, "8 backends"],
])("%i of them: %s", (n, text) => {
  expect(plural(n, "backend")).toBe(text);
});
