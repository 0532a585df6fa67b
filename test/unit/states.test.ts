import { describe, expect, test } from "vitest";
import { isInTransaction, stateName, states, STATES } from "../../src/analysis/states.ts";
import type { Backend } from "../../src/model/backend.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServersWorker, aWaiter, backends } from "./builders.ts";

const counts = (...sessions: readonly Backend[]) => {
  const { byState } = states(aSample({ backends: sessions }));
  return Object.fromEntries(
    STATES.filter((name) => byState[name].count > 0).map((name) => [name, byState[name].count]),
  );
};

describe("every session counts under exactly one state", () => {
  test.each([
    ["active", "active"],
    ["idle", "idle"],
    ["idle in transaction", "idle in transaction"],
    ["idle in transaction (aborted)", "idle in transaction (aborted)"],
    ["fastpath function call", "fastpath function call"],
    ["disabled", "disabled"],
    ["starting", "starting"],
    ["a state of PostgreSQL 25", "unknown"],
    [null, "unknown"],
  ])("%s as %s", (state, name) => {
    expect(stateName(aBackend({ state }))).toBe(name);
    expect(counts(aBackend({ state }))).toEqual({ [name]: 1 });
  });

  test("a hidden session as unknown, never as idle", () => {
    expect(counts(aHiddenBackend())).toEqual({ unknown: 1 });
  });

  test("processes of the server's own under none", () => {
    expect(counts(anAuxiliary("checkpointer", 7), anAuxiliary("autovacuum worker", 8))).toEqual({});
  });

  test("nor are they when they work in a database, as the list shows them", () => {
    expect(counts(aServersWorker({ pid: 7 }), aServersWorker({ pid: 8, user: "postgres" }))).toEqual({});
  });

  test("nor do walsenders and parallel workers", () => {
    expect(
      counts(
        ...backends(2, { backendType: "walsender", state: "active" }),
        ...backends(2, { backendType: "parallel worker", state: "active" }),
      ),
    ).toEqual({});
  });
});

describe("the oldest in a state", () => {
  test("is the one that has been in it longest", () => {
    const { byState } = states(aSample({ backends: [aBackend({ stateAge: 5 }), aBackend({ stateAge: 7260 })] }));
    expect(byState.idle).toEqual({ count: 2, oldestSeconds: 7260 });
  });

  test("is unknown, not zero, when nobody is in it or nobody tells", () => {
    const { byState } = states(aSample({ backends: [aBackend({ state: "disabled", stateAge: null })] }));
    expect(byState.active.oldestSeconds).toBeNull();
    expect(byState.disabled).toEqual({ count: 1, oldestSeconds: null });
  });

  test("is never younger than zero, although a backend may read its clock after the sample's", () => {
    const { byState } = states(aSample({ backends: [aBackend({ stateAge: -0.5 })] }));
    expect(byState.idle.oldestSeconds).toBe(0);
  });
});

test("who waits for a lock is active as well, and counted beside with the age of the query", () => {
  const sample = aSample({
    backends: [aWaiter(1, [9], { queryAge: 12 }), aWaiter(2, [9], { queryAge: 40 }), aBackend({ state: "active" })],
  });
  expect(states(sample).byState.active.count).toBe(3);
  expect(states(sample).waitingForLock).toEqual({ count: 2, oldestSeconds: 40 });
});

test("waiting for something else than a lock is no lock wait", () => {
  const sample = aSample({ backends: [aBackend({ state: "active", waitEventType: "IO", waitEvent: "DataFileRead" })] });
  expect(states(sample).waitingForLock).toEqual({ count: 0, oldestSeconds: null });
});

test.each([
  ["idle in transaction", true],
  ["idle in transaction (aborted)", true],
  ["idle", false],
  ["active", false],
])("%s holds a transaction open without working: %s", (state, open) => {
  expect(isInTransaction(aBackend({ state }))).toBe(open);
});
