import { describe, expect, test } from "vitest";
import { behind, blocking } from "../../src/analysis/blocking.ts";
import { inSeveralTransactions, mayHaveWritten, waitingDdl } from "../../src/analysis/waiting-ddl.ts";
import type { Backend } from "../../src/model/backend.ts";
import { aBackend, aSample, aWaiter } from "./builders.ts";

/** It waits for a table. */
function waiting(query: string, given: Parameters<typeof aWaiter>[2] = {}): Backend {
  return aWaiter(1, [2], { waitEvent: "relation", query, ...given });
}

describe("DDL that waits for its lock, and has changed nothing,", () => {
  test.each([
    ["ALTER TABLE events ADD COLUMN x int", "ALTER TABLE"],
    ["  /* app:web */ -- why\n alter\n table events set logged", "ALTER TABLE"],
    ["DROP TABLE events", "DROP TABLE"],
    ["TRUNCATE events", "TRUNCATE"],
    ["LOCK TABLE events", "LOCK"],
    ["CREATE UNIQUE INDEX ON events (id)", "CREATE UNIQUE INDEX"],
    ["ALTER MATERIALIZED VIEW sums SET SCHEMA old", "ALTER MATERIALIZED VIEW"],
  ])("%j is %s", (query, kind) => {
    expect(waitingDdl(waiting(query))).toEqual({ kind, changedNothing: true });
  });

  test.each([
    ["no DDL", waiting("UPDATE t SET alter_table = 1")],
    ["a wait for a row", waiting("ALTER TABLE t ADD x int", { waitEvent: "transactionid" })],
    ["somebody's code in it, which has run before", waiting("CREATE TABLE x AS SELECT fill()")],
    ["somebody's code in it, which has run before", waiting("REFRESH MATERIALIZED VIEW sums")],
    ["one lock after the other", waiting("REINDEX TABLE events")],
    ["no wait for a lock", aBackend({ state: "active", query: "ALTER TABLE t ADD x int" })],
    ["several transactions", waiting("CREATE INDEX CONCURRENTLY ON t (x)")],
    ["several transactions", waiting("ALTER TABLE t DETACH PARTITION p CONCURRENTLY")],
    ["several transactions", waiting("REINDEX SCHEMA public")],
  ])("is not what has %s", (_, backend) => {
    expect(waitingDdl(backend)).toBeNull();
  });
});

describe("an xid that DDL has while it waits", () => {
  const alter = (given: Parameters<typeof aWaiter>[2]) =>
    waiting("ALTER TABLE t ADD x int;", { backendXid: 7, xactAge: 20, queryAge: 20, ...given });

  test("is its lock's, where the transaction began with this statement", () => {
    expect(waitingDdl(alter({}))?.changedNothing).toBe(true);
    expect(waitingDdl(alter({ xactAge: 20.00006 }))?.changedNothing).toBe(true);
    expect(mayHaveWritten(alter({}))).toBe(false);
  });

  test.each([
    ["began before", alter({ xactAge: 21 })],
    ["began shortly before", alter({ xactAge: 20.001 })],
    [
      "has had another statement in the same message",
      alter({ query: "ALTER TABLE a ADD x int; ALTER TABLE b ADD x int" }),
    ],
    ["is perhaps longer than is told", alter({ query: `ALTER TABLE a ADD x text default '${"x".repeat(300)}'` })],
  ])("tells of writing, where the transaction %s", (_, backend) => {
    expect(waitingDdl(backend)).toEqual({ kind: "ALTER TABLE", changedNothing: false });
    expect(mayHaveWritten(backend)).toBe(true);
  });
});

describe("what works in several transactions", () => {
  test.each([
    "VACUUM FULL events",
    "CREATE INDEX CONCURRENTLY ON events (id)",
    "/* why */ reindex index concurrently i",
    "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
  ])("%s", (query) => {
    expect(inSeveralTransactions(aBackend({ query }))).toBe(true);
  });

  test("and a query that merely speaks of it does not", () => {
    expect(inSeveralTransactions(aBackend({ query: "SELECT 'create index concurrently'" }))).toBe(false);
  });
});

describe("behind", () => {
  const sample = aSample({
    backends: [
      aBackend({ pid: 1 }),
      aWaiter(2, [1], { queryAge: 30 }),
      aWaiter(3, [2], { queryAge: 50 }),
      aWaiter(4, [9], { queryAge: 70 }),
    ],
  });

  test("one session are those that wait for it, directly and through others, with the longest wait", () => {
    const { waiters, longest } = behind(sample, [1]);
    expect(waiters.map(({ pid }) => pid)).toEqual([2, 3]);
    expect(longest).toEqual({ seconds: 50, exact: false });
    expect(blocking(sample).blocks.get(1)).toBe(2);
  });

  test("several is each once, and none of themselves", () => {
    expect(behind(sample, [1, 2, 9]).waiters.map(({ pid }) => pid)).toEqual([3, 4]);
  });

  test("nobody waits behind one that blocks nobody, nor behind itself in a deadlock", () => {
    expect(behind(sample, [3])).toEqual({ waiters: [], longest: null });
    const deadlock = aSample({ backends: [aWaiter(5, [6]), aWaiter(6, [5])] });
    expect(behind(deadlock, [5]).waiters.map(({ pid }) => pid)).toEqual([6]);
  });
});
