import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWalsender } from "../../src/commands/walsender-lane.ts";
import { conninfo } from "../../src/connection/conninfo.ts";
import { append, emptyHistory, lastSample } from "../../src/history/history.ts";
import type { ProcessIo, Workings } from "../../src/model/workings.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, withUser, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

describe.each([18, 17, 16, 12, 10])("what processes are at, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let session: pg.Client;
  let source: Source;

  beforeAll(async () => {
    server = await testServer(major, {
      ...{ archive_mode: "on", archive_command: "false", autovacuum: "off", max_connections: 20, max_wal_senders: 3 },
    });
    session = await client(server.url);
    await session.query("create role watcher login; create role monitor login in role pg_monitor");
    await session.query("create table written (n int, text text)");
    source = await sourceOf(server.url);
  });
  afterAll(async () => {
    source?.close();
    await session?.end();
    await server?.stop();
  });

  async function workings(from = source): Promise<Workings> {
    return (await from.read({ workings: true })).workings!;
  }

  async function fileWaits(): Promise<void> {
    await session.query("insert into written values (0); select pg_switch_wal()");
  }

  test("of a primary where nobody does anything there is nothing, and history keeps it of the latest sample alone", async () => {
    const first = await source.read({ workings: true });
    expect(first.workings).toMatchObject({
      ...{ standbys: [], receiver: "none", recovery: "none", subscriptions: [], progress: [] },
    });
    const second = await source.read({ workings: true });
    const history = append(append(emptyHistory(), first), second);
    const kept = history.entries.map(({ reading }) => reading.kind === "sample" && reading.workings !== null);
    expect(kept).toEqual([false, true]);
    expect(lastSample(history)!.workings).toBe(second.workings);
    expect((await source.read()).workings).toBeNull();
  });

  test("what types of process have read and written is the server's own count", async () => {
    await session.query("insert into written select n, repeat('x', 500) from generate_series(1, 2000) n");
    await session.query("checkpoint");
    const of = async (type: string): Promise<ProcessIo | undefined> =>
      (await workings()).io?.find((one) => one.backendType === type);
    if (major < 16) {
      expect((await workings()).io).toBeNull();
      return;
    }
    const bytes = major < 18 ? "op_bytes * writes" : "write_bytes";
    const counted = async () => {
      const { rows } = await session.query<Pick<ProcessIo, "writes" | "writtenBytes" | "fsyncs">>(
        `select sum(writes)::float8 as writes, sum(${bytes})::float8 as "writtenBytes", sum(fsyncs)::float8 as fsyncs
           from pg_stat_io where backend_type = 'checkpointer'`,
      );
      return rows[0]!;
    };
    // It tells a moment after the checkpoint has ended.
    const checkpointer = await eventually("written", counted, ({ writes }) => writes > 0);
    expect(await of("checkpointer")).toMatchObject(checkpointer);
    const before = (await of("client backend"))!;
    await session.query("insert into written select n, repeat('x', 500) from generate_series(1, 2000) n");
    const tell = async (): Promise<ProcessIo | undefined> => {
      await session.query("select");
      return of("client backend");
    };
    const after = await eventually("longer files", tell, (io) => io!.extends > before.extends);
    expect(after!.readBytes).toBeGreaterThanOrEqual(after!.reads * 8192);
  });

  test("WAL files that wait for the archiver are counted where our role may, from 12 on, anew when somebody looks again", async () => {
    const [watcher, monitor] = await Promise.all(
      ["watcher", "monitor"].map((role) => sourceOf(withUser(server.url, role))),
    );
    try {
      await fileWaits();
      const counted = async (from: Source): Promise<number | null> => {
        // Nobody looks: whoever does again waits for no ten seconds.
        await from.read();
        return (await workings(from)).walFilesToArchive;
      };
      const before = await counted(source);
      await fileWaits();
      await fileWaits();
      if (major < 12) expect([before, await counted(source), await counted(monitor!)]).toEqual([null, null, null]);
      else
        expect([before! > 0, await counted(source), await counted(monitor!)]).toEqual([true, before! + 2, before! + 2]);
      expect(await counted(watcher!)).toBeNull();
    } finally {
      watcher!.close();
      monitor!.close();
    }
  });

  test("a role without any rights is told what it may know, and never fails", async () => {
    const watcher = await sourceOf(withUser(server.url, "watcher"));
    try {
      for (let i = 0; i < 3; i++) {
        const told = await workings(watcher);
        expect(told).toMatchObject({
          standbys: [],
          receiver: "none",
          recovery: "none",
          walFilesToArchive: null,
          ioUnderWay: null,
        });
        expect(told.io === null).toBe(major < 16);
      }
    } finally {
      watcher.close();
    }
  });

  test("a right that is taken away meanwhile costs no sample", async () => {
    await session.query("grant pg_monitor to watcher");
    const watcher = await sourceOf(withUser(server.url, "watcher"));
    try {
      await watcher.read();
      expect((await workings(watcher)).walFilesToArchive === null).toBe(major < 12);
      await session.query("revoke pg_monitor from watcher");
      // For ten seconds at most we believe that we may.
      for (let i = 0; i < 3; i++) {
        await watcher.read();
        expect((await watcher.read({ workings: true })).backends.length).toBeGreaterThan(1);
      }
    } finally {
      watcher.close();
    }
  });

  test("by the walsender lane it is the same, with ourselves as one of the walsenders", async () => {
    const { source: lane } = await openWalsender(conninfo({ words: [server.url] }, {}), true);
    try {
      await lane.read({ workings: true });
      const sample = await lane.read({ workings: true });
      expect(sample.server.lane).toBe("walsender");
      expect(sample.counters!.archiver.currentWal).toMatch(/^00000001[0-9A-F]{16}$/);
      const { standbys, io, walFilesToArchive, ioUnderWay } = sample.workings!;
      expect(standbys).toEqual([
        {
          ...{ pid: sample.server.ownPid, state: "startup", syncState: "async", slotName: null },
          ...{ unsentBytes: null, unreplayedBytes: null, replaySeconds: null },
        },
      ]);
      expect([io === null, walFilesToArchive === null, ioUnderWay === null]).toEqual([
        major < 16,
        major < 12,
        major < 18,
      ]);
    } finally {
      lane.close();
    }
  });
});

test("reads that are under way asynchronously, on PostgreSQL 18, while the processes that do them stand still", async () => {
  const server = await testServer(18, { io_method: "worker", io_workers: 2, shared_buffers: "1MB", autovacuum: "off" });
  const session = await client(server.url);
  const source = await sourceOf(server.url);
  const { rows: workers } = await session.query<{ pid: number }>(
    "select pid from pg_stat_activity where backend_type = 'io worker'",
  );
  const signal = (name: NodeJS.Signals): void => workers.forEach(({ pid }) => process.kill(pid, name));
  try {
    await session.query("create table big as select n, repeat('x', 1000) as text from generate_series(1, 20000) n");
    await session.query("checkpoint");
    await source.read({ workings: true });
    expect((await source.read({ workings: true })).workings!.ioUnderWay).toBe(0);
    signal("SIGSTOP");
    const reading = session.query("select count(*) from big where text <> ''");
    await eventually(
      "one under way",
      async () => (await source.read({ workings: true })).workings!.ioUnderWay,
      (count) => count !== null && count > 0,
    );
    signal("SIGCONT");
    await reading;
    expect((await source.read({ workings: true })).workings!.ioUnderWay).toBe(0);
  } finally {
    signal("SIGCONT");
    source.close();
    await session.end();
    await server.stop();
  }
});
