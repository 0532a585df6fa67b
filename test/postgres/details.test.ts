import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { blocking } from "../../src/analysis/blocking.ts";
import { LIST_QUERY_BYTES, type Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, type TestServer, withUser } from "../servers/server.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";

const LONG = `select '${"x".repeat(100_000)}' as long, 'the end' as last`;

describe.each([18, 13, 10])("looking closer at PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  const open: pg.Client[] = [];

  beforeAll(async () => {
    server = await testServer(major, { track_activity_query_size: 102_400, max_prepared_transactions: 2 });
    const session = await client(server.url);
    await session.query("create table shelf (n int primary key, books int)");
    await session.query("insert into shelf select n, 0 from generate_series(1, 10) n");
    await session.query("create role hurried login");
    await session.query("alter role hurried set statement_timeout = '1ms'");
    await session.end();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    source = await sourceOf(server.url);
  });
  afterEach(async () => {
    source.close();
    await Promise.all(open.splice(0).map((session) => session.end().catch(() => {})));
  });

  async function session(): Promise<[pg.Client, number]> {
    const opened = await client(server.url);
    open.push(opened);
    return [opened, await pidOf(opened)];
  }

  test("the list has the beginning of a long query, the detail all 100 kB of it", async () => {
    const [reader, pid] = await session();
    await reader.query(LONG);
    const backend = backendOf(await source.read(), pid)!;
    expect(backend.query).toBe(LONG.slice(0, LIST_QUERY_BYTES));
    const whole = await source.wholeQuery(backend);
    expect(whole?.query.length).toBe(LONG.length);
    expect(whole).toEqual({ query: LONG, queryStartSeconds: backend.queryStartSeconds });
  });

  test("a backend that has ended has no query any more", async () => {
    const [reader, pid] = await session();
    const backend = backendOf(await source.read(), pid)!;
    await reader.end();
    await eventually(
      "ended",
      () => source.wholeQuery(backend),
      (whole) => whole === null,
    );
  });

  test("a query of another backend with a reused pid is not told", async () => {
    const [, pid] = await session();
    const backend = backendOf(await source.read(), pid)!;
    const earlier: Backend = { ...backend, backendStart: "2020-02-02 02:02:02.123456+00" };
    expect(await source.wholeQuery(earlier)).toBeNull();
  });

  test("who waits in a chain of three is told with whom it waits for", async () => {
    const pids: number[] = [];
    const waits: Promise<unknown>[] = [];
    // The first has row 1; the second has row 2 and wants 1; the third wants 2.
    for (const n of [1, 2, 3]) {
      const [one, pid] = await session();
      pids.push(pid);
      await one.query("begin");
      await one.query("update shelf set books = books + 1 where n = $1", [n]);
      if (n > 1) waits.push(one.query("update shelf set books = books + 1 where n = $1", [n - 1]).catch(() => {}));
    }
    const [head, middle, end] = pids as [number, number, number];
    const sample = await eventually(
      "two that wait",
      () => source.read(),
      (s) => blocking(s).waiting === 2,
    );
    expect(blockedBy(sample, [head, middle, end])).toEqual([[], [head], [middle]]);
    expect(Object.fromEntries(blocking(sample).blocks)).toEqual({ [head]: 2, [middle]: 1 });
    expect(sample.waitersNotResolved).toBe(0);
    await open[0]!.query("rollback");
    await eventually(
      "the second one let go",
      () => source.read(),
      (s) => backendOf(s, middle)!.blockedBy.length === 0,
    );
    await open[1]!.query("rollback");
    await Promise.all(waits);
    await eventually(
      "nobody waits",
      () => source.read(),
      (s) => blocking(s).blocks.size === 0,
    );
  });

  test("a prepared transaction that blocks has no pid: it is told as 0", async () => {
    const [preparer] = await session();
    await preparer.query("begin");
    await preparer.query("update shelf set books = 7 where n = 5");
    await preparer.query("prepare transaction 'forgotten'");
    const [waiter, pid] = await session();
    const waiting = waiter.query("update shelf set books = 8 where n = 5");
    const blocked = async (): Promise<Backend | undefined> => backendOf(await source.read(), pid);
    const backend = await eventually("waiting", blocked, (b) => b?.waitEventType === "Lock");
    expect(backend?.blockedBy).toEqual([0]);
    await preparer.query("rollback prepared 'forgotten'");
    await waiting;
  });

  test("a role with a statement_timeout of its own still gets its samples, and ours does not touch anybody else's", async () => {
    const hurried = await sourceOf(withUser(server.url, "hurried"));
    try {
      expect((await hurried.read()).server.user).toBe("hurried");
      await hurried.read();
    } finally {
      hurried.close();
    }
    const [other] = await session();
    expect((await other.query("show statement_timeout")).rows).toEqual([{ statement_timeout: "0" }]);
  });

  test("a lock on the catalog does not hold us: the sample is given up after a second, and the next one comes", async () => {
    const [locker] = await session();
    await locker.query("begin");
    await locker.query("lock table pg_catalog.pg_authid");
    const began = performance.now();
    await expect(source.read()).rejects.toMatchObject({ code: "55P03" });
    expect(performance.now() - began).toBeLessThan(4_000);
    await locker.query("rollback");
    expect((await source.read()).server.user).toBe("postgres");
  });
});

function blockedBy(sample: Sample, pids: readonly number[]): (readonly number[] | undefined)[] {
  return pids.map((pid) => backendOf(sample, pid)?.blockedBy);
}
