import { describe, expect, test } from "vitest";
import { isShort, poolSize, type Concurrency } from "../../src/analysis/pool-size.ts";
import { tally } from "../../src/analysis/tally.ts";
import { concurrency } from "../../src/history/concurrency.ts";
import { append, emptyHistory, type History } from "../../src/history/history.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Reading } from "../../src/model/reading.ts";
import { aBackend, aGap, aHiddenBackend, anAuxiliary, aSample, aServer, aWaiter, backends } from "./builders.ts";

const LONG: Concurrency = {
  average: 5,
  p95: 5,
  most: 9,
  samples: 600,
  seconds: 1200,
  inTransaction: 0,
  parallelWorkers: { average: 0, most: 0 },
  unseen: null,
};

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
  expect(seen).toMatchObject({ p95: 4, most: 30, samples: 100, seconds: 99, unseen: null });
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

test("what sessions do is not seen without rights, nor with track_activities off; without a sample it is not known", () => {
  const noRights = aServer({ seeAll: false });
  const unseen = (given: Parameters<typeof aSample>[0]): unknown => concurrency(historyOf([aSample(given)]))!.unseen;
  expect(
    unseen({
      server: noRights,
      backends: [aHiddenBackend({ pid: 1 }), aHiddenBackend({ pid: 2 }), aBackend({ pid: 3 })],
    }),
  ).toEqual({
    sessions: 2,
    why: "hidden",
  });
  expect(unseen({ server: noRights })).toEqual({ sessions: 0, why: "hidden" });
  expect(unseen({ backends: [aBackend({ state: "disabled" })] })).toEqual({ sessions: 1, why: "not tracked" });
  expect(concurrency(historyOf([aGap()]))).toBeNull();
});

test("a short look is told from a long one", () => {
  const seen = concurrency(working([1, 2, 3]))!;
  expect(isShort(seen)).toBe(true);
  expect(isShort({ ...seen, seconds: 3000 })).toBe(false);
});

describe("a pool needs half as many again as are at work, one for each that rests in a transaction, and no fewer than 10", () => {
  test.each([
    [0, 0, 10],
    [1, 0, 10],
    [6, 0, 10],
    [6, 1, 10],
    [7, 0, 11],
    [12, 0, 18],
    [13, 0, 20],
    [12, 2.2, 18 + 3],
    [30, 0, 45],
  ])("%i at work, %f in a transaction: %i", (p95, inTransaction, expected) => {
    expect(poolSize({ ...LONG, p95, inTransaction })).toBe(expected);
  });
});

describe("no number is named", () => {
  test.each<[string, Concurrency | null]>([
    ["after nine seconds", { ...LONG, seconds: 9 }],
    ["a second before five minutes", { ...LONG, seconds: 299 }],
    ["after a few samples, of which none can be the one in twenty", { ...LONG, samples: 19 }],
    ["where what they do is hidden", { ...LONG, unseen: { sessions: 5, why: "hidden" } }],
    ["where others may have come and gone unseen", { ...LONG, unseen: { sessions: 0, why: "hidden" } }],
    ["where what they do is not tracked", { ...LONG, unseen: { sessions: 2, why: "not tracked" } }],
    ["where nothing was seen", null],
  ])("%s", (_, seen) => {
    expect(poolSize(seen)).toBeNull();
  });

  test("but for a look that is just long enough", () => {
    expect(poolSize({ ...LONG, seconds: 300, samples: 20 })).toBe(10);
  });
});
