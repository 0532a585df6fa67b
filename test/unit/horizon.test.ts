import { describe, expect, test } from "vitest";
import { idleWithoutPin, pins, type Pin } from "../../src/analysis/horizon.ts";
import { transactionKind } from "../../src/analysis/transaction-kind.ts";
import { vacuums } from "../../src/analysis/vacuums.ts";
import type { Backend } from "../../src/model/backend.ts";
import { xidAge } from "../../src/model/reading.ts";
import { pinRows } from "../../src/state/pin-rows.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServersWorker } from "./builders.ts";
import { aPinnedSample, aPrepared, aSlot } from "./pinned.ts";

function held(...backends: readonly Backend[]): readonly Pin[] {
  return pins(aSample({ backends }))!.all;
}

describe("what holds VACUUM back", () => {
  test("from all five sources, the oldest first; of a VACUUM nothing, of ourselves nothing", () => {
    const { all, oldestAge, here } = pins(aPinnedSample())!;
    expect(all.map((pin) => [pin.kind, pin.key, pin.xidAge, pin.database, pin.keeps])).toEqual([
      ["xid", "30412@started-30412", 41_200_000, "shop", "rows"],
      ["snapshot", "30777@started-30777", 41_200_000, "shop", "rows"],
      ["slot", "slot standby_2", 30_000_000, null, "rows"],
      ["slot", "catalogs cdc", 6_000_000, null, "catalogs"],
      ["feedback", "2231@started-2231", 5_000_000, null, "rows"],
      ["prepared", "prepared order-4711", 3_000_000, "shop", "rows"],
      ["xid", "29877@started-29877", 1_000_000, "dwh", "rows"],
      ["snapshot", "30801@started-30801", 10_000, "shop", "rows"],
      ["snapshot", "4101@started-4101", 1_000, "shop", "rows"],
    ]);
    expect({ oldestAge, here }).toEqual({ oldestAge: 41_200_000, here: all[0] });
  });

  test("ages: of a transaction, since it was prepared, since a slot was used; of feedback and of a slot in use nobody tells", () => {
    const seconds = Object.fromEntries(pins(aPinnedSample())!.all.map((pin) => [pin.key.split("@")[0], pin.seconds]));
    expect(seconds).toMatchObject({
      30412: 843,
      "prepared order-4711": 7200,
      "slot standby_2": 259_200,
      "catalogs cdc": null,
      2231: null,
    });
  });

  test("nothing is nothing, and in the host lane it is not known", () => {
    expect(pins(aSample())).toEqual({ all: [], oldestAge: null, here: null, hidden: 0 });
    expect(pins(aSample({ holdouts: null, nextXid: null, backends: [aBackend()] }))).toBeNull();
    expect(
      pinRows(aSample({ holdouts: null, nextXid: null, backends: [aBackend({ state: "idle in transaction" })] })),
    ).toEqual([]);
  });

  test("what is held in another database, and catalogs alone, are not held here", () => {
    const { all, here } = pins(
      aSample({
        backends: [aBackend({ database: "dwh", backendXid: 1_000 })],
        holdouts: { prepared: [aPrepared({ database: "dwh" })], slots: [aSlot({ xmin: null, catalogXmin: 2_000 })] },
      }),
    )!;
    expect(all).toHaveLength(3);
    expect(here).toBeNull();
  });

  test("a slot with both holds rows and catalogs, each as old as it is", () => {
    const slots = [aSlot({ xmin: 40_000_000, catalogXmin: 30_000_000 }), aSlot({ name: "idle", xmin: null })];
    expect(pins(aSample({ holdouts: { prepared: [], slots } }))!.all.map((pin) => [pin.keeps, pin.xidAge])).toEqual([
      ["catalogs", 20_000_000],
      ["rows", 10_000_000],
    ]);
  });

  test.each([
    ["an xid alone", { backendXid: 49_000_000 }, "xid", 1_000_000],
    ["an xid and the snapshot of its statement", { backendXid: 49_000_000, backendXmin: 49_000_000 }, "xid", 1_000_000],
    [
      "a snapshot that is older than its own xid",
      { backendXid: 49_000_000, backendXmin: 40_000_000 },
      "snapshot",
      10_000_000,
    ],
    ["a snapshot alone", { backendXmin: 40_000_000 }, "snapshot", 10_000_000],
  ] as const)("%s", (_, ids, kind, age) => {
    expect(held(aBackend(ids))).toMatchObject([{ kind, xidAge: age }]);
  });

  test("xids wrap: what was handed out before the end is older than what came after it", () => {
    const sample = aSample({
      nextXid: 100,
      backends: [aBackend({ pid: 1, backendXid: 50 }), aBackend({ pid: 2, backendXid: 2 ** 32 - 50 })],
    });
    expect(pins(sample)!.all.map(({ xidAge }) => xidAge)).toEqual([150, 50]);
  });

  test("an xid that is newer than all that have ended is 0 old, and not four billion", () => {
    expect(xidAge(107, { nextXid: 100 })).toBe(0);
    expect(xidAge(3, { nextXid: 2 ** 32 - 1 })).toBe(0);
    expect(xidAge(2 ** 31 + 101, { nextXid: 100 })).toBe(2 ** 31 - 1);
  });

  test("a parallel worker has its leader's snapshot and is none of its own", () => {
    const leader = aBackend({ pid: 1, state: "active", backendXmin: 40_000_000 });
    const worker = aServersWorker({
      pid: 2,
      backendType: "parallel worker",
      leaderPid: 1,
      backendXmin: 40_000_000,
      query: "SELECT",
    });
    expect(held(leader, worker).map(({ key }) => key)).toEqual([leader.key]);
  });

  test("a walsender with a database runs statements there, as a session does; without one it speaks for a standby", () => {
    const walsender = { backendType: "walsender", state: "active", backendXmin: 40_000_000 };
    expect(held(aBackend(walsender))).toMatchObject([{ kind: "snapshot", database: "shop" }]);
    expect(held(aBackend({ ...walsender, database: null }))).toMatchObject([{ kind: "feedback", database: null }]);
    expect(held(aHiddenBackend({ database: null, application: "standby", backendXmin: 1 }))).toMatchObject([
      { kind: "feedback" },
    ]);
  });

  test("what is hidden from our role is listed by its ids, and may be a VACUUM", () => {
    const sample = aSample({
      backends: [
        aHiddenBackend({ backendXmin: 40_000_000 }),
        aHiddenBackend({ pid: 2 }),
        anAuxiliary("checkpointer", 3),
      ],
    });
    expect(pins(sample)).toMatchObject({ hidden: 2, all: [{ kind: "snapshot", sure: false, seconds: null }] });
  });
});

describe("VACUUM itself", () => {
  test.each([
    ["VACUUM", true],
    ["vacuum accounts", true],
    ["/* nightly */ VACUUM (FREEZE, VERBOSE) accounts", true],
    ["VACUUM VERBOSE accounts", true],
    ["VACUUM analyze_me", true],
    ["VACUUM full_of_dead_rows", true],
    ["VACUUM FULL accounts", false],
    ["VACUUM (VERBOSE, FULL) accounts", false],
    ["VACUUM FULL ANALYZE accounts", false],
    ["VACUUM ANALYZE accounts", null],
    ["VACUUM (ANALYSE) accounts", null],
    ["ANALYZE accounts", false],
    ["SELECT 'VACUUM'", false],
    ["vacuum_all()", false],
  ])("of a session: %s -> %s", (query, runs) => {
    expect(vacuums(aBackend({ state: "active", query }))).toBe(runs);
  });

  test.each([
    ["autovacuum: VACUUM public.events", true],
    ["autovacuum: VACUUM public.events (to prevent wraparound)", true],
    ["autovacuum: VACUUM ANALYZE public.events", null],
    ["autovacuum: ANALYZE public.events", false],
    ["autovacuum: BRIN summarize public.events 1", false],
  ])("of autovacuum: %s -> %s", (query, runs) => {
    expect(vacuums(aServersWorker({ query }))).toBe(runs);
  });

  test("of who is idle, it was the query before; of who is hidden, nobody knows", () => {
    expect(vacuums(aBackend({ state: "idle", query: "VACUUM" }))).toBe(false);
    expect(vacuums(aBackend({ state: "disabled", query: "" }))).toBeNull();
    expect(vacuums(aHiddenBackend())).toBeNull();
  });
});

describe("what a session that is idle in transaction keeps", () => {
  const aborted = "idle in transaction (aborted)";
  test.each([
    ["idle in transaction", { backendXid: 1 }, "holds-xid"],
    ["idle in transaction", { backendXid: 2, backendXmin: 1 }, "holds-xid"],
    ["idle in transaction", { backendXmin: 1 }, "holds-snapshot"],
    ["idle in transaction", {}, "locks-only"],
    [aborted, { xactAge: null }, "nothing"],
    // Only what came after a savepoint has failed.
    [aborted, { xactAge: 60, backendXid: 1 }, "holds-xid"],
    [aborted, { xactAge: 60, backendXmin: 1 }, "holds-snapshot"],
    [aborted, { xactAge: 60 }, "locks-only"],
    ["idle", {}, null],
    ["active", { backendXid: 1 }, null],
    ["disabled", { backendXid: 1 }, null],
  ] as const)("%s %o: %s", (state, ids, kind) => {
    expect(transactionKind(aBackend({ state, xactAge: 60, ...ids }))).toBe(kind);
  });

  test("of a hidden one nobody knows", () => {
    expect(transactionKind(aHiddenBackend())).toBeNull();
  });

  test("those that pin nothing are listed after the pins, the longest first, ours not among them", () => {
    const idle = (pid: number, xactAge: number | null, stateAge = 5): Backend =>
      aBackend({ pid, state: xactAge === null ? aborted : "idle in transaction", xactAge, stateAge });
    const sample = aSample({
      backends: [idle(1, 10), idle(2, 30), idle(3, null, 20), idle(99, 500), aBackend({ pid: 4, backendXid: 1 })],
    });
    expect(idleWithoutPin(sample).map(({ pid }) => pid)).toEqual([2, 3, 1]);
    expect(pinRows(sample).map((row) => [row.kind, row.backend?.pid ?? null])).toEqual([
      ["pin", 4],
      ["title", null],
      ["harmless", 2],
      ["harmless", 3],
      ["harmless", 1],
    ]);
  });
});

test("every row has a key of its own, and a session's is that of its backend", () => {
  const rows = pinRows(aPinnedSample());
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  for (const { backend, key } of rows) if (backend !== null) expect(key).toBe(backend.key);
});
