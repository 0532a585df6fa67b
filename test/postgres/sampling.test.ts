import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Backend } from "../../src/model/backend.ts";
import type { Source } from "../../src/source/postgres.ts";
import { relay } from "../bench/relay.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, sessions, testServer, type TestServer } from "../servers/server.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";

describe.each([18, 13, 10])("sampling PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  let session: pg.Client;
  let pid: number;

  beforeAll(async () => {
    server = await testServer(major, { max_connections: 40 });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    source = await sourceOf(server.url);
    session = await client(server.url, { application_name: "watched" });
    pid = await pidOf(session);
  });
  afterEach(async () => {
    source.close();
    await session.end();
  });

  /** Read until the watched session is as expected: what it was told to do may end a moment after its answer. */
  async function seen(what: string, holds: (backend: Backend | undefined) => boolean): Promise<Backend | undefined> {
    const read = async (): Promise<Backend | undefined> => backendOf(await source.read(), pid);
    return eventually(what, read, holds, { withinMs: 1_500 });
  }

  test("one sample is one round trip; on 10, settings of our own go before the first", async () => {
    const counting = await relay(server);
    const through = await sourceOf(`postgres://postgres@${counting.host}:${counting.port}/postgres?sslmode=disable`);
    try {
      const costs: number[] = [];
      for (let i = 0; i < 5; i++) {
        const before = counting.roundTrips();
        await through.read();
        costs.push(counting.roundTrips() - before);
      }
      expect(costs).toEqual([major < 11 ? 2 : 1, 1, 1, 1, 1]);
    } finally {
      through.close();
      counting.close();
    }
  });

  test("we are one session, by the name of pgtriage, and it holds no transaction open", async () => {
    const { server: told } = await source.read();
    const { rows } = await session.query(
      "select pid, state, xact_start, backend_xmin from pg_stat_activity where application_name = 'pgtriage'",
    );
    expect(rows).toEqual([{ pid: told.ownPid, state: "idle", xact_start: null, backend_xmin: null }]);
  });

  test("the sample says what the server is and what it is set to", async () => {
    const { server: told } = await source.read();
    expect(told).toMatchObject({ version: server.version, role: "primary", user: "postgres", database: "postgres" });
    expect(Math.trunc(told.versionNum! / 10_000)).toBe(major);
    expect(told.settings).toMatchObject({
      maxConnections: 40,
      superuserReserved: 3,
      reserved: 0,
      queryTextBytes: 1024,
    });
    const may = { superuser: true, usesReserved: true, seeAll: true, signal: true, signalAutovacuum: true };
    const mayCount = { listArchiveStatus: major >= 12, getAios: major >= 18 };
    expect(told.rights).toEqual({ ...may, ...mayCount, roles: ["postgres"] });
    expect(told.superusers).toEqual(["postgres"]);
    expect((await source.read()).server).toBe(told);
  });

  test("a session that rests is the same object in the next sample", async () => {
    const first = await seen("idle and waiting for its client", (b) => b?.waitEvent === "ClientRead");
    expect(backendOf(await source.read(), pid)).toBe(first);
    expect(first).toMatchObject({
      application: "watched",
      state: "idle",
      user: "postgres",
      clientAddress: "127.0.0.1",
    });
  });

  test("what a session does is seen with the next sample", async () => {
    await source.read();
    const working = session.query("select pg_sleep(0.4)");
    await seen("active", (b) => b?.state === "active" && b.query === "select pg_sleep(0.4)");
    await working;
    await seen("idle again", (b) => b?.state === "idle" && b.xactStartSeconds === null);
    await session.query("set application_name = 'renamed'");
    await seen("its new name", (b) => b?.application === "renamed");
    await session.query("begin");
    await seen("in a transaction", (b) => b?.state === "idle in transaction" && b.xactStartSeconds !== null);
    await session.query("create temp table written (n int)");
    await seen("the id of what it wrote", (b) => b?.backendXid != null);
    await session.query("select 1/0").catch(() => {});
    await seen("aborted", (b) => b?.state === "idle in transaction (aborted)");
    await session.query("rollback");
    await seen("out of it", (b) => b?.state === "idle" && b.xactStartSeconds === null && b.backendXid === null);
  });

  test("a session that ends is gone, and one that comes is there", async () => {
    await source.read();
    const other = await client(server.url);
    const newcomer = await pidOf(other);
    expect(backendOf(await source.read(), newcomer)).toBeDefined();
    await other.end();
    await eventually(
      "gone",
      async () => backendOf(await source.read(), newcomer),
      (b) => b === undefined,
    );
  });

  test("track_activities off hides what a session does, and the sample says so instead of telling its last state", async () => {
    await seen("idle", (b) => b?.state === "idle");
    await session.query("set track_activities = off");
    const hidden = await seen("disabled", (b) => b?.state === "disabled");
    expect(hidden).toMatchObject({
      query: "",
      queryStartSeconds: null,
      stateChangeSeconds: null,
      application: "watched",
    });
    await session.query("set track_activities = on");
    await seen("idle again", (b) => b?.state === "idle");
  });

  test("ages and transaction ids are measured on the server's own clock and counter", async () => {
    const { rows } = await session.query<{ now: number; xid: string }>(
      "select extract(epoch from clock_timestamp())::float8 as now, txid_current()::text as xid",
    );
    const sample = await source.read();
    expect(sample.serverSeconds - rows[0]!.now).toBeGreaterThan(0);
    expect(sample.serverSeconds - rows[0]!.now).toBeLessThan(2);
    expect(sample.nextXid).toBe(Number(rows[0]!.xid) + 1);
    expect(sample.serverMs).toBeGreaterThan(0);
    expect(sample.costMs).toBeGreaterThanOrEqual(sample.serverMs);
  });
});

test("sessions that have long been resting do not travel, and are listed all the same", async () => {
  const server = await testServer(18);
  const source = await sourceOf(server.url);
  const many = await sessions(server.url, 10, { application: "resting" });
  const resting = async (): Promise<Backend[]> =>
    (await source.read()).backends.filter((b) => b.application === "resting");
  try {
    const all = await eventually(
      "ten that wait for their clients",
      resting,
      (list) => list.length === 10 && list.every((b) => b.waitEvent === "ClientRead"),
    );
    const over = (await source.read()).serverSeconds + MARGIN_SECONDS;
    await eventually(
      "the margin over",
      () => source.read(),
      (sample) => sample.serverSeconds > over,
      { everyMs: 250 },
    );
    const later = await resting();
    expect(later).toHaveLength(10);
    expect(later.every((backend) => all.includes(backend))).toBe(true);

    await many.clients[3]!.query("select 'back at work'");
    const awake = await eventually(
      "one of them after a query",
      async () => (await resting()).find((b) => b.pid === many.pids[3]),
      (b) => b?.state === "idle" && b.query === "select 'back at work'",
    );
    expect(all).not.toContain(awake);
  } finally {
    await many.close();
    source.close();
    await server.stop();
  }
});

/** What changed in so many seconds before a sample travels once more with the next. */
const MARGIN_SECONDS = 2.2;
