import { expect, test } from "vitest";
import { jittered, retrySeconds } from "../../src/retry.ts";
import { retryWords } from "../../src/state/retry-words.ts";

test("a server that comes back is seen soon, one that stays away is left alone", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100].map((failures) => retrySeconds(failures, false))).toEqual([
    0.5, 1, 2, 4, 8, 10, 10, 10,
  ]);
});

test("a wrong password is tried seldom", () => {
  expect([1, 2, 3, 4, 5, 6].map((failures) => retrySeconds(failures, true))).toEqual([5, 10, 20, 40, 60, 60]);
});

test("up to a quarter more or less, so that not everybody comes back at once", () => {
  expect(jittered(8, () => 0)).toBe(6);
  expect(jittered(8, () => 0.5)).toBe(8);
  expect(jittered(8, () => 1)).toBe(10);
  for (let i = 0; i < 100; i++) expect(Math.abs(jittered(8) - 8)).toBeLessThanOrEqual(2);
});

test.each([
  [1, "1st"],
  [2, "2nd"],
  [3, "3rd"],
  [4, "4th"],
  [11, "11th"],
  [12, "12th"],
  [21, "21st"],
  [102, "102nd"],
  [113, "113th"],
])("%i tries: %s", (tries, words) => {
  const entry = { closed: [], lastPlace: false, retry: { tries, at: 15_400 } };
  expect(retryWords({ entry, now: 1000 })).toBe(`trying again in 14 s, ${words} try`);
});
