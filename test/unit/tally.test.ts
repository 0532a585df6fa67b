import { describe, expect, test } from "vitest";
import { tally } from "../../src/analysis/tally.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import { aBackend, aGap, aHiddenBackend, anAuxiliary, aSample, aWaiter, backends } from "./builders.ts";

test("the numbers of one sample", () => {
  const sample = aSample({
    backends: [
      ...backends(3),
      aBackend({ pid: 1, state: "idle in transaction" }),
      aBackend({ pid: 2, state: "idle in transaction (aborted)" }),
      aBackend({ pid: 3, state: "starting" }),
      aBackend({ pid: 4, state: "active" }),
      aWaiter(5, [1]),
    ],
  });
  expect(tally(sample, null)).toEqual({
    used: 8,
    active: 2,
    waiting: 1,
    working: 1,
    parallelWorkers: 0,
    idle: 3,
    idleInTransaction: 1,
    aborted: 1,
    starting: 1,
    openedPerSecond: null,
    gonePerSecond: null,
  });
});

describe("sessions that came and went, per second", () => {
  const before = aSample({ backends: [aBackend({ pid: 1 }), aBackend({ pid: 2 }), aBackend({ pid: 3 })] });

  test("are told by comparing with the sample before", () => {
    const now = aSample({ secondsLater: 2, backends: [aBackend({ pid: 1 }), aBackend({ pid: 4 })] });
    expect(tally(now, before)).toMatchObject({ openedPerSecond: 0.5, gonePerSecond: 1 });
  });

  test("a reused pid is one that went and one that came", () => {
    const again = aBackend({ pid: 1, backendStart: "a second later" });
    const now = aSample({ secondsLater: 1, backends: [again, aBackend({ pid: 2 }), aBackend({ pid: 3 })] });
    expect(tally(now, before)).toMatchObject({ openedPerSecond: 1, gonePerSecond: 1 });
  });

  test("hidden sessions are followed by pid, the server's own processes are not", () => {
    const now = aSample({
      secondsLater: 1,
      backends: [...before.backends, aHiddenBackend({ pid: 8 }), anAuxiliary("autovacuum worker", 9)],
    });
    expect(tally(now, before)).toMatchObject({ openedPerSecond: 1, gonePerSecond: 0 });
  });

  test("are unknown when the server's clock has not moved on", () => {
    expect(tally(aSample(), before)).toMatchObject({ openedPerSecond: null, gonePerSecond: null });
  });

  test("are unknown right after a gap, and known again with the next sample", () => {
    let history = emptyHistory();
    const readings = [before, aGap("lost", 1), aSample({ secondsLater: 2 }), aSample({ secondsLater: 3 })];
    for (const reading of readings) history = append(history, reading);
    expect(history.entries.map((entry) => entry.tally?.gonePerSecond)).toEqual([null, undefined, null, 0]);
  });
});
