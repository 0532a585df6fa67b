import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { COLUMNS, type ColumnId } from "../../src/state/columns.ts";
import { NO_FILTER, parseFilter } from "../../src/state/filter.ts";
import { rows, type Rows, type Sort } from "../../src/state/rows.ts";
import type { Backend, BackendKey } from "../../src/model/backend.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServersWorker, aWaiter } from "./builders.ts";

interface View {
  readonly before?: readonly Backend[];
  readonly sort?: Sort;
  readonly filter?: string;
  readonly showIdle?: boolean;
  readonly follow?: BackendKey;
}
const BY_PID: Sort = { column: "pid", descending: false };

function list(backends: readonly Backend[], view: View = {}): Rows {
  const { before, sort = BY_PID, filter, showIdle = true, follow = null } = view;
  const earlier = before === undefined ? null : aSample({ backends: before });
  const wanted = filter === undefined ? NO_FILTER : parseFilter(filter);
  return rows(aSample({ secondsLater: 1, backends }), earlier, sort, wanted, showIdle, follow);
}
const pids = ({ all }: Rows) => all.map((row) => row.backend.pid);

describe("who is listed", () => {
  test("sessions, walsenders and hidden sessions; not the server's own processes", () => {
    const all = [
      aBackend({ pid: 1 }),
      aBackend({ pid: 2, backendType: "walsender", state: "active" }),
      aHiddenBackend({ pid: 3 }),
      aHiddenBackend({ pid: 4, user: null, database: null }),
      anAuxiliary("checkpointer", 5),
      anAuxiliary("autovacuum worker", 6),
      anAuxiliary("pg_cron launcher", 7),
    ];
    expect(pids(list(all))).toEqual([1, 2, 3]);
  });

  test("whoever works in a database beside them, what the server does for itself and what extensions do", () => {
    const all = [
      aServersWorker({ pid: 1 }),
      aServersWorker({ pid: 2, backendType: "logical replication apply worker", user: "postgres" }),
      aServersWorker({ pid: 3, backendType: "pg_cron launcher", user: "postgres" }),
      aHiddenBackend({ pid: 4, user: null, database: "shop", application: "" }),
      anAuxiliary("logical replication launcher", 5),
    ];
    expect(pids(list(all))).toEqual([1, 2, 3, 4]);
    expect(pids(list(all, { filter: "type:autovacuum" }))).toEqual([1]);
    expect(pids(list(all, { filter: "\\(pg_cron" }))).toEqual([3]);
    expect(pids(list(all, { filter: "!type:client !type:hidden", showIdle: false }))).toEqual([1, 2, 3]);
  });

  test("parallel workers under their leader, wherever sorting takes it", () => {
    const worker = (pid: number, leaderPid: number) => aBackend({ pid, backendType: "parallel worker", leaderPid });
    const all = [worker(1, 50), aBackend({ pid: 50 }), aBackend({ pid: 60 }), worker(70, 60), worker(2, 50)];
    expect(pids(list(all))).toEqual([50, 1, 2, 60, 70]);
    expect(pids(list(all, { sort: { column: "pid", descending: true } }))).toEqual([60, 70, 50, 1, 2]);
    expect(list(all).all.map((row) => row.worker)).toEqual([false, true, true, false, true]);
  });

  test("a parallel worker of a server that does not tell its leader stands by itself", () => {
    expect(pids(list([aBackend({ pid: 1, backendType: "parallel worker" })]))).toEqual([1]);
  });

  test("hiding idle ones tells how many are not listed; idle in transaction is not idle", () => {
    const all = [aBackend({ pid: 1 }), aBackend({ pid: 2 }), aBackend({ pid: 3, state: "idle in transaction" })];
    expect(pids(list(all, { showIdle: false }))).toEqual([3]);
    expect(list(all, { showIdle: false }).left).toBe(2);
  });

  test("a filter tells how many it keeps off", () => {
    const all = [aBackend({ pid: 1, user: "etl" }), aBackend({ pid: 2 })];
    expect(list(all, { filter: "user:etl" })).toMatchObject({ all: [{ backend: { pid: 1 } }], left: 1 });
  });

  test("a filter that makes no sense keeps nobody off", () => {
    expect(pids(list([aBackend({ pid: 1 })], { filter: "usr:etl" }))).toEqual([1]);
  });

  test("who is followed is listed whatever the filter says", () => {
    const all = [aBackend({ pid: 1 }), aBackend({ pid: 2 })];
    expect(pids(list(all, { filter: "user:etl", follow: all[1]!.key }))).toEqual([2]);
  });
});

describe("marks", () => {
  const marks = ({ all }: Rows) => Object.fromEntries(all.map((row) => [row.backend.key, row.mark]));

  test("new is who was not there before, gone who has ended, shown once more", () => {
    const before = [aBackend({ pid: 1 }), aBackend({ pid: 2 })];
    expect(marks(list([before[0]!, aBackend({ pid: 3 })], { before }))).toEqual({
      "1@started-1": null,
      "2@started-2": "gone",
      "3@started-3": "new",
    });
  });

  test("a reused pid is one gone and one new", () => {
    const now = [aBackend({ pid: 1, backendStart: "again" })];
    expect(marks(list(now, { before: [aBackend({ pid: 1 })] }))).toEqual({ "1@again": "new", "1@started-1": "gone" });
  });

  test("nobody is new in the first sample", () => {
    expect(marks(list([aBackend({ pid: 1 })]))).toEqual({ "1@started-1": null });
  });
});

describe("sorting", () => {
  const ODD: readonly Backend[] = [
    aBackend({ pid: 1, user: "etl", application: "loader", xactAge: 5, backendXmin: 40_000_000 }),
    aBackend({
      pid: 2,
      user: null,
      database: null,
      application: "",
      state: "starting",
      queryAge: null,
      stateAge: null,
    }),
    aHiddenBackend({ pid: 3 }),
    aWaiter(4, [1], { clientAddress: null, clientPort: -1 }),
    aServersWorker({ pid: 6 }),
    aBackend({ pid: 5, state: "active", xactAge: 500, waitEventType: "IO", waitEvent: "DataFileRead", query: "" }),
  ];
  const both = COLUMNS.flatMap(({ id }) => [[id, true] as const, [id, false] as const]);

  test.each(both)("by %s, descending %s: in order, and what is not known last", (id, descending) => {
    const { sortBy } = COLUMNS.find((one) => one.id === id)!;
    const sample = aSample({ backends: ODD });
    const sorted = rows(sample, null, { column: id, descending }, NO_FILTER, true, null);
    const keys = sorted.all.map((row) => sortBy(row.backend, sample));
    const known = keys.filter((key) => key !== null);
    expect(keys).toEqual([...known, ...keys.filter((key) => key === null)]);
    const ascending = [...known].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    expect(known).toEqual(descending ? ascending.reverse() : ascending);
    expect(sorted.all).toHaveLength(ODD.length);
  });

  test("equals stand by the longest in their state, then by pid", () => {
    const all = [
      aBackend({ pid: 3, stateAge: 5 }),
      aBackend({ pid: 1, stateAge: 5 }),
      aBackend({ pid: 2, stateAge: 9 }),
    ];
    expect(pids(list(all, { sort: { column: "user", descending: false } }))).toEqual([2, 1, 3]);
  });

  test("5,000 sessions keep their order, however the server lists them", () => {
    const many = Array.from({ length: 5000 }, (_, i) =>
      aBackend({ pid: i, user: `role${i % 7}`, xactAge: i % 3 === 0 ? i % 50 : null, stateAge: i % 11 }),
    );
    const shuffled = fc.sample(fc.shuffledSubarray(many, { minLength: many.length }), { numRuns: 1, seed: 7 })[0]!;
    for (const column of ["xact", "user", "state"] satisfies ColumnId[]) {
      const sort = { column, descending: true };
      expect(pids(list(shuffled, { sort }))).toEqual(pids(list(many, { sort })));
    }
  });
});
