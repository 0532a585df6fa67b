import { describe, expect, test } from "vitest";
import { counted } from "../../src/history/counted.ts";
import { append, emptyHistory, type History } from "../../src/history/history.ts";
import { walRate } from "../../src/history/wal-rate.ts";
import type { Counters } from "../../src/model/counters.ts";
import type { Reading } from "../../src/model/reading.ts";
import { aCounters, aGap, aSample, SERVER_NOW } from "./builders.ts";

const of = (...readings: readonly Reading[]): History => readings.reduce(append, emptyHistory());
const at = (seconds: number, walBytes = seconds * 1000): Counters =>
  aCounters({ atSeconds: SERVER_NOW + seconds, walBytes });
const seen = (secondsLater: number, counters: Counters | null) => aSample({ secondsLater, counters });
const between = (history: History, seconds: number): (number | null)[] => {
  const both = counted(history, seconds);
  return both === null ? [] : [both.from.walBytes, both.to.walBytes, both.seconds];
};

const [first, second, third] = [at(0), at(10), at(20)];
const history = of(seen(0, first), seen(2, first), aGap("", 5), seen(10, second), seen(20, third), seen(22, third));

describe("what has been counted in the last seconds:", () => {
  test.each([
    [5, [10_000, 20_000, 10]],
    [10, [10_000, 20_000, 10]],
    [11, [0, 20_000, 20]],
    [900, [0, 20_000, 20]],
  ])("%i", (seconds, expected) => {
    expect(between(history, seconds)).toEqual(expected);
  });

  test("a rate needs two readings", () => {
    expect(walRate(history, 60)).toBe(1000);
    expect(walRate(of(seen(0, first), seen(2, first)), 60)).toBeNull();
    expect(walRate(of(seen(0, null), seen(10, second)), 60)).toBeNull();
    expect(walRate(emptyHistory(), 60)).toBeNull();
  });

  test("not across a promotion: what was replayed is not written", () => {
    const replica = (seconds: number, walBytes: number): Counters =>
      aCounters({ atSeconds: SERVER_NOW + seconds, walBytes, archiver: { currentWal: null } });
    const before = [seen(0, replica(0, 0)), seen(10, replica(10, 5000))];
    expect(between(of(...before), 60)).toEqual([0, 5000, 10]);
    expect(between(of(...before, seen(20, at(20))), 60)).toEqual([]);
    expect(between(of(...before, seen(20, at(20)), seen(30, at(30))), 60)).toEqual([20_000, 30_000, 10]);
  });

  test("not across a reset", () => {
    const reset = aCounters({ atSeconds: SERVER_NOW + 20, archiver: { resetSeconds: SERVER_NOW + 15 } });
    expect(between(of(seen(0, first), seen(10, second), seen(20, reset)), 60)).toEqual([]);
  });
});
