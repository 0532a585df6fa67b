import { describe, expect, test } from "vitest";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import type { Sample } from "../../src/model/reading.ts";
import { snapshot } from "../../src/report/snapshot.ts";
import { textReport } from "../../src/report/text.ts";
import {
  aBackend,
  aHiddenBackend,
  anAuxiliary,
  aSample,
  aServersWorker,
  aServer,
  aUsage,
  aWaiter,
  SERVER_NOW,
} from "./builders.ts";
import { anIncident, anIncidentSeenByAnyone } from "./incident.ts";

/** As a script reads it. */
const json = (sample: Sample) =>
  JSON.parse(JSON.stringify(snapshot(sample, DEFAULT_THRESHOLDS))) as Record<string, unknown>;

describe("the snapshot for scripts", () => {
  test("has the fields of its schema, in their order", () => {
    expect(Object.keys(json(anIncident()))).toEqual([
      "schema",
      "takenAt",
      "costMs",
      "server",
      "lane",
      "reserve",
      "closedLanes",
      "rights",
      "slots",
      "states",
      "holders",
      "blocking",
      "horizon",
      "auxiliary",
      "counters",
      "workings",
      "refused",
      "memory",
      "findings",
      "backends",
    ]);
  });

  test("assesses the slots", () => {
    expect(json(anIncident(3))["slots"]).toEqual({
      max: 100,
      superuserReserved: 3,
      reserved: 3,
      app: 94,
      used: 90,
      usedAtLeast: 90,
      usedAtMost: 90,
      free: { app: 4, reserved: 7, superuser: 10 },
      level: "critical",
      halfOpen: null,
      walsenders: { used: 1, max: 10 },
      limits: [{ kind: "role", name: "report", limit: 2, used: 2 }],
    });
  });

  test("says null, never 0, for what hidden sessions make uncertain", () => {
    const { slots, rights } = json(anIncidentSeenByAnyone());
    expect(slots).toMatchObject({ used: null, free: { app: null, reserved: null, superuser: null }, level: "unknown" });
    expect(slots).toMatchObject({ walsenders: { used: null } });
    expect(rights).toMatchObject({ seeAll: false, cancel: false, terminate: false });
    expect(rights).toMatchObject({ missing: ["GRANT pg_monitor TO report", "GRANT pg_signal_backend TO report"] });
  });

  test("says null for what no process tells: whom one waits for, what was asked, and the limits of roles", () => {
    const server = aServer({ lane: "host", ownPid: null, database: null });
    const told = json(
      aSample({ server, backends: [aBackend({ query: "" }), aBackend({ pid: 101, query: "UPDATE" })] }),
    );
    expect(told["slots"]).toMatchObject({ limits: null });
    expect(told["backends"]).toMatchObject([
      { blockedBy: null, blocks: null, query: null },
      { blockedBy: null, blocks: null, query: "UPDATE" },
    ]);
  });

  test("quotes a role's name in SQL that is to be pasted", () => {
    const server = aServer({ user: 'Bad "Role"', seeAll: false });
    expect(json(aSample({ server }))["rights"]).toMatchObject({ missing: ['GRANT pg_monitor TO "Bad ""Role"""'] });
  });

  test("tells every state, those of nobody too", () => {
    expect(json(aSample({ backends: [aBackend()] }))["states"]).toEqual({
      active: 0,
      idle: 1,
      "idle in transaction": 0,
      "idle in transaction (aborted)": 0,
      "fastpath function call": 0,
      disabled: 0,
      starting: 0,
      unknown: 0,
    });
  });

  test("has every grouping of the holders, the largest first", () => {
    const holders = json(anIncident(3))["holders"] as { by: string; name: string; count: number }[];
    expect(new Set(holders.map((holder) => holder.by))).toEqual(new Set(["application", "role", "client", "database"]));
    expect(holders.find((holder) => holder.by === "role")).toMatchObject({ name: "app", count: 86 });
  });

  test("parts sessions from the server's own processes", () => {
    const sample = aSample({
      backends: [aBackend({ pid: 1 }), anAuxiliary("checkpointer", 7), aServersWorker({ pid: 8 })],
    });
    expect(json(sample)["auxiliary"]).toMatchObject([
      { pid: null, backendType: "postmaster", unseen: "SQL does not show it", memoryBytes: null },
      { pid: 7, backendType: "checkpointer", unseen: null, missing: null, does: "unknown: not read yet" },
      { pid: 8, backendType: "autovacuum worker" },
    ]);
    expect(json(sample)["backends"]).toMatchObject([{ pid: 1 }]);
  });

  test("tells how long a process is there that no row tells of, or whose row is hidden", () => {
    const startedSeconds = aSample().takenAt / 1000 - 600;
    const usage = aUsage({ pid: 9, kind: "stats collector", startedSeconds });
    expect(json(aSample({ usage, server: aServer({ major: 13 }) }))["auxiliary"]).toMatchObject([
      { backendType: "postmaster", upSeconds: expect.closeTo(SERVER_NOW - aServer().startedSeconds) },
      { pid: 9, backendType: "stats collector", upSeconds: expect.closeTo(600) },
    ]);
  });

  test("tells of each session what the contract names", () => {
    const waiter = aWaiter(2, [1], { xactAge: 843.2, backendXid: 5, queryId: "-58219930112" });
    const [, second] = json(aSample({ backends: [aBackend({ pid: 1 }), waiter] }))["backends"] as unknown[];
    expect(second).toEqual({
      pid: 2,
      backendStart: "started-2",
      backendType: "client backend",
      user: "app",
      database: "shop",
      application: "web",
      client: "10.0.3.17:51422",
      state: "active",
      waitEventType: "Lock",
      waitEvent: "transactionid",
      connectedSeconds: 600,
      xactSeconds: 843.2,
      querySeconds: 20,
      stateSeconds: 20,
      backendXid: 5,
      backendXmin: null,
      leaderPid: null,
      queryId: "-58219930112",
      cpuPercent: null,
      memoryBytes: null,
      memoryHow: null,
      blockedBy: [1],
      blocks: 0,
      query: "SELECT 1",
    });
  });

  test("tells no query and no ages of a hidden session", () => {
    expect(json(aSample({ backends: [aHiddenBackend({ pid: 3 })] }))["backends"]).toMatchObject([
      { pid: 3, backendType: null, client: null, state: null, stateSeconds: null, query: null },
    ]);
  });
});

describe("what is wrong, for scripts", () => {
  const told = json(anIncident(3));

  test("who waits for whom is a tree, from those who wait for nobody down", () => {
    const { waiting, untold, roots } = told["blocking"] as { waiting: number; untold: number; roots: object[] };
    expect([waiting, untold, roots.length]).toEqual([9, 0, 1]);
    expect(roots[0]).toMatchObject({ kind: "backend", pid: 30_412, blocks: 9 });
    const waiters = (roots[0] as { waiters: object[] }).waiters;
    expect(waiters[0]).toMatchObject({ pid: 30_518, blocks: 8, waitSeconds: null, waiters: [{ pid: 30_519 }] });
    expect(waiters).toHaveLength(8);
  });

  test("pins of VACUUM tell what they hold, in which database, and how old that is", () => {
    expect(told["horizon"]).toMatchObject({
      oldestAge: 41_200_000,
      pins: [{ kind: "session", holds: "xid", who: "30412", database: "shop", age: 41_200_000, keeps: "rows" }],
      idleInTransactionWithoutPin: [30_120],
    });
  });

  test("findings come the most urgent first, with their statements", () => {
    const findings = told["findings"] as {
      id: string;
      severity: string;
      next: string[];
      sql: string[];
      pids: number[];
    }[];
    expect(findings[0]).toMatchObject({ id: "lock-pile-up", severity: "critical", pids: [30_412] });
    expect(findings[0]!.sql[0]).toMatch(/^SELECT pg_terminate_backend/);
    expect(findings[0]!.next[0]).toContain(findings[0]!.sql[0]!);
  });

  test("without SQL nobody tells who waits for whom, nor what VACUUM keeps: that is null, and not nothing", () => {
    const server = aServer({ lane: "host", database: null, ownPid: null, tuning: null });
    const host = json(aSample({ server, holdouts: null, nextXid: null }));
    expect(host).toMatchObject({ blocking: null, horizon: null });
  });
});

describe("the report for a person", () => {
  test("says the verdict first", () => {
    const text = textReport(anIncident(3), DEFAULT_THRESHOLDS);
    expect(text.split("\n")[0]).toBe("CRITICAL: 90/100 slots used, 4 left for app roles (3 reserved + 3 superuser)");
  });

  test("names what it counts in full", () => {
    expect(textReport(anIncident(3), DEFAULT_THRESHOLDS)).toContain("waiting for a lock");
  });

  test("is this", async () => {
    await expect(textReport(anIncident(3), DEFAULT_THRESHOLDS)).toMatchFileSnapshot("frames/report.txt");
  });

  test("holds no escape sequence of a stranger", () => {
    const backend = aBackend({
      state: "idle in transaction",
      xactAge: 99,
      application: "a\u001b[2J",
      query: "b\u009b2J",
    });
    expect(textReport(aSample({ backends: [backend] }), DEFAULT_THRESHOLDS)).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
