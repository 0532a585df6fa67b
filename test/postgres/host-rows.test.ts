import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slots } from "../../src/analysis/slots.ts";
import { unfinishedFrom } from "../../src/source/host/half-open.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, withUser, type TestServer } from "../servers/server.ts";
import { ASKED, ASKS_ONE_ROLE, found, hostLane, mumbler, ofType, postmasterPid } from "./host-lane.ts";
import { backendOf } from "./pgtriage.ts";

/** Names that make a title hard to read. */
const ROLE = "odd (role) ünï";
const DATABASE = "my db (1) ü";

describe.each([10, 11, 12, 13, 14, 15, 16, 17, 18])("the processes of PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  let watcher: pg.Client;
  const clients: pg.Client[] = [];

  async function session(given: pg.ClientConfig & { replication?: string }): Promise<pg.Client> {
    const opened = new pg.Client({ host: server.host, port: server.port, user: ROLE, database: DATABASE, ...given });
    opened.on("error", () => {});
    await opened.connect();
    clients.push(opened);
    return opened;
  }

  beforeAll(async () => {
    const settings = {
      listen_addresses: "127.0.0.1,::1",
      max_connections: 37,
      max_wal_senders: 7,
      superuser_reserved_connections: 2,
      ...(major >= 16 && { reserved_connections: 4 }),
      ...(major % 2 === 1 && { cluster_name: "pr od: x" }),
      ...(major >= 17 && { summarize_wal: "on" }),
      wal_level: "replica",
      archive_mode: "on",
      archive_command: "true",
    };
    server = await testServer(major, settings, { hba: ASKS_ONE_ROLE });
    watcher = await client(server.url);
    await watcher.query(`create role ${ASKED} login password 'x'; create role "${ROLE}" login superuser replication`);
    await watcher.query(`create database "${DATABASE}"`);
    await watcher.query("create table t (n int); create table wide as select generate_series(1, 100000) n");
    source = await hostLane(server);
  });
  afterAll(async () => {
    source?.close();
    await Promise.allSettled([...clients, watcher].map((one) => one?.end()));
    await server?.stop();
  });

  test("the postmaster is found by its place, by its socket as well", async () => {
    const postmaster = await found(server);
    expect(postmaster).toMatchObject({ pid: postmasterPid(server), dataDirectory: server.dataDir });
    expect(postmaster.ports).toEqual([server.port]);
    expect(postmaster.socketDirectories).toEqual([server.socketDir]);
    expect(await found({ ...server, host: server.socketDir })).toEqual(postmaster);
    expect(await found({ ...server, host: "localhost" })).toEqual(postmaster);
  });

  test("who, where, doing what and since when: the same as pg_stat_activity says", async () => {
    const overSocket = await session({ host: server.socketDir });
    await overSocket.query("begin");
    // Seen beside a name that is clear, a name with blanks is clear as well.
    await session({ database: "postgres" });
    const overSix = await session({ host: "::1" });
    await overSix.query("begin");
    await overSix.query("select nonsense").catch(() => {});
    const holder = await client(server.url);
    await holder.query("begin; lock table t");
    const waiter = await client(server.url);
    waiter.query("select * from t").catch(() => {});
    const sleeper = await session({});
    const sleeping = await pidOf(sleeper);
    sleeper.query("select pg_sleep(600)").catch(() => {});
    const walsender = await session({ database: "postgres", replication: "true" });
    clients.push(holder, waiter);

    const columns = `pid, backend_type as "backendType", state, usename as user, datname as database, host(client_addr) as "clientAddress",
      client_port as "clientPort", extract(epoch from backend_start)::float8 as start`;
    const told = await eventually(
      "one that waits for a lock, and one that sleeps",
      async () =>
        (
          await watcher.query(
            `select ${columns}, wait_event_type from pg_stat_activity where backend_type <> 'autovacuum worker' order by pid`,
          )
        ).rows,
      (rows) =>
        rows.some((row) => row.wait_event_type === "Lock") &&
        rows.some((row) => row.pid === sleeping && row.state === "active"),
    );
    const sample = await source.read();
    const ours = await pidOf(watcher);
    for (const { start, wait_event_type: wait, ...row } of told) {
      const seen = backendOf(sample, row.pid);
      expect(seen, JSON.stringify(row)).toBeDefined();
      expect(Math.abs(seen!.backendStartSeconds! - start)).toBeLessThan(0.1);
      if (wait === "Lock") expect(seen).toMatchObject({ waitEventType: "Lock", waitEvent: null, query: "SELECT …" });
      // What our question was doing while it was answered; and the launcher's role, which no title tells.
      if (row.pid === ours) row.state = seen!.state;
      if (row.backendType !== "client backend" && row.backendType !== "walsender") row.user = null;
      if (row.backendType === "walsender") {
        row.database = seen!.database;
        row.state = seen!.state;
      }
      expect(seen).toMatchObject({ ...row, application: null, backendStart: expect.stringMatching(/^proc \d+$/) });
    }
    const rest = sample.backends.filter(({ pid }) => !told.some((row) => row.pid === pid));
    // Processes that pg_stat_activity has no row for; and autovacuum begins workers when it likes.
    for (const { backendType } of rest)
      expect(["archiver", "stats collector", "autovacuum worker"]).toContain(backendType);
    expect(ofType(sample.backends, "archiver")).toHaveLength(1);
    await walsender.end();
  });

  test("a parallel worker is told with its leader", async () => {
    const leader = await client(server.url);
    clients.push(leader);
    await leader.query(
      "set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set max_parallel_workers_per_gather = 2",
    );
    const pid = await pidOf(leader);
    const running = leader.query("select count(*) from wide where pg_sleep(0.01) is not null").catch(() => {});
    const sample = await eventually(
      "parallel workers",
      () => source.read(),
      ({ backends }) => ofType(backends, "parallel worker").length > 0,
    );
    for (const worker of ofType(sample.backends, "parallel worker")) expect(worker.leaderPid).toBe(pid);
    await watcher.query("select pg_cancel_backend($1)", [pid]);
    await running;
  });

  test("who has not said who it is holds no slot, who has not proved it holds one: SQL sees neither before 18", async () => {
    const silent = await Promise.all([mumbler(server), mumbler(server), mumbler({ ...server, host: "::1" })]);
    const asked = await mumbler(server, ASKED);
    const sample = await eventually(
      "three that are half open and one that authenticates",
      () => source.read(),
      ({ backends }) => ofType(backends, "half-open").length === 3 && backends.some(({ user }) => user === ASKED),
    );
    const halfOpen = ofType(sample.backends, "half-open");
    expect(halfOpen.map(({ state, user, database }) => [state, user, database])).toEqual(
      [1, 2, 3].map(() => ["starting", null, null]),
    );
    expect(halfOpen.map(({ clientAddress }) => String(clientAddress)).sort()).toEqual([
      "127.0.0.1",
      "127.0.0.1",
      "::1",
    ]);
    expect(sample.backends.find(({ user }) => user === ASKED)).toMatchObject({
      backendType: "client backend",
      state: "starting",
      database: "postgres",
      clientPort: asked.localPort,
    });
    const { rows } = await watcher.query(
      "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'",
    );
    expect(slots(sample)).toMatchObject({ starting: 1, used: { low: rows[0].n + (major < 18 ? 1 : 0) } });
    const unfinished = await unfinishedFrom(await found(server), sample.backends);
    expect(Object.fromEntries(unfinished)).toEqual({ "127.0.0.1": 2, "::1": 1 });
    for (const socket of [...silent, asked]) socket.destroy();
    await eventually(
      "gone",
      () => source.read(),
      ({ backends }) => ofType(backends, "half-open").length === 0,
    );
  });

  test("its limits are those of SHOW, whatever was written to its files since", async () => {
    const show = async (name: string): Promise<number> =>
      Number((await watcher.query(`select current_setting('${name}', true) as value`)).rows[0].value ?? 0);
    await watcher.query("alter system set max_connections = 500");
    const { server: seen } = await (await hostLane(server)).read();
    expect(seen.settings).toMatchObject({
      maxConnections: await show("max_connections"),
      superuserReserved: await show("superuser_reserved_connections"),
      reserved: await show("reserved_connections"),
      ...(major >= 12 && { maxWalSenders: await show("max_wal_senders") }),
    });
    expect(seen).toMatchObject({
      lane: "host",
      versionNum: major * 10_000,
      role: "primary",
      ownPid: null,
      database: null,
    });
    expect(seen.postmaster).toMatchObject({
      pid: postmasterPid(server),
      dataDirectory: server.dataDir,
      limitsFrom: "pg_control and its configuration files",
      limitsDoubt: "postgresql.auto.conf was changed after the start",
      tellsActivity: true,
    });
    const started = await watcher.query("select extract(epoch from pg_postmaster_start_time())::float8 as at");
    expect(Math.abs(seen.startedSeconds - started.rows[0].at)).toBeLessThan(0.5);
  });

  test("a row is the same object until its process has done something; then it says since when", async () => {
    const mine = await client(withUser(server.url, "postgres"));
    clients.push(mine);
    const pid = await pidOf(mine);
    await mine.query("begin");
    const idle = await eventually(
      "in its transaction",
      async () => backendOf(await source.read(), pid)!,
      ({ state }) => state === "idle in transaction",
    );
    const resting = await eventually(
      "gone to rest",
      async () => ({ one: backendOf(await source.read(), pid)!, next: backendOf(await source.read(), pid)! }),
      ({ one, next }) => one === next,
    );
    expect(resting.one.key).toBe(idle.key);
    const before = Date.now() / 1000;
    await mine.query("select 1");
    const worked = backendOf(await source.read(), pid)!;
    expect(worked).toMatchObject({ key: idle.key, state: "idle in transaction" });
    expect(worked.stateChangeSeconds).toBeGreaterThanOrEqual(before);
    expect(worked.stateChangeSeconds).not.toBe(resting.one.stateChangeSeconds);
  });
});
