import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import {
  append,
  emptyHistory,
  lastSample,
  series,
  spanSeconds,
  type Caps,
  type History,
} from "../../src/history/history.ts";
import type { Reading } from "../../src/model/reading.ts";
import type { Backend } from "../../src/model/backend.ts";
import { aBackend, aGap, aSample, backends } from "./builders.ts";

const UNLIMITED: Caps = { bytes: Infinity, seconds: Infinity };

function historyOf(readings: readonly Reading[], caps = UNLIMITED): History {
  return readings.reduce((history, reading) => append(history, reading), emptyHistory(caps));
}

describe("the newest values of one number", () => {
  const history = historyOf([
    aSample({ backends: backends(2) }),
    aGap("lost", 1),
    aSample({ secondsLater: 2, backends: backends(5) }),
  ]);
  const used = (n: number) => series(history, n, (tally) => tally.used);

  test("come oldest first, and a gap is nothing, never zero", () => {
    expect(used(3)).toEqual([2, null, 5]);
  });

  test("are padded on the left: before the first reading nothing is known", () => {
    expect(used(5)).toEqual([null, null, 2, null, 5]);
  });

  test("are as many as asked for", () => {
    expect(used(1)).toEqual([5]);
    expect(used(2)).toEqual([null, 5]);
  });
});

test("the last sample is found behind a gap", () => {
  const first = aSample();
  expect(lastSample(historyOf([first, aGap("lost", 1), aGap("lost", 2)]))).toBe(first);
  expect(lastSample(historyOf([aGap()]))).toBeNull();
});

test("it tells the time it spans", () => {
  expect(spanSeconds(emptyHistory())).toBe(0);
  expect(spanSeconds(historyOf([aSample(), aGap("lost", 7)]))).toBe(7);
});

describe("the time cap", () => {
  test("drops what is older, and keeps what is exactly as old", () => {
    const readings = [0, 1, 10, 11].map((secondsLater) => aSample({ secondsLater }));
    expect(historyOf(readings, { ...UNLIMITED, seconds: 10 }).entries.map((entry) => entry.reading)).toEqual(
      readings.slice(1),
    );
  });

  test("counts gaps as time that went by", () => {
    const history = historyOf([aSample(), aGap("lost", 11)], { ...UNLIMITED, seconds: 10 });
    expect(history.entries).toHaveLength(1);
  });
});

describe("the memory cap", () => {
  const rows = backends(100);

  test("rows that did not change are counted once", () => {
    const one = historyOf([aSample({ backends: rows })]).bytes;
    const two = historyOf([aSample({ backends: rows }), aSample({ secondsLater: 1, backends: [...rows] })]).bytes;
    const changed = historyOf([
      aSample({ backends: rows }),
      aSample({ secondsLater: 1, backends: backends(100) }),
    ]).bytes;
    expect(two - one).toBeLessThan(one / 10);
    expect(changed).toBeGreaterThan(one * 1.9);
  });

  test("rows are shared across a gap as well", () => {
    const history = historyOf([
      aSample({ backends: rows }),
      aGap("lost", 1),
      aSample({ secondsLater: 2, backends: rows }),
    ]);
    expect(history.entries.map((entry) => entry.freshRows)).toEqual([100, 0, 0]);
  });

  test("holds for any length of history, and the newest reading always stays", () => {
    const caps = { ...UNLIMITED, bytes: 200_000 };
    let history = emptyHistory(caps);
    for (let second = 0; second < 100; second++) {
      history = append(history, aSample({ secondsLater: second, backends: backends(100) }));
      expect(history.bytes).toBeLessThanOrEqual(caps.bytes);
    }
    expect(history.entries.length).toBeGreaterThan(3);
    expect(historyOf([aSample({ backends: rows })], { ...UNLIMITED, bytes: 1 }).entries).toHaveLength(1);
  });
});

test("after dropping the oldest, the estimate is what the kept readings alone would cost", () => {
  const pool: readonly Backend[] = Array.from({ length: 8 }, (_, pid) => aBackend({ pid }));
  const sampled = fc.record({ rows: fc.subarray([...pool]), changed: fc.nat(3) });
  fc.assert(
    fc.property(
      fc.array(fc.option(sampled), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 500, max: 20_000 }),
      (steps, bytes) => {
        const readings = steps.map((step, second): Reading => {
          if (step === null) return aGap("lost", second);
          const rows = step.rows.map((row, i) => (i < step.changed ? { ...row } : row));
          return aSample({ secondsLater: second, backends: rows });
        });
        const kept = historyOf(readings, { bytes, seconds: 20 });
        expect(kept.entries.at(-1)!.reading).toBe(readings.at(-1));
        expect(kept.bytes).toBe(historyOf(kept.entries.map((entry) => entry.reading)).bytes);
      },
    ),
  );
});
