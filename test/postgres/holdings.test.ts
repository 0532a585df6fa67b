import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Backend } from "../../src/model/backend.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, type TestServer, withUser } from "../servers/server.ts";
import { inState, shown } from "./orders.ts";
import { sourceOf } from "./pgtriage.ts";

const MODES = [
  ...["ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"],
  ...["SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"],
];

describe.each([18, 13, 10])("what a session holds, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  const open: pg.Client[] = [];

  beforeAll(async () => {
    server = await testServer(major, { max_prepared_transactions: 5, autovacuum: "off" });
    const session = await client(server.url);
    await session.query('create database "Other Db"');
    await session.query('create schema "Shop"; create role owner_of_it login');
    await session.query(
      'create table "Shop"."Order Lines" (n int primary key, x int); create table plain (n int primary key)',
    );
    await session.query(
      'insert into "Shop"."Order Lines" values (1, 1), (2, 2); insert into plain select generate_series(1, 5)',
    );
    await session.query(
      "create table part (n int) partition by range (n); create materialized view mat as select 1 as one",
    );
    await session.query("create view seen as select * from plain; create sequence counter");
    for (const [i] of MODES.entries()) await session.query(`create table t${i} (n int)`);
    await session.query(
      'grant all on schema "Shop" to owner_of_it; grant all on plain, "Shop"."Order Lines" to owner_of_it',
    );
    await session.end();
    const other = await client(server.url.replace(/postgres$/, "Other%20Db"));
    await other.query("create table elsewhere (n int)");
    await other.end();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    source = await sourceOf(server.url);
  });
  afterEach(async () => {
    source.close();
    await Promise.all(open.splice(0).map((session) => session.end().catch(() => {})));
    const session = await client(server.url);
    const { rows } = await session.query<{ gid: string }>(
      "select gid from pg_prepared_xacts where database = 'postgres'",
    );
    for (const { gid } of rows) await session.query(`rollback prepared '${gid.replaceAll("'", "''")}'`);
    await session.end();
  });

  async function session(url = server.url): Promise<[pg.Client, number]> {
    const opened = await client(url);
    open.push(opened);
    return [opened, await pidOf(opened)];
  }

  async function inTransaction(...statements: readonly string[]): Promise<Backend> {
    const [one, pid] = await session();
    await one.query("begin");
    for (const statement of statements) await one.query(statement);
    return shown(source, pid, inState("idle in transaction"));
  }

  /** A session that waits for a lock with this. */
  async function waiting(statement: string): Promise<Backend> {
    const [one, pid] = await session();
    await one.query("begin");
    one.query(statement).catch(() => {});
    return shown(source, pid, (backend) => backend.waitEventType === "Lock" && backend.blockedBy.length > 0);
  }

  async function prepare(gid: string, statement: string, url = server.url): Promise<void> {
    const one = await client(url);
    await one.query("begin");
    await one.query(statement);
    await one.query(`prepare transaction '${gid.replaceAll("'", "''")}'`);
    await one.end();
  }

  test("nothing of an idle one", async () => {
    const [, pid] = await session();
    const backend = await shown(source, pid, inState("idle"));
    expect(await source.holdings(backend)).toEqual({
      key: backend.key,
      ...{ locks: 0, relations: [], moreRelations: 0, waitsFor: null, prepared: [] },
    });
  });

  test("tables and their like by name, each with the strongest of its locks; no index, nothing of the catalog", async () => {
    const backend = await inTransaction(
      'select * from "Shop"."Order Lines" where n = 1',
      'update "Shop"."Order Lines" set x = 0 where n = 1',
      "select count(*) from part, mat, seen, pg_class, information_schema.tables",
      "select nextval('counter')",
    );
    const told = await source.holdings(backend);
    const modes = Object.fromEntries(told!.relations.map(({ relation, mode }) => [relation, mode]));
    expect(modes).toEqual({
      '"Shop"."Order Lines"': "RowExclusiveLock",
      "public.counter": "RowExclusiveLock",
      ...Object.fromEntries(["mat", "part", "plain", "seen"].map((name) => [`public.${name}`, "AccessShareLock"])),
    });
    expect(told).toMatchObject({ moreRelations: 0, waitsFor: null, prepared: [] });
    expect(told!.locks).toBeGreaterThan(6);
  });

  test("the strongest first, six of them, and how many more", async () => {
    const backend = await inTransaction(...MODES.map((mode, i) => `lock table t${i} in ${mode} mode`));
    const told = await source.holdings(backend);
    expect(told?.relations).toEqual([
      { relation: "public.t7", mode: "AccessExclusiveLock" },
      { relation: "public.t6", mode: "ExclusiveLock" },
      { relation: "public.t5", mode: "ShareRowExclusiveLock" },
      { relation: "public.t4", mode: "ShareLock" },
      { relation: "public.t3", mode: "ShareUpdateExclusiveLock" },
      { relation: "public.t2", mode: "RowExclusiveLock" },
    ]);
    expect(told?.moreRelations).toBe(2);
  });

  test("marks of a serializable transaction are no locks: nobody waits for them", async () => {
    const counted = async (level: string): Promise<number> => {
      const backend = await inTransaction(`set transaction isolation level ${level}`, "select * from plain");
      return (await source.holdings(backend))!.locks;
    };
    expect(await counted("serializable")).toBe(await counted("repeatable read"));
  });

  test("the table whose lock it waits for, and what it holds meanwhile", async () => {
    await inTransaction('lock table "Shop"."Order Lines" in access exclusive mode');
    const [one, pid] = await session();
    await one.query("begin; lock table t0 in share mode");
    one.query('select * from "Shop"."Order Lines"').catch(() => {});
    const backend = await shown(source, pid, (b) => b.waitEventType === "Lock");
    expect(await source.holdings(backend)).toMatchObject({
      relations: [{ relation: "public.t0", mode: "ShareLock" }],
      waitsFor: { relation: '"Shop"."Order Lines"', mode: "AccessShareLock" },
    });
  });

  test("a row that it waits for is no table", async () => {
    await inTransaction("update plain set n = n where n = 1");
    const backend = await waiting("update plain set n = n where n = 1");
    expect(await source.holdings(backend)).toMatchObject({
      relations: [{ relation: "public.plain", mode: "RowExclusiveLock" }],
      waitsFor: null,
    });
  });

  test("relations of another database by their number, as their names are there", async () => {
    const [one, pid] = await session(server.url.replace(/postgres$/, "Other%20Db"));
    const { rows } = await one.query<{ oid: string }>("select 'elsewhere'::regclass::oid::text as oid");
    await one.query("begin; lock table elsewhere in share mode; select count(*) from pg_class");
    const backend = await shown(source, pid, inState("idle in transaction"));
    expect((await source.holdings(backend))?.relations).toEqual([
      { relation: `relation ${rows[0]!.oid} of "Other Db"`, mode: "ShareLock" },
    ]);
  });

  test("a prepared transaction that it waits for, by a row: its gid, its owner, its database, since when", async () => {
    const gid = "it's ü \\ 1";
    await prepare(gid, "update plain set n = n where n = 2", withUser(server.url, "owner_of_it"));
    const backend = await waiting("update plain set n = n where n = 2");
    expect(backend.blockedBy).toEqual([0]);
    const told = await source.holdings(backend);
    expect(told?.prepared).toEqual([
      { gid, owner: "owner_of_it", database: "postgres", preparedSeconds: expect.any(Number) },
    ]);
    const age = (await source.read()).serverSeconds - told!.prepared[0]!.preparedSeconds;
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThan(120);
  });

  test("a prepared transaction by a row that one of its subtransactions has written", async () => {
    await prepare("sub", "savepoint s; update plain set n = n where n = 3; release savepoint s");
    const told = await source.holdings(await waiting("update plain set n = n where n = 3"));
    expect(told?.prepared.map(({ gid }) => gid)).toEqual(["sub"]);
  });

  test("every prepared transaction whose lock is in the way of the one it wants, and no other", async () => {
    await prepare("reads", 'lock table "Shop"."Order Lines" in access share mode; update plain set n = n where n = 4');
    await prepare("writes", 'update "Shop"."Order Lines" set x = 3 where n = 2');
    await prepare("elsewhere", "lock table t0 in exclusive mode; update plain set n = n where n = 5");
    const exclusive = await waiting('lock table "Shop"."Order Lines" in access exclusive mode');
    const told = await source.holdings(exclusive);
    expect(told?.prepared.map(({ gid }) => gid)).toEqual(["reads", "writes"]);
    expect(told?.waitsFor).toEqual({ relation: '"Shop"."Order Lines"', mode: "AccessExclusiveLock" });
    await Promise.all(open.splice(0).map((one) => one.end()));
    const share = await source.holdings(await waiting('lock table "Shop"."Order Lines" in share mode'));
    expect(share?.prepared.map(({ gid }) => gid)).toEqual(["writes"]);
  });

  test("a prepared transaction is known after a crash of the server, too", async () => {
    await prepare("survivor", "update plain set n = n where n = 5");
    const [[witness], [, victim]] = [await session(), await session()];
    const crashed = new Promise((resolve) => witness.once("end", resolve));
    process.kill(victim, "SIGKILL");
    await crashed;
    source.close();
    source = await eventually(
      "the server is back",
      () => sourceOf(server.url).catch(() => null),
      (one) => one !== null,
    ).then((one) => one!);
    const told = await source.holdings(await waiting("update plain set n = n where n = 5"));
    expect(told?.prepared.map(({ gid }) => gid)).toEqual(["survivor"]);
  });

  test("nothing is told of who has ended, of a reused pid, or of who is hidden from us", async () => {
    const backend = await inTransaction("select * from plain");
    expect(await source.holdings({ ...backend, backendStart: "2020-02-02 02:02:02.123456+00" })).toBeNull();
    const blind = await sourceOf(withUser(server.url, "owner_of_it"));
    await blind.read();
    expect(await blind.holdings(backend)).toBeNull();
    blind.close();
    await open[0]!.end();
    const asked = eventually(
      "ended",
      () => source.holdings(backend),
      (told) => told === null,
    );
    expect(await asked).toBeNull();
  });
});
