import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, pidOf, sessions, type Sessions, testServer, type TestServer } from "../servers/server.ts";
import { pgtriage, type Snapshot, snapshotOf } from "./pgtriage.ts";

/** Every field of docs' `pgtriage.snapshot/1`, level by level. */
const FIELDS = {
  top: [
    ...[
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
    ],
    ...["blocking", "horizon", "auxiliary", "counters", "workings", "refused", "memory", "findings", "backends"],
  ],
  server: ["version", "versionNum", "role", "host", "port", "database", "user", "startedAt"],
  rights: ["seeAll", "cancel", "terminate", "hiddenBackends", "missing"],
  slots: ["max", "superuserReserved", "reserved", "app", "used", "free", "level", "halfOpen", "walsenders", "limits"],
  states: [
    ...["active", "idle", "idle in transaction", "idle in transaction (aborted)", "fastpath function call"],
    ...["disabled", "starting", "unknown"],
  ],
  holder: ["by", "name", "count", "states", "oldestStateSeconds"],
  auxiliary: [
    ...["pid", "backendType", "waitEventType", "waitEvent", "leaderPid", "upSeconds", "cpuPercent", "memoryBytes"],
    ...["memoryHow", "does", "unseen", "missing"],
  ],
  backend: [
    ...["pid", "backendStart", "backendType", "user", "database", "application", "client", "state", "waitEventType"],
    ...["waitEvent", "connectedSeconds", "xactSeconds", "querySeconds", "stateSeconds", "backendXid", "backendXmin"],
    ...["leaderPid", "queryId", "cpuPercent", "memoryBytes", "memoryHow", "blockedBy", "blocks", "query"],
  ],
} as const;

describe.each([18, 13, 10])("a snapshot of PostgreSQL %i", (major) => {
  let server: TestServer;
  let idle: Sessions;
  let aborted: pg.Client;
  let abortedPid: number;
  let told: Snapshot;

  beforeAll(async () => {
    server = await testServer(major, { max_connections: 30 });
    idle = await sessions(server.url, 16, { application: "pool" });
    aborted = await client(server.url, { application_name: "careless" });
    abortedPid = await pidOf(aborted);
    await aborted.query("begin");
    await aborted.query("select 1/0").catch(() => {});
    told = await snapshotOf(server.url);
  });
  afterAll(async () => {
    await idle?.close();
    await aborted?.end();
    await server?.stop();
  });

  test("has every field that scripts rely on", () => {
    expect(Object.keys(told)).toEqual(FIELDS.top);
    expect(Object.keys(told["server"] as object)).toEqual(FIELDS.server);
    expect(Object.keys(told.rights)).toEqual(FIELDS.rights);
    expect(Object.keys(told.slots)).toEqual(expect.arrayContaining([...FIELDS.slots]));
    expect(Object.keys(told.slots.free)).toEqual(["app", "reserved", "superuser"]);
    expect(Object.keys(told.states)).toEqual(FIELDS.states);
    for (const holder of told.holders) expect(Object.keys(holder)).toEqual(FIELDS.holder);
    for (const backend of told.backends) expect(Object.keys(backend)).toEqual(FIELDS.backend);
    for (const one of told["auxiliary"] as object[]) expect(Object.keys(one)).toEqual(FIELDS.auxiliary);
  });

  test("says where and when it was taken, who blocks, what holds VACUUM back, what memory may be taken, and what is found", () => {
    expect(told).toMatchObject({ schema: "pgtriage.snapshot/1", lane: "normal" });
    expect(told).toMatchObject({ blocking: { waiting: expect.any(Number) }, memory: expect.any(Object) });
    expect(told).toMatchObject({ horizon: { pins: expect.any(Array) }, findings: expect.any(Array) });
    const { version, host, port } = server;
    expect(told["server"]).toMatchObject({
      version,
      host,
      port,
      role: "primary",
      database: "postgres",
      user: "postgres",
    });
    expect(Math.abs(Date.parse(told["takenAt"] as string) - Date.now())).toBeLessThan(60_000);
    const auxiliary = (told["auxiliary"] as { backendType: string }[]).map((one) => one.backendType);
    expect(auxiliary).toEqual(expect.arrayContaining(["checkpointer", "walwriter", "background writer"]));
    expect(auxiliary).not.toContain("client backend");
  });

  test("lists each of sixteen idle sessions, and ourselves", () => {
    const listed = told.backends.filter((backend) => backend["application"] === "pool");
    expect(new Set(listed.map((backend) => backend["pid"]))).toEqual(new Set(idle.pids));
    for (const backend of listed) {
      expect(backend).toMatchObject({
        backendType: "client backend",
        state: "idle",
        xactSeconds: null,
        leaderPid: null,
      });
      expect(backend).toMatchObject({ query: "select pg_backend_pid() as pid", blockedBy: [], blocks: 0 });
      expect(backend["client"]).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(backend["backendStart"]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/);
    }
    expect(told.backends.filter((backend) => backend["application"] === "pgtriage")).toHaveLength(1);
  });

  test("counts and lists a transaction that was aborted and left", () => {
    expect(told.states).toMatchObject({
      "idle in transaction (aborted)": 1,
      "idle in transaction": 0,
      idle: 16,
      active: 1,
    });
    const [left] = told.backends.filter((backend) => backend["application"] === "careless");
    expect(left).toMatchObject({ state: "idle in transaction (aborted)", query: "select 1/0", pid: abortedPid });
    // PostgreSQL lets go of the start of a transaction when it aborts.
    expect(left!["xactSeconds"]).toBeNull();
    expect(left!["stateSeconds"]).toBeGreaterThan(0);
  });

  test("groups all sessions by application, role, client and database, the largest group first", () => {
    for (const by of ["application", "role", "client", "database"]) {
      const groups = told.holders.filter((holder) => holder.by === by);
      expect(
        groups.reduce((sum, group) => sum + group.count, 0),
        by,
      ).toBe(18);
      expect(groups.map((group) => group.count)).toEqual(groups.map((group) => group.count).sort((a, b) => b - a));
      for (const { count, states } of groups) expect(Object.values(states).reduce((a, b) => a + b, 0)).toBe(count);
    }
    expect(told.holders[0]).toMatchObject({ by: "application", name: "pool", count: 16, states: { idle: 16 } });
  });

  test("puts the verdict on the first line for a person, then states, holders and what is worth a look", async () => {
    const { stdout, stderr, code } = await pgtriage(["snapshot", server.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("OK: 18/30 slots used, 9 left for app roles (3 superuser)");
    expect(lines[1]).toContain(`PostgreSQL ${server.version} primary at 127.0.0.1:${server.port}/postgres as postgres`);
    const order = [
      "Findings, the most urgent first",
      "States",
      "Who holds the slots, by application",
      "Worth a look, worst first",
    ];
    const places = order.map((title) => lines.indexOf(title));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(lines.slice(places[3]).join("\n")).toMatch(/careless.*idle in transaction \(aborted\)[^]*select 1\/0/);
  });

  test("goes by the thresholds that were asked for", async () => {
    const level = async (...flags: string[]): Promise<string | undefined> =>
      (await pgtriage(["snapshot", server.url, ...flags])).stdout.split(":")[0];
    // 18 of 27 app slots are 67 %.
    expect(await level("--warn", "66")).toBe("WARN");
    expect(await level("--warn", "50", "--crit", "66")).toBe("CRITICAL");
  });
});
