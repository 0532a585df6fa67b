import { existsSync } from "node:fs";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memory, type Memory } from "../../src/analysis/memory.ts";
import { NO_WISH } from "../../src/analysis/outlook.ts";
import { measuredBytes, RESTING_BYTES } from "../../src/analysis/private-memory.ts";
import { whatIf } from "../../src/analysis/what-if.ts";
import type { Sample } from "../../src/model/reading.ts";
import { memorySummary } from "../../src/panels/memory-summary.ts";
import { memoryRecord } from "../../src/report/memory.ts";
import { bytes } from "../../src/text/bytes.ts";
import { eventually } from "../servers/deadline.ts";
import { client, sessions, testServer, withUser, type Sessions, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

const HAS_PROC = existsSync("/proc/self/stat");
const MB = 2 ** 20;

const TABLES = 1500;
/** What it takes to have seen all of them. */
const WARM = `do $$ declare t regclass; begin
  for i in 1..${TABLES} loop execute 'select * from seen.t' || i || ' where a = 1'; end loop; end $$`;

/** Queries that have filled their memory and rest with it full. */
const SORT =
  "select pg_sleep(300) from (select md5(g::text) as x from generate_series(1, 500000) g order by 1 offset 0) s";
const HASH =
  "select pg_sleep(300) from (select md5(g::text) as x, count(*) from generate_series(1, 500000) g group by 1 offset 0) s";

describe.each([18, 10])(
  "on PostgreSQL %i, of 200 idle sessions, 10 that have seen 1,500 tables and 3 that sort",
  (major) => {
    let server: TestServer;
    let idle: Sessions;
    let sample: Sample;
    const sorting: pg.Client[] = [];

    beforeAll(async () => {
      server = await testServer(major, {
        max_connections: 230,
        shared_buffers: "64MB",
        max_parallel_workers_per_gather: 0,
      });
      const admin = await client(server.url);
      await admin.query("create role sorter login; alter role sorter set work_mem = '64MB'; create schema seen");
      // In slices: all of them in one transaction are more locks than there is room for.
      for (let from = 1; from <= TABLES; from += 100)
        await admin.query(
          `do $$ begin for i in ${from}..${Math.min(TABLES, from + 99)} loop
           execute 'create table seen.t' || i || ' (a int primary key, b text)'; end loop; end $$`,
        );
      await admin.end();
      idle = await sessions(server.url, 200);
      for (const warmed of idle.clients.slice(0, 10)) await warmed.query(WARM);
      for (const query of [SORT, SORT, HASH]) {
        const session = await client(withUser(server.url, "sorter"));
        sorting.push(session);
        session.query(query).catch(() => {});
      }
      const source = await sourceOf(server.url);
      sample = await eventually(
        "all three have their memory full",
        () => source.read({ usage: "complete" }),
        ({ backends }) => backends.filter(({ waitEvent }) => waitEvent === "PgSleep").length === 3,
      );
      source.close();
    }, 180_000);

    afterAll(async () => {
      await idle?.close();
      await server?.stop();
    });

    /** What is measured of the sessions that the estimate counts. */
    const measured = (): number =>
      sample.backends
        .filter(({ backendType, pid }) => backendType === "client backend" && pid !== sample.server.ownPid)
        .reduce((sum, backend) => sum + (measuredBytes(backend, sample) ?? 0), 0);

    const estimated = ({ now }: Memory): number => now!.restingBytes + now!.workBytes;

    test("all sessions are counted", () => {
      expect(memory(sample)).toMatchObject({ now: { sessions: 203 }, full: { sessions: 230 } });
    });

    test("all of them are measured, where there is /proc", () => {
      expect(memory(sample).sessions.measured?.processes ?? null).toBe(HAS_PROC ? 203 : null);
      // A sort of 64 MB, at the least as much as the table has of text.
      if (HAS_PROC) expect(memory(sample).sessions.measured!.largestBytes).toBeGreaterThan(16 * MB);
    });

    test("the estimate is not below what is measured, whether it goes by that or not", () => {
      const unmeasured = memory({ ...sample, usage: null });
      expect(estimated(memory(sample))).toBeGreaterThanOrEqual(measured());
      expect(estimated(unmeasured)).toBeGreaterThanOrEqual(measured());
      expect(unmeasured.others.highBytes).toBeGreaterThanOrEqual(memory(sample).others.measured?.sumBytes ?? 0);
      expect(unmeasured.others.highBytes).toBeGreaterThan(0);
    });

    test("one that rests has about what is taken for it where it is not measured", () => {
      if (!HAS_PROC) return expect(sample.usage).toBeNull();
      const { medianBytes, largestBytes, sumBytes } = memory(sample).sessions.measured!;
      expect(medianBytes).toBeGreaterThan(0.5 * MB);
      expect(medianBytes).toBeLessThan(RESTING_BYTES.high);
      const told = {
        measured: sumBytes,
        median: medianBytes,
        largest: largestBytes,
        others: memory(sample).others.highBytes,
      };
      const sums = { withIt: estimated(memory(sample)), withoutIt: estimated(memory({ ...sample, usage: null })) };
      const words = Object.entries({ ...told, ...sums }).map(([name, value]) => `${name} ${bytes(value)}`);
      console.info(`[memory] PostgreSQL ${major}: ${words.join(", ")}`);
    });

    test("the role with a work_mem of its own is named, and counts with it", () => {
      const { now, overrides } = memory({ ...sample, usage: null });
      expect(overrides).toEqual([{ database: null, role: "sorter", name: "work_mem", value: "64MB" }]);
      const hashes = major >= 15 ? 2 : 1;
      expect(now!.workBytes).toBe((200 * 2 * 4 + 3 * 2 * 64) * MB * hashes);
    });

    test("scripts and the panel are told", () => {
      const record = memoryRecord(sample) as {
        perBackendBytes: { measured: number | null };
        machineBytes: number | null;
      };
      if (HAS_PROC) expect(record.perBackendBytes.measured).toBeGreaterThan(MB / 2);
      else expect(record.perBackendBytes.measured).toBeNull();
      expect(memorySummary(sample, 72, 9).length).toBeGreaterThanOrEqual(5);
    });
  },
);

describe.each([18, 15, 13])("what if, on PostgreSQL %i", (major) => {
  /** Another server that really is as one may think of it. */
  async function sharedWith(connections: number): Promise<{ sample: Sample; bytes: number }> {
    const server = await testServer(major, { max_connections: connections });
    const source = await sourceOf(server.url);
    const session = await client(server.url);
    try {
      const { rows } = await session.query<{ bytes: string }>(
        "select sum(allocated_size)::text as bytes from pg_shmem_allocations",
      );
      return { sample: await source.read(), bytes: Number(rows[0]!.bytes) };
    } finally {
      source.close();
      await session.end();
      await server.stop();
    }
  }

  test("shared memory with other max_connections is about what it then is", async () => {
    const { sample } = await sharedWith(100);
    const { bytes } = await sharedWith(600);
    const foretold = whatIf(sample, null, { ...NO_WISH, connections: 600 })!.wished.memory.shared!.bytes;
    expect(foretold / bytes).toBeGreaterThan(0.99);
    expect(foretold / bytes).toBeLessThan(1.1);
  });

  describe("the statements of the advice", () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await testServer(major, { max_connections: 50 });
    });
    afterAll(() => server?.stop());

    test("do what is said: some take a reload, max_connections a restart", async () => {
      const source = await sourceOf(server.url);
      const before = await source.read();
      const wish = { connections: 70, workMemBytes: 1536 * 1024, parallelWorkers: 3, poolSize: null };
      const { steps, refused } = whatIf(before, null, wish)!;
      expect(refused).toEqual([]);
      expect(steps.map(({ takes }) => takes)).toEqual([null, "reload", "reload", "restart"]);
      expect(steps.every(({ waits }) => !waits)).toBe(true);
      const admin = await client(server.url);
      for (const { statements } of steps) for (const statement of statements) await admin.query(statement);
      await admin.query("select pg_reload_conf()");
      await admin.end();
      source.close();
      // What was read with the settings is ten seconds old: another source reads it anew.
      const after = await eventually(
        "the reload has come to all",
        async () => {
          const fresh = await sourceOf(server.url);
          const sample = await fresh.read();
          fresh.close();
          return sample;
        },
        ({ server }) => server.tuning?.settings.some(({ pendingRestart }) => pendingRestart) === true,
      );
      expect(after.server.tuning).toMatchObject({ workMemBytes: 1536 * 1024, maxParallelWorkers: 3 });
      expect(after.server.settings.maxConnections).toBe(50);
      expect(whatIf(after, null, wish)!.steps.at(-1)).toMatchObject({ takes: "restart", waits: true });
    });
  });
});
