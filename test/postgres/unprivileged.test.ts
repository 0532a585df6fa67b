import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import { blockTree } from "../../src/analysis/block-tree.ts";
import { slots } from "../../src/analysis/slots.ts";
import { states } from "../../src/analysis/states.ts";
import { isHidden } from "../../src/model/backend.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, sessions, type Sessions, testServer, type TestServer, withUser } from "../servers/server.ts";
import { pgtriage, snapshotOf, sourceOf } from "./pgtriage.ts";

describe.each([18, 13, 10])("a role that may see no more than its own, on PostgreSQL %i with 11 sessions", (major) => {
  let server: TestServer;
  let url: string;
  let source: Source;
  const opened: Sessions[] = [];

  beforeAll(async () => {
    server = await testServer(major, { max_connections: 20 });
    url = withUser(server.url, "watcher");
    const session = await client(server.url);
    await session.query('create role app login; create role watcher login; create role "Ops Team" login');
    await session.end();
    opened.push(await sessions(server.url, 8, { role: "app", application: "web" }));
    opened.push(await sessions(server.url, 2, { role: "watcher", application: "mine" }));
    // A dashboard that was there before the right was granted; it is asked again at the end.
    source = await sourceOf(url);
    await source.read();
  });
  afterAll(async () => {
    source?.close();
    await Promise.all(opened.map((some) => some.close()));
    await server?.stop();
  });

  test("sees 3 of 11 for sure, and says between which bounds the truth is", async () => {
    const sample = await source.read();
    const told = slots(sample);
    expect(told.used).toEqual({ low: 3, high: 11 });
    expect(told.hidden).toBe(8);
    expect(told.free).toEqual({ app: null, reserved: null, superuser: null });
    expect(states(sample).byState.unknown.count).toBe(8);
    const hidden = sample.backends.filter((b) => isHidden(b) && b.user === "app");
    expect(hidden.map(({ application, database, state }) => [application, database, state])).toEqual(
      Array.from({ length: 8 }, () => ["web", "postgres", null]),
    );
  });

  test("gets null for what nobody can know, never a zero", async () => {
    // The snapshot's own session is in the place of one more.
    const told = await snapshotOf(url);
    expect(told.slots).toMatchObject({ used: null, usedAtLeast: 4, usedAtMost: 12, walsenders: { used: null } });
    expect(told.slots.free).toEqual({ app: null, reserved: null, superuser: null });
    expect(told.rights).toMatchObject({ seeAll: false, cancel: false, terminate: false, hiddenBackends: 8 });
    expect(told.rights.missing).toContain("GRANT pg_monitor TO watcher");
    expect(told.states["unknown"]).toBe(8);
    const theirs = told.backends.filter((backend) => backend["user"] === "app");
    expect(theirs).toHaveLength(8);
    for (const backend of theirs) {
      expect(backend).toMatchObject({ query: null, state: null, backendType: null, connectedSeconds: null });
      expect(backend).toMatchObject({ backendStart: null, client: null, stateSeconds: null, application: "web" });
    }
  });

  test("is told in words how many are hidden and what to grant", async () => {
    const { stdout } = await pgtriage(["snapshot", url]);
    expect(stdout).toContain("4-12/20 slots used, 5-13 left for app roles");
    expect(stdout).toContain("8 of 12 hidden: GRANT pg_monitor TO watcher");
  });

  test("sees in every sample who waits for a lock, though not since when", async () => {
    const lockers = await sessions(server.url, 2, { role: "app", application: "locker" });
    const [holder, waiter] = lockers.clients as [pg.Client, pg.Client];
    await holder.query("begin; select pg_advisory_xact_lock(7)");
    const waiting = waiter.query("select pg_advisory_xact_lock(7)");
    await eventually(
      "one waits",
      () => source.read(),
      (sample) => blockTree(sample).blocked === 1,
    );
    for (let i = 0; i < 3; i++) expect(blockTree(await source.read()).blocked).toBe(1);
    await holder.query("commit");
    await waiting;
    await lockers.close();
  });

  test("whose name needs quotes gets a statement that can be pasted", async () => {
    const { rights } = await snapshotOf(withUser(server.url, "Ops Team"));
    expect(rights.missing).toContain('GRANT pg_monitor TO "Ops Team"');
    const { stdout } = await pgtriage(["snapshot", withUser(server.url, "Ops Team")]);
    expect(stdout).toContain('GRANT pg_monitor TO "Ops Team"');
  });

  test("knows everything exactly once pg_monitor is granted, the dashboard that is already open within 12 s", async () => {
    const session = await client(server.url);
    await session.query("grant pg_monitor to watcher");
    await session.end();
    const told = await snapshotOf(url);
    expect(told.rights).toMatchObject({ seeAll: true, hiddenBackends: 0 });
    expect(told.rights.missing).toEqual(["GRANT pg_signal_backend TO watcher"]);
    expect(told.slots).toMatchObject({ used: 12, usedAtLeast: 12, usedAtMost: 12, walsenders: { used: 0 } });
    expect(told.states).toMatchObject({ idle: 11, active: 1, unknown: 0 });
    const sample = await eventually(
      "everything visible to the open one",
      () => source.read(),
      (now) => slots(now).used.low === 11,
      { withinMs: 12_000, everyMs: 500 },
    );
    expect(slots(sample)).toMatchObject({ used: { low: 11, high: 11 }, hidden: 0, free: { app: 6 } });
    expect(states(sample).byState.idle.count).toBe(10);
  });
});
