import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { blockTree, type BlockNode } from "../../src/analysis/block-tree.ts";
import { blocking, seesAllWaiters } from "../../src/analysis/blocking.ts";
import { inTheWay } from "../../src/analysis/in-the-way.ts";
import { lockWaits } from "../../src/analysis/lock-waits.ts";
import { releasedBy } from "../../src/analysis/released.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { bind, statement } from "../../src/source/statement.ts";
import { blockingRows } from "../../src/state/blocking-rows.ts";
import { client, pidOf, sessions, testServer, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

type Shape = number | string | [number | string, ...Shape[]];

/** The tree with each session by its pid, and what has none by its key. */
function shapeOf(node: BlockNode): Shape {
  const name = node.who.kind === "backend" ? node.who.backend.pid : node.key;
  return node.children.length === 0 ? name : [name, ...node.children.map(shapeOf)];
}

describe.each([18, 14, 13, 10])("who blocks whom, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  let admin: pg.Client;
  const open: pg.Client[] = [];
  const waits: Promise<unknown>[] = [];

  beforeAll(async () => {
    const settings = { max_prepared_transactions: 5, max_connections: 60, deadlock_timeout: "30s", autovacuum: "off" };
    server = await testServer(major, settings);
    admin = await client(server.url);
    await admin.query(
      "create table t (n int primary key, x int); insert into t select n, 0 from generate_series(1, 9) n",
    );
    await admin.query("create table other (n int)");
    // The first key is in its index when the second one is computed: meanwhile the row is inserted on trial.
    await admin.query(`
      create function gate(n int) returns int language plpgsql immutable parallel safe as
        $$ begin perform pg_advisory_xact_lock_shared(7); return n; end $$;
      create function looks(n int) returns int language plpgsql stable parallel safe as
        $$ begin perform from other limit 1; return n; end $$;
      create table big as select generate_series(1, 5000) as n;
      alter table big set (parallel_workers = 2);
      create table trial (n int primary key);
      create unique index on trial (gate(n))`);
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });
  beforeEach(async () => {
    source = await sourceOf(server.url);
  });
  afterEach(async () => {
    source.close();
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    await Promise.allSettled(waits.splice(0));
    await Promise.allSettled(open.splice(0).map((one) => one.end()));
    const { rows } = await admin.query<{ gid: string }>("select gid from pg_prepared_xacts");
    for (const { gid } of rows) await admin.query(`rollback prepared '${gid}'`);
  });

  async function session(...statements: readonly string[]): Promise<[pg.Client, number]> {
    const opened = await client(server.url);
    open.push(opened);
    const pid = await pidOf(opened);
    for (const statement of statements) await opened.query(statement);
    return [opened, pid];
  }

  async function holds(...statements: readonly string[]): Promise<number> {
    return (await session("begin", ...statements))[1];
  }

  /** Its last statement waits, which is seen before anybody else comes: queues are in the order in which their members came. */
  async function waiting(...statements: readonly string[]): Promise<number> {
    const [one, pid] = await session(...statements.slice(0, -1));
    waits.push(one.query(statements.at(-1)!).catch(() => {}));
    await eventually(
      `${pid} waits`,
      async () => (await source.read()).backends.find((backend) => backend.pid === pid),
      (backend) => backend?.waitEventType === "Lock" || backend?.waitEvent === "SafeSnapshot",
    );
    return pid;
  }

  async function prepare(gid: string, ...statements: readonly string[]): Promise<void> {
    const [one] = await session("begin", ...statements, `prepare transaction '${gid}'`);
    await one.end();
  }

  /** Read as soon as so many wait, and it is told of all of them for whom. */
  async function blocked(many: number): Promise<Sample> {
    return eventually(
      `${many} wait`,
      () => source.read(),
      (sample) => blockTree(sample).blocked === many && blockTree(sample).untold === 0,
    );
  }

  const treeOf = (sample: Sample): Shape[] => blockTree(sample).roots.map(shapeOf);
  const lockOf = (sample: Sample, pid: number) => {
    const { lockType, mode, relation, object } = lockWaits(sample).places.get(pid)!.queue;
    return { lockType, mode, relation, object };
  };
  const UPDATE = (n: number) => `update t set x = x + 1 where n = ${n}`;

  test("nobody, while nobody waits", async () => {
    await holds(UPDATE(1));
    expect(blockTree(await source.read())).toMatchObject({ roots: [], blocked: 0 });
  });

  test("a chain of five; and nobody who only reads the same table", async () => {
    await holds("select * from t");
    const pids = [await holds(UPDATE(1))];
    for (const n of [2, 3, 4, 5]) pids.push(await waiting("begin", UPDATE(n), UPDATE(n - 1)));
    const sample = await blocked(4);
    const [a, b, c, d, e] = pids as [number, number, number, number, number];
    expect(treeOf(sample)).toEqual([[a, [b, [c, [d, e]]]]]);
    expect(Object.fromEntries(blocking(sample).blocks)).toEqual({ [a]: 4, [b]: 3, [c]: 2, [d]: 1 });
    expect(lockOf(sample, b)).toMatchObject({ lockType: "transactionid", mode: "ShareLock" });
    expect(releasedBy(sample, a)).toEqual({ atOnce: 1, inTurn: 3, held: 0 });
  });

  test("thirty behind one, side by side and all free when it ends", async () => {
    const holder = await holds("lock table t");
    for (let i = 0; i < 30; i++) {
      const [one] = await session();
      waits.push(one.query("select * from t").catch(() => {}));
    }
    const sample = await blocked(30);
    const [root] = blockTree(sample).roots;
    expect(root).toMatchObject({ id: holder, behind: 30, under: 30 });
    expect(root!.children).toHaveLength(30);
    expect(releasedBy(sample, holder)).toEqual({ atOnce: 30, inTurn: 0, held: 0 });
    // Since when each of them waits, the server tells from 14 on.
    expect(blockTree(sample).longest?.exact).toBe(major >= 14);
  });

  test("an advisory lock by its key", async () => {
    const holder = await holds("select pg_advisory_xact_lock(42)");
    const waiter = await waiting("select pg_advisory_lock(42)");
    const sample = await blocked(1);
    expect(treeOf(sample)).toEqual([[holder, waiter]]);
    expect(lockOf(sample, waiter)).toEqual({
      ...{ lockType: "advisory", mode: "ExclusiveLock", relation: null, object: "42" },
    });
  });

  test("those who wait for their turn at a row stand behind the one that is next to get it", async () => {
    const holder = await holds(UPDATE(1));
    const next = await waiting(UPDATE(1));
    const [second, third] = [await waiting(UPDATE(1)), await waiting(UPDATE(1))];
    const sample = await blocked(3);
    expect(treeOf(sample)).toEqual([[holder, [next, second, third]]]);
    expect(lockOf(sample, third)).toMatchObject({ lockType: "tuple", mode: "ExclusiveLock", relation: "public.t" });
    expect(blocking(sample).blocks.get(holder)).toBe(3);
  });

  test("CREATE INDEX CONCURRENTLY waits for the end of an older snapshot, though that has never seen the table", async () => {
    const [old, holder] = await session("begin isolation level repeatable read", "select count(*) from other");
    const waiter = await waiting("create index concurrently on t (x)");
    const sample = await blocked(1);
    expect(treeOf(sample)).toEqual([[holder, waiter]]);
    expect(lockOf(sample, waiter)).toMatchObject({ lockType: "virtualxid", mode: "ShareLock", relation: null });
    await old.query("rollback");
    await Promise.all(waits);
    await admin.query("drop index t_x_idx");
  });

  test("INSERT ON CONFLICT waits for what becomes of a row that another one is inserting on trial", async () => {
    const holder = await holds("select pg_advisory_xact_lock(7)");
    const INSERT = "insert into trial values (1) on conflict (n) do nothing";
    const inserting = await waiting(INSERT);
    const waiter = await waiting(INSERT);
    const sample = await blocked(2);
    expect(treeOf(sample)).toEqual([[holder, [inserting, waiter]]]);
    const lockType = major >= 13 ? "spectoken" : "speculative token";
    expect(lockOf(sample, waiter)).toMatchObject({ lockType, mode: "ShareLock", relation: null });
  });

  test("a prepared transaction by its name, whether a row or a table is waited for", async () => {
    await prepare("order-4711", UPDATE(2));
    const row = await waiting(UPDATE(2));
    expect(treeOf(await blocked(1))).toEqual([["prepared order-4711", row]]);
    const table = await waiting("begin", "lock table t in share mode");
    const sample = await blocked(2);
    expect(treeOf(sample)).toEqual([["prepared order-4711", row, table]]);
    expect(blockTree(sample).roots[0]!.who).toMatchObject({
      ...{ kind: "prepared", prepared: { gid: "order-4711", owner: "postgres", database: "postgres" } },
    });
    expect(blocking(sample).blocks.get(0)).toBe(2);
  });

  test("a prepared transaction by a row that one of its subtransactions has written", async () => {
    await prepare("sub", "savepoint s", UPDATE(3), "release savepoint s");
    const waiter = await waiting(UPDATE(3));
    expect(treeOf(await blocked(1))).toEqual([["prepared sub", waiter]]);
  });

  test("of several prepared transactions on a table those whose lock is in the way", async () => {
    await prepare("reads", "lock table t in access share mode", "insert into other values (2)");
    await prepare("writes", UPDATE(2));
    await prepare("shares", "lock table other in access share mode", "insert into trial values (99)");
    const waiter = await waiting("begin", "lock table t");
    const sample = await blocked(1);
    expect(new Set(treeOf(sample).flat())).toEqual(new Set([waiter, "prepared reads", "prepared writes"]));
    expect(blockTree(sample).roots.map(({ behind }) => behind)).toEqual([1, 1]);
    expect(releasedBy(sample, blockTree(sample).roots[0]!.id)).toEqual({ atOnce: 0, inTurn: 0, held: 1 });
  });

  test("two roots, and who waits for both is counted behind both", async () => {
    const [one, two] = [await holds("lock table t in share mode"), await holds("lock table t in share mode")];
    const waiter = await waiting(UPDATE(1));
    const sample = await blocked(1);
    expect(new Set(treeOf(sample).flat())).toEqual(new Set([one, two, waiter]));
    expect(blockTree(sample).roots.map(({ id, behind }) => [id, behind])).toEqual([
      [Math.min(one, two), 1],
      [Math.max(one, two), 1],
    ]);
  });

  test("behind DDL that waits, others wait for its turn and for nothing that it holds", async () => {
    const reader = await holds("select * from t");
    const alter = await waiting("alter table t add column later int");
    const late = await waiting("select * from t");
    const sample = await blocked(2);
    expect(treeOf(sample)).toEqual([[reader, [alter, late]]]);
    expect(blockTree(sample).roots[0]!.children[0]!.ddl).toEqual({ kind: "ALTER TABLE", changedNothing: true });
    expect([inTheWay(sample, alter, reader), inTheWay(sample, late, alter)]).toEqual(["hard", "soft"]);
    expect(releasedBy(sample, alter)).toEqual({ atOnce: 1, inTurn: 0, held: 0 });
    expect(lockOf(sample, alter)).toEqual({
      ...{ lockType: "relation", mode: "AccessExclusiveLock", relation: "public.t", object: "" },
    });
  });

  test("a deadlock before the server finds it: from one of its members, with who stands behind it", async () => {
    const one = await session("begin", UPDATE(1));
    const two = await waiting("begin", UPDATE(2), UPDATE(1));
    waits.push(one[0].query(UPDATE(2)).catch(() => {}));
    const behind = await waiting(UPDATE(1));
    const sample = await blocked(3);
    const [root, ...others] = blockTree(sample).roots;
    expect(others).toEqual([]);
    expect(root).toMatchObject({ id: Math.min(one[1], two), inRing: true, waits: true, under: 2 });
    expect(new Set(treeOf(sample).flat(5))).toEqual(new Set([one[1], two, behind]));
  });

  test("a deferrable transaction waits for those that write to give it a safe snapshot", async () => {
    const [, holder] = await session("begin isolation level serializable", "insert into other values (1)");
    const waiter = await waiting("begin isolation level serializable read only deferrable", "select * from other");
    const sample = await blocked(1);
    expect(treeOf(sample)).toEqual([[holder, waiter]]);
  });

  test("the workers of a parallel query stand as one where the server tells whose they are", async () => {
    const holder = await holds("lock table other");
    const [one, leader] = await session(
      `set parallel_setup_cost = 0${major > 10 ? "; set parallel_leader_participation = off" : ""}`,
    );
    waits.push(one.query("select count(*) from big where looks(n) > 0").catch(() => {}));
    const workersIn = (sample: Sample) =>
      sample.backends.filter(
        (b) => /^(parallel|background) worker$/.test(b.backendType!) && b.waitEventType === "Lock",
      );
    const sample = await eventually(
      "workers that wait",
      () => source.read(),
      // Both that the table asks for: one that is only just beginning is in one of the two views before the other.
      (sample) => workersIn(sample).length === 2 && blockTree(sample).untold === 0,
    );
    const workers = workersIn(sample).map(({ pid }) => pid);
    // 13 is the first to tell; before, each worker waits for itself, and so does the leader on 10, where it takes part in the work.
    if (major >= 13) {
      expect(treeOf(sample)).toEqual([[holder, leader]]);
      expect(blockTree(sample).roots[0]!.children[0]!.workers).toBe(2);
    } else {
      expect(treeOf(sample).flat()).toEqual(expect.arrayContaining([holder, ...workers]));
    }
    for (const pid of workers) expect(blocking(sample).blocker.get(pid)).toBe(holder);
  });

  test("by a blocker that is in no sample yet, nobody is lost", async () => {
    const holder = await holds(UPDATE(1));
    const waiter = await waiting(UPDATE(1));
    const sample = await blocked(1);
    const without = { ...sample, backends: sample.backends.filter(({ pid }) => pid !== holder) };
    expect(treeOf(without)).toEqual([[`pid ${holder}`, waiter]]);
    expect(seesAllWaiters(sample)).toBe(true);
  });
});

test("a thousand in one queue, on PostgreSQL 18: all behind the one that holds the lock, in few bytes", async () => {
  // After deadlock_timeout each of them looks for a deadlock, with all locks of the server locked meanwhile: 20 s on two processors.
  const server = await testServer(18, { max_connections: 1100, autovacuum: "off", deadlock_timeout: "5min" });
  let source = await sourceOf(server.url);
  const admin = await client(server.url);
  const many = await sessions(server.url, 1000);
  // While a thousand come, a slow machine may take longer for a read than a session waits for its answer.
  const read = async (): Promise<Sample | null> => {
    try {
      return await source.read();
    } catch {
      source.close();
      source = await sourceOf(server.url);
      return null;
    }
  };
  try {
    await admin.query("create table t (n int)");
    await Promise.all(many.clients.map((one) => one.query("begin")));
    const [holder] = many.pids as [number, ...number[]];
    await many.clients[0]!.query("lock table t");
    for (const one of many.clients.slice(1)) one.query("lock table t").catch(() => {});
    const seen = await eventually(
      "999 wait",
      read,
      (it) => it !== null && blocking(it).waiting === 999 && it.queues[0]?.waiters.length === 999,
      { withinMs: 120_000, everyMs: 200 },
    );
    const sample = seen!;
    expect(sample.waitersNotResolved).toBeGreaterThan(800);
    expect(blockTree(sample)).toMatchObject({ blocked: 999, untold: 0 });
    expect(blockTree(sample).roots).toHaveLength(1);
    expect(blockTree(sample).roots[0]).toMatchObject({ id: holder, under: 999, behind: 999 });
    expect(blocking(sample).blocks.get(holder)).toBe(999);
    expect(releasedBy(sample, holder)).toEqual({ atOnce: 1, inTurn: 998, held: 0 });
    expect(seesAllWaiters(sample)).toBe(true);
    // The holder, eight of those behind it, and one line for all the others.
    expect(blockingRows(sample, new Set())).toHaveLength(10);

    const { stream } = (admin as unknown as { connection: { stream: { bytesRead: number } } }).connection;
    const before = stream.bytesRead;
    await admin.query(bind(statement("queues", 18), [100]));
    // A pid and a time for each of them: 24 bytes, and not the pids of everybody ahead.
    expect(stream.bytesRead - before).toBeLessThan(30_000);
  } finally {
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where pid = any($1)", [many.pids]);
    await many.close();
    source.close();
    await admin.end();
    await server.stop();
  }
}, 180_000);
