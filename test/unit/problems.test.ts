import { describe, expect, test } from "vitest";
import { problems, worst } from "../../src/analysis/problems.ts";
import type { Backend } from "../../src/model/backend.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aWaiter } from "./builders.ts";

const pids = (...backends: readonly Backend[]) => problems(aSample({ backends })).map((backend) => backend.pid);
const worstOf = (...backends: readonly Backend[]) => worst(aSample({ backends }))?.pid ?? null;

const idleInTransaction = (pid: number, xactAge: number) => aBackend({ pid, state: "idle in transaction", xactAge });
const active = (pid: number, xactAge: number) => aBackend({ pid, state: "active", xactAge });
const aborted = (pid: number, xactAge: number) => aBackend({ pid, state: "idle in transaction (aborted)", xactAge });

test("the worst come first: root blockers, blockers in a chain, old idle transactions, old active ones, aborted ones", () => {
  expect(
    pids(
      aborted(6, 5),
      active(5, 9000),
      idleInTransaction(4, 8000),
      aWaiter(3, [2]),
      aWaiter(2, [1]),
      idleInTransaction(1, 1),
    ),
  ).toEqual([1, 2, 4, 5, 6]);
});

test("of two root blockers the one with more behind it comes first", () => {
  expect(pids(active(1, 1), active(2, 1), aWaiter(3, [1]), aWaiter(4, [2]), aWaiter(5, [2]))).toEqual([2, 1]);
});

test("of two old transactions the older comes first", () => {
  expect(pids(idleInTransaction(1, 61), idleInTransaction(2, 3600))).toEqual([2, 1]);
});

describe("worth a look", () => {
  test.each([
    ["idle in transaction for 59 s", idleInTransaction(1, 59), false],
    ["idle in transaction for 60 s", idleInTransaction(1, 60), true],
    ["active for 299 s", active(1, 299), false],
    ["active for 300 s", active(1, 300), true],
    ["aborted, however young", aborted(1, 0), true],
    ["idle for a week", aBackend({ pid: 1, stateAge: 604_800 }), false],
    ["a waiter: its blocker is the problem", aWaiter(1, [2], { xactAge: 9000 }), false],
    ["an autovacuum worker", { ...anAuxiliary("autovacuum worker", 1), state: "active", xactStartSeconds: 0 }, false],
    ["a hidden session", aHiddenBackend({ pid: 1 }), false],
    ["our own session", active(99, 9000), false],
  ])("%s: %o", (_, backend, worth) => {
    expect(pids(backend).includes(backend.pid)).toBe(worth);
  });

  test("an autovacuum worker that blocks somebody is", () => {
    expect(pids(anAuxiliary("autovacuum worker", 7), aWaiter(1, [7]))).toEqual([7]);
  });
});

describe("the cursor starts on", () => {
  test("the root blocker", () => {
    expect(worstOf(active(1, 9000), aBackend({ pid: 2 }), aWaiter(3, [2]))).toBe(2);
  });

  test("else the longest idle in transaction, however young", () => {
    expect(worstOf(active(1, 200), idleInTransaction(2, 3), idleInTransaction(3, 2))).toBe(2);
  });

  test("else the longest transaction", () => {
    expect(worstOf(aBackend({ pid: 1 }), active(2, 3), active(3, 30))).toBe(3);
  });

  test("else nobody: the cursor stays on top", () => {
    expect(worstOf(anAuxiliary("checkpointer", 7), aBackend({ pid: 99 }), aBackend({ pid: 5 }))).toBeNull();
  });

  test("nothing when there is nobody", () => {
    expect(worstOf(anAuxiliary("checkpointer", 7))).toBeNull();
  });
});
