import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { idleWithoutPin, pins } from "../../src/analysis/horizon.ts";
import { transactionKind } from "../../src/analysis/transaction-kind.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, withUser, type TestServer } from "../servers/server.ts";
import { doomedTable, type Doomed } from "./doomed.ts";
import { shown } from "./orders.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";
import { IDLE_IN_TRANSACTION, RR, SHAPES } from "./shapes.ts";

describe.each([18, 14, 12, 10])("what holds VACUUM back, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  let doomed: Doomed;
  const open: pg.Client[] = [];

  beforeAll(async () => {
    const settings = {
      wal_level: "logical",
      max_prepared_transactions: 5,
      max_replication_slots: 4,
      autovacuum: "off",
    };
    server = await testServer(major, settings);
    doomed = await doomedTable(server.url);
    await doomed.query("create table other (n int); create role stranger login");
    await doomed.query("insert into other select generate_series(1, 3)");
    await doomed.query("create database elsewhere");
    const [there] = await session(elsewhere());
    await there.query("create table other (n int)");
    await closeAll();
  });
  afterAll(async () => {
    await doomed?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    source = await sourceOf(server.url);
    await doomed.refill();
  });
  afterEach(async () => {
    source.close();
    await closeAll();
  });

  const elsewhere = (): string => server.url.replace(/postgres$/, "elsewhere");

  async function session(url = server.url): Promise<[pg.Client, number]> {
    const opened = await client(url);
    open.push(opened);
    return [opened, await pidOf(opened)];
  }

  async function closeAll(): Promise<void> {
    await Promise.all(open.splice(0).map((one) => one.end().catch(() => {})));
  }

  /** A session that has done this, as it is listed then. */
  async function after(does: readonly string[], state: string, url = server.url): Promise<[pg.Client, Sample, number]> {
    const [one, pid] = await session(url);
    for (const statement of does) await one.query(statement).catch(expectDivision);
    const read = (): Promise<Sample> => source.read();
    const sample = await eventually(`${pid} is ${state}`, read, (seen) => backendOf(seen, pid)?.state === state);
    return [one, sample, pid];
  }

  /** A session that waits for a lock on `other`, with this, and the one that holds the lock without an xid or a snapshot. */
  async function waiting(statement: string): Promise<{ pid: number; over: () => Promise<void> }> {
    const [holder] = await session();
    await holder.query("begin; lock table other in share update exclusive mode");
    const [one, pid] = await session();
    const done = one.query(statement);
    await shown(source, pid, (backend) => backend.waitEventType === "Lock" && backend.backendXmin !== null);
    return {
      pid,
      async over() {
        await holder.query("commit");
        await done;
      },
    };
  }

  test.each(SHAPES)("$shape: $kept of 1000 dead rows are kept ($kind)", async ({ does, state, kind, pin, kept }) => {
    const [one, sample, pid] = await after(does, state);
    const backend = backendOf(sample, pid)!;
    expect(transactionKind(backend)).toBe(kind);
    const held = pins(sample)!;
    expect(held.all.map((entry) => [entry.kind, entry.key, entry.keeps, entry.database])).toEqual(
      pin === null ? [] : [[pin, backend.key, "rows", "postgres"]],
    );
    expect(held.here).toBe(held.all[0] ?? null);
    expect(idleWithoutPin(sample).map((other) => other.pid)).toEqual(kind !== null && pin === null ? [pid] : []);
    expect(await doomed.kept()).toBe(kept);
    // It was this and nothing else.
    await one.query("rollback");
    expect(await doomed.keptBy("doomed")).toBe(0);
  });

  test("another database, an open xid: 0 of 1000 are kept here, but rows of the shared catalogs are", async () => {
    const [one, sample] = await after(["begin", "insert into other values (1)"], IDLE_IN_TRANSACTION, elsewhere());
    const { all, here } = pins(sample)!;
    expect(all).toMatchObject([{ kind: "xid", database: "elsewhere", keeps: "rows", sure: true }]);
    expect(here).toBeNull();
    expect(await doomed.kept()).toBe(0);
    await createAndDropRoles(doomed, 50);
    expect(await doomed.keptBy("pg_authid")).toBe(50);
    await one.query("rollback");
    expect(await doomed.keptBy("pg_authid")).toBe(0);
  });

  test("another database, a snapshot: 0 of 1000 are kept here", async () => {
    const [, sample] = await after([RR, "select 1"], IDLE_IN_TRANSACTION, elsewhere());
    expect(pins(sample)).toMatchObject({ all: [{ kind: "snapshot", database: "elsewhere" }], here: null });
    expect(await doomed.kept()).toBe(0);
  });

  test("while another database has an open xid, a snapshot taken here is as old, and keeps what died before it was taken", async () => {
    await after(["begin", "insert into other values (1)"], IDLE_IN_TRANSACTION, elsewhere());
    await doomed.query("delete from doomed where n <= 1000");
    const [one, sample] = await after([RR, "select 1"], IDLE_IN_TRANSACTION);
    const { all, here } = pins(sample)!;
    expect(all.map((pin) => `${pin.kind} of ${pin.database}`).sort()).toEqual([
      "snapshot of postgres",
      "xid of elsewhere",
    ]);
    expect(here!.xidAge).toBe(all[0]!.xidAge);
    expect(await doomed.keptBy("doomed")).toBe(1000);
    await one.query("rollback");
    expect(await doomed.keptBy("doomed")).toBe(0);
  });

  test("a prepared transaction: 1000 of 1000 are kept, and no session is to blame", async () => {
    const [one] = await session();
    await one.query("begin; insert into other values (1); prepare transaction 'it''s forgotten'");
    await one.end();
    const sample = await source.read();
    const held = pins(sample)!;
    expect(held.all).toMatchObject([
      { kind: "prepared", database: "postgres", keeps: "rows", prepared: { gid: "it's forgotten", owner: "postgres" } },
    ]);
    expect(held.all[0]!.seconds).toBeGreaterThanOrEqual(0);
    expect(held.here).toBe(held.all[0]);
    expect(await doomed.kept()).toBe(1000);
    await doomed.query("rollback prepared 'it''s forgotten'");
    expect(pins(await source.read())!.all).toEqual([]);
    expect(await doomed.keptBy("doomed")).toBe(0);
  });

  test("a prepared transaction of another database: 0 of 1000 are kept here", async () => {
    const [one] = await session(elsewhere());
    await one.query("begin; insert into other values (1); prepare transaction 'there'");
    expect(pins(await source.read())).toMatchObject({ all: [{ kind: "prepared", database: "elsewhere" }], here: null });
    expect(await doomed.kept()).toBe(0);
    await one.query("rollback prepared 'there'");
  });

  test("an inactive logical slot: 0 of 1000 are kept, but rows of the system catalogs are", async () => {
    await doomed.query("vacuum pg_class");
    await doomed.query("select pg_create_logical_replication_slot('forgotten', 'test_decoding')");
    const held = pins(await source.read())!;
    expect(held.all).toMatchObject([
      {
        kind: "slot",
        database: null,
        keeps: "catalogs",
        slot: { name: "forgotten", kind: "logical", database: "postgres", active: false, xmin: null },
      },
    ]);
    expect(held.here).toBeNull();
    expect(held.all[0]!.seconds === null).toBe(major < 17);
    expect(await doomed.kept()).toBe(0);
    await createAndDropTables(doomed, 50);
    expect(await doomed.keptBy("pg_class")).toBeGreaterThanOrEqual(50);
    await doomed.query("select pg_drop_replication_slot('forgotten')");
    expect(pins(await source.read())!.all).toEqual([]);
    expect(await doomed.keptBy("pg_class")).toBe(0);
  });

  test.each([
    ["vacuum other", null, 0],
    ["vacuum (freeze) other", null, 0],
    ["vacuum full other", true, 1000],
    ["analyze other", true, 1000],
    ["vacuum (analyze) other", false, 0],
  ] as const)("%s has a snapshot, too, and sure to hold back: %s (%i kept)", async (statement, sure, kept) => {
    const waits = await waiting(statement);
    const held = pins(await source.read())!;
    expect(held.all.map((pin) => [pin.key.split("@")[0], pin.sure])).toEqual(
      sure === null ? [] : [[String(waits.pid), sure]],
    );
    expect(await doomed.kept()).toBe(kept);
    await waits.over();
  });

  test("VACUUM FULL keeps the same rows", async () => {
    const [one] = await after(["begin", "insert into other values (1)"], IDLE_IN_TRANSACTION);
    expect(await doomed.kept()).toBe(1000);
    expect(await doomed.keptBy("doomed", "full, verbose")).toBe(1000);
    await one.query("rollback");
    expect(await doomed.keptBy("doomed", "full, verbose")).toBe(0);
  });

  test("a role without any rights sees everything that holds back, though not who that is", async () => {
    const [, , pid] = await after(["begin", "insert into other values (1)"], IDLE_IN_TRANSACTION);
    await after([RR, "select 1"], IDLE_IN_TRANSACTION);
    const blind = await sourceOf(withUser(server.url, "stranger"));
    try {
      const sample = await blind.read();
      const held = pins(sample)!;
      expect(held.hidden).toBeGreaterThan(2);
      expect(held.all.map((pin) => pin.kind).sort()).toEqual(["snapshot", "xid"]);
      expect(held.all.find((pin) => pin.kind === "xid")).toMatchObject({
        ...{ backend: { pid, backendType: null, state: null }, seconds: null, sure: false, database: "postgres" },
      });
    } finally {
      blind.close();
    }
  });

  test("an open xid that is newer than all that have ended is 0 transactions old", async () => {
    await after(["begin", "select txid_current()"], IDLE_IN_TRANSACTION);
    const [, sample] = await after(["begin", "select txid_current()"], IDLE_IN_TRANSACTION);
    expect(pins(sample)!.all.map((pin) => pin.xidAge)).toEqual([0, 0]);
  });

  test("our own session is not among what holds back", async () => {
    const sample = await source.read();
    expect(backendOf(sample, sample.server.ownPid!)).toMatchObject({ state: "active" });
    expect(pins(sample)).toMatchObject({ all: [], oldestAge: null, here: null });
  });
});

/** What is there on purpose. */
function expectDivision(error: unknown): void {
  expect((error as { code?: string }).code).toBe("22012");
}

async function createAndDropRoles({ query }: Doomed, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await query("create role passing");
    await query("drop role passing");
  }
}

async function createAndDropTables({ query }: Doomed, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await query("create table passing (n int); drop table passing");
}
