import { readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Counters } from "../../src/model/counters.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, withUser, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

describe.each([18, 17, 16, 13, 10])("what PostgreSQL %i counts", (major) => {
  let server: TestServer;
  let session: pg.Client;
  let source: Source;

  beforeAll(async () => {
    server = await testServer(major, {
      ...{ archive_mode: "on", archive_command: "false", checkpoint_timeout: "1h", autovacuum: "off" },
      ...{ shared_buffers: "1MB", bgwriter_lru_maxpages: 0, max_connections: 20 },
    });
    session = await client(server.url);
    await session.query("create role watcher login; create table filled (n int, text text)");
    source = await sourceOf(server.url);
  });
  afterAll(async () => {
    source?.close();
    await session?.end();
    await server?.stop();
  });

  /** Counters that are not ten seconds old, and never older than those before. */
  async function now(): Promise<Counters> {
    return (await source.read({ workings: true })).counters!;
  }

  /** A session tells what it has counted when it has ended a statement, and seldom twice in a second. */
  function counted(what: string, holds: (counters: Counters) => boolean): Promise<Counters> {
    const told = async (): Promise<Counters> => {
      await session.query("select");
      return now();
    };
    return eventually(what, told, holds);
  }

  async function position(): Promise<number> {
    const { rows } = await session.query<{ bytes: string }>(
      "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bytes",
    );
    return Number(rows[0]!.bytes);
  }

  /** Where the file ends that was written until now. */
  async function switched(): Promise<number> {
    await session.query("insert into filled values (0, 'so that there is something to switch from')");
    const { rows } = await session.query<{ bytes: string }>("select pg_wal_lsn_diff(pg_switch_wal(), '0/0') as bytes");
    return Math.ceil(Number(rows[0]!.bytes) / SEGMENT_BYTES) * SEGMENT_BYTES;
  }

  async function archiveBy(command: string): Promise<void> {
    await session.query(`alter system set archive_command = '${command}'`);
    await session.query("select pg_reload_conf()");
  }

  test("a first picture does not wait for them; the next sample has them, and those after it the same object", async () => {
    const other = await sourceOf(server.url);
    try {
      expect((await other.read({ brief: true, workings: true })).counters).toBeNull();
      const samples = [await other.read(), await other.read(), await other.read()] as const;
      const [first, second] = samples;
      expect(first.counters).not.toBeNull();
      expect(second.counters).toBe(first.counters);
      const alone = append(emptyHistory(), first);
      const three = append(append(alone, second), samples[2]);
      const kept = three.entries.map(({ reading }) => (reading.kind === "sample" ? reading.counters : null));
      expect(new Set(kept)).toEqual(new Set([first.counters]));
      expect(three.entries.map(({ ownBytes }) => ownBytes > 0)).toEqual([true, false, false]);
    } finally {
      other.close();
    }
  });

  test("while somebody looks at the processes they are read each time, by the server's clock", async () => {
    const before = await now();
    const sample = await source.read({ workings: true });
    expect(sample.counters!.atSeconds).toBeGreaterThan(before.atSeconds);
    expect(Math.abs(sample.counters!.atSeconds - sample.serverSeconds)).toBeLessThan(5);
    expect((await source.read()).counters).toBe(sample.counters);
  });

  test("a CHECKPOINT is one that was requested, with what it has written", async () => {
    await session.query("insert into filled select n, 'x' from generate_series(1, 1000) n");
    const { checkpoints: before } = await now();
    await session.query("checkpoint");
    const { checkpoints: after } = await counted("it", ({ checkpoints }) => checkpoints.requested > before.requested);
    expect(after.requested).toBe(before.requested + 1);
    expect(after.timed).toBe(before.timed);
    expect(after.done).toBe(major < 18 ? null : before.done! + 1);
    const written = (await counted("its buffers", ({ checkpoints }) => checkpoints.buffers > before.buffers))
      .checkpoints;
    expect(written.writeMs).toBeGreaterThanOrEqual(before.writeMs);
    expect(written.syncMs).toBeGreaterThanOrEqual(0);
    expect(written).toMatchObject({ restartpoints: null, resetSeconds: expect.any(Number) });
  });

  test("WAL grows with what is written", async () => {
    const low = await position();
    const before = (await now()).walBytes!;
    const between = await position();
    await session.query("insert into filled select n, repeat('x', 100) from generate_series(1, 5000) n");
    const after = (await now()).walBytes!;
    expect([low <= before, before <= between]).toEqual([true, true]);
    expect(after - between).toBeGreaterThan(500_000);
  });

  test("sessions write buffers themselves where the background writer does nothing", async () => {
    const { buffers: before } = await now();
    await session.query("insert into filled select n, repeat('x', 1000) from generate_series(1, 20000) n");
    await session.query("update filled set n = n + 1");
    const { buffers } = await counted("theirs", (told) => told.buffers.sessions! > before.sessions! + 500);
    expect(buffers.allocated).toBeGreaterThan(before.allocated);
    expect(buffers.backgroundWriter).toBe(before.backgroundWriter);
    expect(buffers.backgroundWriterStopped).toBe(before.backgroundWriterStopped);
  });

  test("a sort that does not fit into work_mem goes to temporary files", async () => {
    const { temporary: before } = await now();
    await session.query("set work_mem = '64kB'");
    await session.query("select count(*) from (select n from generate_series(1, 200000) n order by n desc offset 1) s");
    await session.query("reset work_mem");
    const { temporary } = await counted("a file", (told) => told.temporary.files > before.files);
    expect(temporary.bytes - before.bytes).toBeGreaterThan(200_000);
  });

  test("an archive_command that fails is counted, and how far behind the archive is is not known before its first file", async () => {
    await switched();
    const { archiver } = await counted("a failure", (told) => told.archiver.failed > 0);
    expect(archiver).toMatchObject({
      archived: 0,
      lastArchivedWal: null,
      lastArchivedSeconds: null,
      behindBytes: null,
    });
    expect(archiver.lastFailedWal).toBe("000000010000000000000001");
    const { serverSeconds } = await source.read();
    expect(Math.abs(serverSeconds - archiver.lastFailedSeconds!)).toBeLessThan(30);
    expect(archiver.currentWal).toMatch(/^00000001[0-9A-F]{16}$/);
  });

  test("one that works archives; what comes after the last file is what the archive is behind by", async () => {
    await archiveBy("true");
    const end = await switched();
    const told = await counted(
      "all of them",
      ({ archiver }) => archiver.behindBytes !== null && archiver.behindBytes < SEGMENT_BYTES,
    );
    expect(told.archiver.behindBytes).toBe(told.walBytes! - end);
    expect(told.archiver.archived).toBeGreaterThan(0);
    expect(told.archiver.lastArchivedSeconds! - told.archiver.lastFailedSeconds!).toBeGreaterThan(0);

    await archiveBy("false");
    await switched();
    const twoLater = await switched();
    const { archiver, walBytes } = await counted("behind", (later) => later.archiver.failed > told.archiver.failed);
    expect(archiver.lastArchivedWal).toBe(told.archiver.lastArchivedWal);
    expect(archiver.behindBytes).toBe(walBytes! - end);
    expect(archiver.behindBytes).toBeGreaterThanOrEqual(twoLater - end);
  });

  test("a role without any rights gets the same", async () => {
    const theirs = await sourceOf(withUser(server.url, "watcher"));
    try {
      const same = async () => {
        const [ours, others] = [await now(), (await theirs.read({ workings: true })).counters!];
        return { ours: { ...ours, atSeconds: 0, walBytes: 0 }, others: { ...others, atSeconds: 0, walBytes: 0 } };
      };
      const told = await eventually(
        "the same",
        same,
        ({ ours, others }) => JSON.stringify(ours) === JSON.stringify(others),
      );
      expect(told.others.archiver.lastArchivedWal).not.toBeNull();
    } finally {
      theirs.close();
    }
  });

  test("where a view was taken from everybody there are none of them, and the rest of the sample is there", async () => {
    await session.query("revoke select on pg_stat_archiver from public");
    const refused = await sourceOf(withUser(server.url, "watcher"));
    try {
      for (let i = 0; i < 3; i++) {
        const sample = await refused.read({ workings: true });
        expect(sample).toMatchObject({ counters: null, workings: { standbys: [] }, server: { user: "watcher" } });
        expect(sample.backends.length).toBeGreaterThan(1);
      }
      expect((await refused.read()).server.tuning).not.toBeNull();
    } finally {
      refused.close();
      await session.query("grant select on pg_stat_archiver to public");
    }
  });

  test("a subscription that is being dropped does not keep them from us", async () => {
    const looking = await sourceOf(server.url);
    await session.query("begin; lock table pg_catalog.pg_subscription in access exclusive mode");
    try {
      const sample = await looking.read({ workings: true });
      expect(sample.workings).toMatchObject({ standbys: [], subscriptions: null });
      expect(sample.counters?.archiver).toMatchObject({ failed: expect.any(Number) as number });
    } finally {
      looking.close();
      await session.query("rollback");
    }
  });
});

test("a collector of statistics that hangs, before 15, does not take the samples with it", async () => {
  const server = await testServer(13);
  const collector = childTitled(server, "stats collector");
  const source = await sourceOf(server.url);
  try {
    const before = await source.read();
    expect(before.counters).not.toBeNull();
    process.kill(collector, "SIGSTOP");
    // What it has written in the last half second is new enough.
    const sample = await eventually(
      "without what it does not tell",
      () => source.read({ workings: true }),
      ({ counters }) => counters === null,
    );
    expect(sample.refused).not.toEqual([]);
    expect(new Set(sample.refused.map(({ sqlstate }) => sqlstate))).toEqual(new Set(["57014"]));
    expect(sample.workings).toMatchObject({ standbys: null, recovery: null, subscriptions: null, progress: null });
    expect(sample.backends.length).toBeGreaterThan(1);
    // Nobody waits for it a second time.
    expect((await source.read({ workings: true })).counters).toBeNull();
    const log = readFileSync(path.join(server.dataDir, "..", "log"), "utf8");
    expect(log.match(/canceling statement due to statement timeout/g)).toHaveLength(1);
  } finally {
    process.kill(collector, "SIGCONT");
    source.close();
    await server.stop();
  }
});

const SEGMENT_BYTES = 2 ** 24;

/** The postmaster's child with this in its title. */
function childTitled({ dataDir }: TestServer, title: string): number {
  const postmaster = readFileSync(`${dataDir}/postmaster.pid`, "utf8").split("\n")[0]!;
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, "utf8").trim().split(" ");
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(title));
  if (found === undefined) throw new Error(`no child of ${postmaster} is called ${title}`);
  return Number(found);
}
