import { describe, expect, test } from "vitest";
import { isShort, poolSize } from "../../src/analysis/pool-size.ts";
import { tally } from "../../src/analysis/tally.ts";
import { concurrency } from "../../src/history/concurrency.ts";
import { append, emptyHistory, type History } from "../../src/history/history.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Reading } from "../../src/model/reading.ts";
import { aBackend, aGap, anAuxiliary, aSample, aServer, aWaiter, backends } from "./builders.ts";

const historyOf = (readings: readonly Reading[]): History => readings.reduce(append, emptyHistory());

/** One sample a second, each with so many sessions at work. */
function working(counts: readonly number[], others: readonly Backend[] = []): History {
  return historyOf(
    counts.map((n, i) => aSample({ secondsLater: i, backends: [...backends(n, { state: "active" }), ...others] })),
  );
}

describe("at work in earnest is", () => {
  test.each([
    ["who has a query", aBackend({ state: "active" }), 1],
    ["who reads from a disk", aBackend({ state: "active", waitEventType: "IO", waitEvent: "DataFileRead" }), 1],
    ["who sleeps within a query: it keeps a backend", aBackend({ state: "active", waitEventType: "Timeout" }), 1],
    ["who makes a fastpath call", aBackend({ state: "fastpath function call" }), 1],
    ["not who waits for a lock", aWaiter(1, [2]), 0],
    ["not who waits for its client", aBackend({ state: "active", waitEventType: "Client" }), 0],
    ["not who is idle", aBackend({ state: "idle" }), 0],
    ["not who is idle in transaction", aBackend({ state: "idle in transaction" }), 0],
    ["not our own session, which asks all this", aBackend({ pid: 99, state: "active" }), 0],
    ["not a parallel worker", aBackend({ backendType: "parallel worker", state: "active" }), 0],
    ["not autovacuum", { ...anAuxiliary("autovacuum worker", 5), state: "active" }, 0],
  ])("%s", (_, backend, expected) => {
    expect(tally(aSample({ backends: [backend] }), null).working).toBe(expected);
  });
});

test("average, 95th percentile and the most of what was seen, and for how long", () => {
  const counts = [...Array.from({ length: 95 }, (_, i) => 1 + (i % 4)), 9, 9, 9, 9, 30];
  const seen = concurrency(working(counts))!;
  expect(seen).toMatchObject({ p95: 4, most: 30, samples: 100, seconds: 99, atLeast: false });
  expect(seen.average).toBeCloseTo(counts.reduce((a, b) => a + b) / 100);
});

test("one more of those beyond moves the percentile", () => {
  expect(concurrency(working([...Array.from({ length: 94 }, () => 2), 7, 7, 7, 7, 7, 7]))!.p95).toBe(7);
});

test("only so long is looked back", () => {
  expect(concurrency(working([9, 9, 9, 1, 2, 3]), 2)).toMatchObject({ samples: 3, seconds: 2, most: 3 });
});

test("a gap tells nothing, and what was before another start of the server is of another server", () => {
  const before = aSample({ backends: backends(50, { state: "active" }), server: aServer({ startedSeconds: 1 }) });
  const after = [1, 2, 3].map((secondsLater) => aSample({ secondsLater, backends: backends(2, { state: "active" }) }));
  const seen = concurrency(historyOf([before, after[0]!, aGap("lost", 1.5), after[1]!, after[2]!]));
  expect(seen).toMatchObject({ samples: 3, seconds: 2, most: 2 });
});

test("parallel workers are told apart, and those who rest in a transaction", () => {
  const others = [
    aBackend({ pid: 1, backendType: "parallel worker" }),
    aBackend({ pid: 2, state: "idle in transaction" }),
    aBackend({ pid: 3, state: "idle in transaction (aborted)" }),
  ];
  expect(concurrency(working([1, 1], others))).toMatchObject({
    p95: 1,
    inTransaction: 2,
    parallelWorkers: { average: 1, most: 1 },
  });
});

test("without rights it is at least so many; without a sample it is not known", () => {
  expect(concurrency(historyOf([aSample({ server: aServer({ seeAll: false }) })]))).toMatchObject({ atLeast: true });
  expect(concurrency(historyOf([aGap()]))).toBeNull();
});

test("a short look is told from a long one", () => {
  const seen = concurrency(working([1, 2, 3]))!;
  expect(isShort(seen)).toBe(true);
  expect(isShort({ ...seen, seconds: 3000 })).toBe(false);
});

describe("a pool needs half as many again as are at work, one for each that rests in a transaction, and never none", () => {
  const size = (p95: number, inTransaction = 0): number =>
    poolSize({ ...concurrency(working([1]))!, p95, inTransaction });

  test.each([
    [0, 0, 1],
    [1, 0, 2],
    [12, 0, 18],
    [13, 0, 20],
    [12, 2.2, 18 + 3],
    [30, 0, 45],
  ])("%i at work, %f in a transaction: %i", (p95, inTransaction, expected) => {
    expect(size(p95, inTransaction)).toBe(expected);
  });
});
