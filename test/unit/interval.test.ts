import { expect, test } from "vitest";
import { affordableInterval } from "../../src/analysis/interval.ts";

test.each([
  ["a cheap sample changes nothing, however short the interval", 0.1, [4, 4, 4, 4, 4], 0.1],
  ["a tenth of the interval is still as wanted", 1, [100, 100, 100], 1],
  ["more than a tenth makes it longer, by half seconds", 1, [101, 101, 101], 1.5],
  ["one slow sample does not", 1, [5, 900, 5, 5, 5], 1],
  ["two samples are too few to tell", 1, [900, 900], 1],
  ["a very dear one", 2, [1230, 1230, 1230], 12.5],
])("%s", (_, wanted, serverMs, seconds) => {
  expect(affordableInterval(wanted, serverMs)).toBe(seconds);
});
