import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findings, RULES } from "../../src/advice/index.ts";
import { AGES, type Ages, type Finding, type ReturnedGroup } from "../../src/advice/rule.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";
import { answered, observed, ordered } from "../../src/state/outcome.ts";
import { returnedGroups } from "../../src/state/returned-groups.ts";
import { eventually } from "../servers/deadline.ts";
import { halfOpen } from "../servers/half-open.ts";
import { client, pidOf, testServer, withUser, type TestServer } from "../servers/server.ts";
import { aState, run, seen } from "../unit/builders.ts";
import { ASKED, ASKS_ONE_ROLE, hostLane, ofType } from "./host-lane.ts";
import { anOrder } from "./orders.ts";
import { sourceOf } from "./pgtriage.ts";

/** Rule by scenario, printed at the end. */
const table: { readonly scenario: string; readonly fired: readonly string[] }[] = [];

/** Not off, as nobody is to forget: only what a scenario is about is to be found. */
const SAFE = {
  ...{ idle_in_transaction_session_timeout: "1h", statement_timeout: "1h" },
  // Test servers are not, by themselves.
  ...{ fsync: "on", full_page_writes: "on" },
};
/** What nobody waits for in a test. */
const YOUNG: Ages = { ...AGES, serverStart: 0, restart: 0 };
const SOON = 0.4;

interface Look {
  readonly ages?: Partial<Ages>;
  readonly returned?: (sample: Sample) => readonly ReturnedGroup[];
}

/** What is found within two samples; the second one is told. */
async function found(
  scenario: string,
  source: Source,
  { ages = {}, returned = () => [] }: Look = {},
): Promise<Finding[]> {
  let history = append(emptyHistory(), await source.read());
  const sample = await source.read();
  history = append(history, sample);
  const context = {
    sample,
    history,
    thresholds: DEFAULT_THRESHOLDS,
    returned: returned(sample),
    ages: { ...YOUNG, ...ages },
  };
  const told = [...findings(context)];
  table.push({ scenario, fired: told.map(({ id }) => id) });
  return told;
}

const ids = (told: readonly Finding[]): string[] => told.map(({ id }) => id);

/** A client from an address of its own on the loopback network. */
function from(localAddress: string): pg.ClientConfig {
  return {
    stream: () => {
      const socket = new Socket();
      const connect = socket.connect.bind(socket) as (options: object) => Socket;
      socket.connect = ((port: number, host: string) => connect({ port, host, localAddress })) as Socket["connect"];
      return socket;
    },
  };
}

describe.each([18, 13, 10])("on PostgreSQL %i", (major) => {
  let server: TestServer;
  let admin: pg.Client;
  const open: pg.Client[] = [];

  beforeAll(async () => {
    const settings = {
      max_connections: 40,
      max_prepared_transactions: 5,
      wal_level: "logical",
      max_replication_slots: 4,
      ...SAFE,
    };
    server = await testServer(major, settings, { hba: `${ASKS_ONE_ROLE}host all all 127.0.6.0/24 trust` });
    admin = await client(server.url, { application_name: "admin" });
    await admin.query(`create role app login; create role ${ASKED} login password 'x'`);
    await admin.query("create table accounts (id int primary key, balance int)");
    await admin.query("insert into accounts select generate_series(1, 20), 0; grant all on accounts to app");
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });
  afterEach(async () => {
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    await Promise.allSettled(open.splice(0).map((session) => session.end()));
    const { rows } = await admin.query<{ gid: string }>("select gid from pg_prepared_xacts");
    for (const { gid } of rows) await admin.query(`rollback prepared '${gid.replaceAll("'", "''")}'`);
    await eventually(
      "nobody left",
      () => counted("backend_type = 'client backend' and pid <> pg_backend_pid()"),
      (n) => n === 0,
    );
  });

  const at = (name: string) => `${name}, PostgreSQL ${major}`;

  async function counted(condition: string): Promise<number> {
    const { rows } = await admin.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where ${condition}`,
    );
    return rows[0]!.n;
  }

  async function session(application: string, role = "app", more: pg.ClientConfig = {}): Promise<pg.Client> {
    const opened = await client(withUser(server.url, role), { application_name: application, ...more });
    open.push(opened);
    return opened;
  }

  function many(n: number, application: string, role = "app", more: pg.ClientConfig = {}): Promise<pg.Client[]> {
    return Promise.all(Array.from({ length: n }, () => session(application, role, more)));
  }

  async function inTransaction(application: string, ...statements: readonly string[]): Promise<pg.Client> {
    const one = await session(application);
    await one.query("begin");
    for (const statement of statements) await one.query(statement);
    return one;
  }

  function waiting(one: pg.Client, statement: string): void {
    one.query(statement).catch(() => {});
  }

  async function holds(what: string, condition: string, n: number): Promise<void> {
    await eventually(
      what,
      () => counted(condition),
      (found) => found === n,
    );
  }

  const oldEnough = (condition: string, n: number, age = SOON) =>
    holds(`${condition} for ${age} s`, `${condition} and clock_timestamp() - state_change > interval '${age} s'`, n);

  async function look(scenario: string, given: Look = {}, role = "postgres"): Promise<Finding[]> {
    const source = await sourceOf(withUser(server.url, role));
    try {
      const told = await found(at(scenario), source, given);
      await assertRunnable(told);
      return told;
    } finally {
      source.close();
    }
  }

  /** What is advised to be set is SQL that this server takes. */
  async function assertRunnable(told: readonly Finding[]): Promise<void> {
    for (const { sql } of told.flatMap(({ next }) => next)) {
      if (sql === undefined || !/^(?:ALTER (?:ROLE|DATABASE)|GRANT)/.test(sql)) continue;
      await admin.query("begin");
      await admin.query(sql);
      await admin.query("rollback");
    }
  }

  test("all is well: a pool at work, and nothing is found", async () => {
    const pool = await many(5, "web");
    await Promise.all(pool.map((one) => one.query("select * from accounts")));
    expect(ids(await look("all well"))).toEqual([]);
  });

  test("slots-nearly-full: 30 sessions of 37 app slots, beside ours and the administrator's", async () => {
    await many(30, "web");
    await oldEnough("application_name = 'web'", 30);
    const told = await look("slots", { ages: { storm: SOON } });
    expect(ids(told)).toEqual(["slots-nearly-full"]);
    expect(told[0]).toMatchObject({
      severity: "warning",
      title: "32 of 37 app slots are used, 30 by web: 5 left for ordinary roles",
      sessions: { length: 10 },
    });
    expect(told[0]!.evidence[1]).toMatch(
      major === 10
        ? /^who still gets in: 5 of any role, 8 of superusers$/
        : /^who still gets in: 5 of any role, 8 of superusers, 10 walsenders$/,
    );
    // What was said is so: ours is free again.
    await many(6, "late");
    await expect(session("refused")).rejects.toMatchObject({ code: "53300" });
  });

  test("connection-limit: a role at its own limit, and its next session is refused", async () => {
    await admin.query("create role report login connection limit 4");
    await many(4, "metabase", "report");
    await expect(session("metabase", "report")).rejects.toMatchObject({
      code: "53300",
      routine: "InitializeSessionUserId",
    });
    const told = await look("connection limit");
    expect(ids(told)).toEqual(["connection-limit"]);
    expect(told[0]).toMatchObject({
      severity: "critical",
      title: "role report has 4 of its 4 connections: its next one is refused",
    });
    await admin.query(told[0]!.next.find(({ sql }) => sql !== undefined)!.sql!);
    await session("metabase", "report");
  });

  test("leak: ten sessions opened one by one, each used once", async () => {
    for (let job = 1; job <= 10; job++) {
      const one = await session("leaky");
      await one.query(`select * from accounts where id = ${job} -- job ${job}`);
      // The pace of the leak.
      await delay(60);
    }
    const told = await look("leak", { ages: { leak: SOON } });
    expect(ids(told)).toEqual(["leak"]);
    expect(told[0]!.title).toMatch(
      /^leaky leaks sessions: 10 opened one by one in [\d.]+m?s and left idle, \d+ a minute$/,
    );
    expect(told[0]!.evidence.slice(0, 3)).toEqual([
      "each used once, right after it was opened; none of its sessions used again",
      expect.stringMatching(/^the first one opened [0-3] s ago, the last one [01] s ago$/),
      "role app from 127.0.0.1",
    ]);
    expect(told[0]!.sessions.map(({ application }) => application)).toEqual(Array.from({ length: 10 }, () => "leaky"));
  });

  test("connection-storm: 25 sessions at once", async () => {
    await many(25, "lambda");
    const told = await look("storm");
    expect(ids(told)).toEqual(["connection-storm"]);
    expect(told[0]!.title).toMatch(/^2[56] sessions opened within [\d.]+m?s, [\d.]+m?s ago, (mostly )?by lambda$/);
    const again = await look("storm after the start", { ages: { serverStart: 3600 } });
    expect(again.map(({ id, about, severity }) => [id, about, severity])).toEqual([
      ["connection-storm", "restart", "info"],
    ]);
  });

  test("oversized-pools: three clients with five idle sessions each, of 37 slots", async () => {
    for (const n of [1, 2, 3]) await many(5, "web", "app", from(`127.0.6.${n}`));
    await oldEnough("application_name = 'web'", 15);
    const told = await look("pools", { ages: { poolIdle: SOON } });
    expect(ids(told)).toEqual(["oversized-pools"]);
    expect(told[0]).toMatchObject({
      severity: "info",
      title: "pools of web hold 15 of 37 app slots: 3 of 5 each, 15 sessions idle",
    });
    expect(told[0]!.evidence[0]).toBe("from 127.0.6.1, 127.0.6.2 and 127.0.6.3");
  });

  describe("lock-pile-up:", () => {
    test("six sessions behind a transaction that somebody left", async () => {
      const root = await inTransaction("import", "update accounts set balance = 1 where id = 1");
      const pid = await pidOf(root);
      for (const one of await many(6, "web")) waiting(one, "update accounts set balance = 2 where id = 1");
      await holds("six that wait", "wait_event_type = 'Lock'", 6);
      const told = await look("pile behind idle in transaction");
      expect(ids(told)).toEqual(["lock-pile-up"]);
      expect(told[0]!.title).toMatch(
        new RegExp(`^6 sessions wait behind ${pid} \\(import\\), idle in transaction for [\\d.]+m?s$`),
      );
      expect(told[0]!.sessions.map((backend) => backend.pid)).toEqual([pid]);
      expect(told[0]!.evidence[1]).toMatch(
        /^waited for: (its turn at row \(0,1\) of public\.accounts \(5\) and )?the end of transaction \d+ \(\d\)/,
      );
      // What is advised sets them free.
      await admin.query(told[0]!.next[0]!.sql!);
      await holds("nobody waits", "wait_event_type = 'Lock'", 0);
    });

    test("six readers behind DDL that waits for a reader", async () => {
      const root = await inTransaction("report", "select * from accounts");
      const rootPid = await pidOf(root);
      const ddl = await session("flyway", "postgres");
      const ddlPid = await pidOf(ddl);
      waiting(ddl, "alter table accounts add column note text");
      await holds("the DDL waits", "wait_event_type = 'Lock'", 1);
      for (const one of await many(6, "web")) waiting(one, "select * from accounts");
      await holds("seven that wait", "wait_event_type = 'Lock'", 7);
      const told = await look("pile behind DDL");
      expect(ids(told)).toEqual(["lock-pile-up"]);
      expect(told[0]!.title).toMatch(
        new RegExp(`^7 sessions wait behind ${rootPid} \\(report\\), idle in transaction for`),
      );
      expect(told[0]!.evidence).toContain(
        "waited for: AccessShareLock on public.accounts (6) and AccessExclusiveLock on public.accounts (1)",
      );
      expect(told[0]!.sessions.map((backend) => backend.pid)).toEqual([rootPid, ddlPid]);
      expect(told[0]!.next[0]!.text).toBe(
        `cancel the waiting ALTER TABLE of ${ddlPid} (flyway) first: the 6 behind it go on`,
      );
      await admin.query(told[0]!.next[0]!.sql!);
      await holds("nobody waits, and the reader is still there", "wait_event_type = 'Lock'", 0);
      await holds("the reader", `pid = ${rootPid}`, 1);
    });

    test("five sessions behind a prepared transaction", async () => {
      const one = await inTransaction("xa", "update accounts set balance = 1 where id = 2");
      await one.query("prepare transaction 'it''s 815'");
      for (const other of await many(5, "web")) waiting(other, "update accounts set balance = 2 where id = 2");
      await holds("five that wait", "wait_event_type = 'Lock'", 5);
      const told = await look("pile behind prepared");
      expect(ids(told)).toEqual(["lock-pile-up"]);
      expect(told[0]!.title).toMatch(/^5 sessions wait behind the prepared transaction it's 815, [\d.]+m?s old$/);
      await admin.query(told[0]!.next[0]!.sql!);
      await holds("nobody waits", "wait_event_type = 'Lock'", 0);
    });
  });

  test("idle-in-transaction: a writer and a snapshot hold VACUUM back, a reader at READ COMMITTED does not", async () => {
    await inTransaction("writer", "update accounts set balance = 1 where id = 3");
    const snapshot = await session("dump");
    await snapshot.query("begin isolation level repeatable read");
    await snapshot.query("select 1");
    await inTransaction("reader", "select * from accounts");
    await oldEnough("state = 'idle in transaction'", 3);
    const told = await look("idle in transaction", { ages: { idleInTransaction: SOON } });
    expect(ids(told)).toEqual(["idle-in-transaction", "idle-in-transaction"]);
    const byName = Object.fromEntries(told.map(({ about, title }) => [about, title]));
    expect(byName).toEqual({
      writer: expect.stringMatching(
        /^\d+ \(writer\) has been idle in transaction for [\d.]+m?s: it has a transaction id and holds back VACUUM$/,
      ),
      dump: expect.stringMatching(
        /^\d+ \(dump\) has been idle in transaction for [\d.]+m?s: it holds a snapshot, which holds back VACUUM$/,
      ),
    });
    for (const { next } of told) await admin.query(next.at(-1)!.sql!);
    await admin.query("alter role app reset idle_in_transaction_session_timeout");
  });

  test("long-transaction: a transaction at work", async () => {
    const one = await inTransaction("loader", "update accounts set balance = 1 where id = 4");
    waiting(one, "select pg_sleep(60)");
    await oldEnough("state = 'active' and application_name = 'loader'", 1);
    const told = await look("long transaction", { ages: { longTransaction: SOON } });
    expect(ids(told)).toEqual(["long-transaction"]);
    expect(told[0]!.title).toMatch(
      /^the transaction of \d+ \(loader\) has been running for [\d.]+m?s, \d+ transactions behind$/,
    );
    expect(told[0]!.evidence).toEqual([
      expect.stringMatching(/^\d+ \(loader\), [\d.]+m?s, waits for Timeout:PgSleep: select pg_sleep\(60\)$/),
      expect.stringMatching(/^dead rows of the last \d+ transactions are kept: nothing holds VACUUM back further$/),
    ]);
  });

  test("slow-pile: five sessions that run the same query", async () => {
    const running = await many(5, "web");
    for (const [i, one] of running.entries()) waiting(one, `select pg_sleep(60), ${i}`);
    await oldEnough("state = 'active' and application_name = 'web'", 5);
    const told = await look("slow pile", { ages: { slowQuery: SOON } });
    expect(ids(told)).toEqual(["slow-pile"]);
    expect(told[0]!.title).toMatch(/^5 sessions run the same query, each for .+, without waiting for a lock$/);
    expect(told[0]!.evidence[0]).toBe("they wait for: Timeout:PgSleep 5");
  });

  test("hidden-backends: what a role without pg_monitor sees, until it is granted", async () => {
    await admin.query("create role watcher login");
    await many(3, "web");
    const told = await look("hidden", {}, "watcher");
    expect(ids(told)).toEqual(["hidden-backends"]);
    expect(told[0]!.title).toBe(
      "4 of 5 sessions are hidden from watcher: what they do, and whom they block, is not seen",
    );
    await admin.query(told[0]!.next[0]!.sql!);
    expect(ids(await look("hidden, then granted", {}, "watcher"))).toEqual([]);
  });

  test("prepared-orphan: a transaction that its coordinator has forgotten", async () => {
    const one = await inTransaction("xa", "update accounts set balance = 1 where id = 5");
    await one.query("prepare transaction 'sepa 0815'");
    await eventually(
      "old enough",
      async () =>
        (await admin.query(`select from pg_prepared_xacts where clock_timestamp() - prepared > interval '${SOON} s'`))
          .rowCount,
      (n) => n === 1,
    );
    const told = await look("prepared", { ages: { prepared: SOON } });
    expect(ids(told)).toEqual(["prepared-orphan"]);
    expect(told[0]!.title).toMatch(/^prepared transaction sepa 0815 of app in postgres is [\d.]+m?s old$/);
    await admin.query(told[0]!.next.find(({ sql }) => sql !== undefined)!.sql!);
    expect(ids(await look("prepared, rolled back", { ages: { prepared: 0 } }))).toEqual([]);
  });

  test("inactive-slot: a logical slot that nobody reads", async () => {
    await admin
      .query("select pg_create_logical_replication_slot('left behind'::text::name, 'pgoutput')")
      .catch(() => {});
    await admin.query("select pg_create_logical_replication_slot('left_behind', 'pgoutput')");
    await admin.query("select pg_create_physical_replication_slot('unused')");
    await eventually(
      "inactive for a while",
      async () =>
        major < 17
          ? true
          : (
              await admin.query<{ old: boolean }>(
                `select bool_and(clock_timestamp() - inactive_since > interval '${SOON} s') as old from pg_replication_slots`,
              )
            ).rows[0]!.old,
      (old) => old,
    );
    const told = await look("slot", { ages: { slotInactive: SOON } });
    expect(ids(told)).toEqual(["inactive-slot"]);
    expect(told[0]!.title).toMatch(
      /^nobody (?:uses replication slot left_behind|has used replication slot left_behind for [\d.]+m?s): it keeps [\d.]+ k?B of WAL, dead rows of system catalogs$/,
    );
    await admin.query(told[0]!.next.find(({ sql }) => sql !== undefined)!.sql!);
    expect(ids(await look("slot, dropped", { ages: { slotInactive: 0 } }))).toEqual([]);
    await admin.query("select pg_drop_replication_slot('unused')");
  });

  test("memory-risk: a role whose sorts would take more than there is", async () => {
    await admin.query("create role glutton login; alter role glutton set work_mem = '512GB'");
    await many(3, "olap", "glutton");
    const told = await look("memory");
    expect(ids(told)).toEqual(["memory-risk"]);
    expect(told[0]).toMatchObject({ severity: "warning" });
    expect(told[0]!.title).toMatch(
      /^the 4 sessions there are, all at work, would need \d+\.?\d? TB and more; the machine has \d+ GB$/,
    );
    expect(told[0]!.evidence).toContain("work_mem of its own: glutton 512GB");
    await admin.query("drop owned by glutton; alter role glutton reset work_mem");
  });

  test("no-safety-timeouts: a role for which they are switched off, until they are set as advised", async () => {
    await admin.query("create role careless login; alter role careless set idle_in_transaction_session_timeout = 0");
    await many(2, "cron", "careless");
    const told = await look("time-outs");
    expect(ids(told)).toEqual(["no-safety-timeouts"]);
    expect(told[0]!.title).toBe(
      "nothing ends forgotten transactions of careless: idle_in_transaction_session_timeout is off",
    );
    await admin.query(told[0]!.next[0]!.sql!);
    expect(ids(await look("time-outs, set"))).toEqual([]);
  });

  test("reconnect-storm: a pool opens again what was ended", async () => {
    const pool = async (): Promise<void> => {
      const one = await session("pooled");
      one.once("end", () => void (stopped ? undefined : pool().catch(() => {})));
    };
    let stopped = false;
    await Promise.all(Array.from({ length: 4 }, pool));
    const source = await sourceOf(server.url);
    try {
      const sample = await source.read();
      const order = anOrder(
        "terminate",
        sample.backends.filter(({ application }) => application === "pooled"),
      );
      let [state] = ordered(run(aState(), seen(sample)).state, order);
      [state] = answered(state, order.id, await source.signal(order));
      await eventually(
        "all of them are back",
        async () => {
          [state] = observed(state, await source.read());
          return state.outcomes[0]!.returned;
        },
        ([returned]) => returned?.ended === 4 && returned.came === 4,
      );
      const told = await found(at("reconnect"), source, {
        returned: (sample) => returnedGroups(state.outcomes, sample),
      });
      expect(ids(told)).toEqual(["reconnect-storm"]);
      expect(told[0]!.title).toBe("4 ended, 4 came back from pooled@127.0.0.1: net 0 slots");
    } finally {
      stopped = true;
      source.close();
    }
  });

  test("half-open-flood: connections that say nothing, seen from the server's machine", async () => {
    await many(2, "web");
    const flood = await halfOpen(server, 15);
    const source = await hostLane(server);
    try {
      await eventually(
        "fifteen half-open ones",
        () => source.read(),
        (sample) =>
          ofType(sample.backends, "half-open").filter(
            ({ backendStartSeconds: begun }) => sample.serverSeconds - begun! > SOON,
          ).length === 15,
      );
      const told = await found(at("half-open"), source, { ages: { starting: SOON } });
      expect(ids(told)).toEqual(["half-open-flood"]);
      expect(told[0]!.title).toBe("15 connections have not become sessions");
      expect(told[0]!.evidence).toContain("from 127.0.0.1 (15)");
    } finally {
      source.close();
      flood.close();
    }
  });
});

test("from 18 on, connections that never give their password are seen by SQL as well", async () => {
  const server = await testServer(18, { max_connections: 40, ...SAFE }, { hba: ASKS_ONE_ROLE });
  const admin = await client(server.url);
  await admin.query(`create role ${ASKED} login password 'x'`);
  const flood = await halfOpen(server, 12, ASKED);
  const source = await sourceOf(server.url);
  try {
    await eventually(
      "twelve that authenticate",
      () => source.read(),
      ({ backends, serverSeconds }) =>
        backends.filter(
          ({ state, backendStartSeconds }) => state === "starting" && serverSeconds - backendStartSeconds! > SOON,
        ).length === 12,
    );
    const told = await found("password never given, PostgreSQL 18", source, { ages: { starting: SOON } });
    expect(ids(told)).toEqual(["half-open-flood"]);
    expect(told[0]!.title).toBe("12 connections have not become sessions");
  } finally {
    source.close();
    flood.close();
    await admin.end();
    await server.stop();
  }
});

test.each([18, 13])("a crash, after which everybody is back at once, on PostgreSQL %i", async (major) => {
  // With fsync, recovery on a slow disk takes so long that nobody is back at once.
  const server = await testServer(major, { max_connections: 40, ...SAFE, fsync: "off" });
  try {
    const first = await client(server.url);
    await eventually(
      "the server is older than its start lasts",
      async () =>
        (
          await first.query<{ old: boolean }>(
            "select clock_timestamp() - pg_postmaster_start_time() > interval '2 s' as old",
          )
        ).rows[0]!.old,
      (old) => old,
    );
    const victim = await client(server.url);
    const crashed = new Promise((resolve) => first.once("end", resolve));
    process.kill(await pidOf(victim), "SIGKILL");
    await crashed;
    const again = await eventually(
      "the server is back",
      () => client(server.url, { application_name: "web" }).catch(() => null),
      (one) => one !== null,
    );
    const others = await Promise.all(Array.from({ length: 24 }, () => client(server.url, { application_name: "web" })));
    const source = await sourceOf(server.url);
    const told = await found(`crash, PostgreSQL ${major}`, source, { ages: { serverStart: 1.5 } });
    source.close();
    await Promise.all([again!, ...others].map((one) => one.end()));
    // Up to 14 one reading does not tell a crash from a start that had to recover.
    expect(told.map(({ id, about }) => [id, about])).toEqual([
      ...(major >= 15 ? [["server-crashed", ""]] : []),
      ["connection-storm", "crash"],
      ["durability-off", "fsync"],
    ]);
  } finally {
    await server.stop();
  }
});

test.each([18, 13, 10])(
  "wraparound: a transaction that keeps a database from being frozen, on PostgreSQL %i",
  async (major) => {
    const server = await testServer(major, { autovacuum_freeze_max_age: 100_000, ...SAFE });
    const [holder, burner] = [await client(server.url, { application_name: "forgotten" }), await client(server.url)];
    try {
      await holder.query("begin; create table held ()");
      await burner.query(BURN);
      const source = await sourceOf(server.url);
      const told = await found(`wraparound, PostgreSQL ${major}`, source);
      source.close();
      expect(ids(told)).toEqual(["wraparound"]);
      expect(told[0]!.title).toMatch(
        /^database \w+ is 16\dk transaction ids old, 2\.1G before the server stops writing$/,
      );
      expect(told[0]!.evidence[0]).toBe("autovacuum should have frozen it at 100k (autovacuum_freeze_max_age)");
    } finally {
      await Promise.all([holder.end(), burner.end()]);
      await server.stop();
    }
  },
);

/** Each subtransaction that writes takes an xid of its own. */
const BURN = `create temp table burnt (n int);
do $$ begin
  for i in 1..160000 loop
    begin insert into burnt values (1); exception when others then null; end;
  end loop;
end $$`;

afterAll(() => {
  const known = RULES.map(({ id }) => id);
  const lines = table.map(({ scenario, fired }) => `${scenario.padEnd(48)} ${fired.join(", ") || "-"}`);
  const silent = known.filter((id) => !table.some(({ fired }) => fired.includes(id)));
  console.log(`[findings]\n${lines.join("\n")}\nnever found: ${silent.join(", ") || "none"}`);
});
