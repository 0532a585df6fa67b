import { expect, test } from "vitest";
import { bytes } from "../../src/text/bytes.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1024, "1.0 kB"],
  [812 * 1024, "812 kB"],
  [1000 * 1024, "1.0 MB"],
  [4 * 2 ** 20, "4.0 MB"],
  [1.5 * 2 ** 30, "1.5 GB"],
  [23 * 2 ** 30, "23 GB"],
  [9.96 * 2 ** 30, "10 GB"],
  [3 * 2 ** 50, "3072 TB"],
])("%i is %s", (value, words) => {
  expect(bytes(value)).toBe(words);
});
