import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findings } from "../../src/advice/index.ts";
import { AGES, statementsOf, type Ages, type Finding } from "../../src/advice/rule.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { append, emptyHistory, type History } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, withUser, type TestServer } from "../servers/server.ts";
import { standbyOf } from "../servers/standby.ts";
import { SECRET, sourceOf } from "./pgtriage.ts";

/** Not off, as nobody is to forget: only what a scenario is about is to be found. */
const SAFE = {
  ...{ idle_in_transaction_session_timeout: "1h", statement_timeout: "1h" },
  // Test servers are not, by themselves.
  ...{ fsync: "on", full_page_writes: "on" },
};
/** An archive that takes everything; one worker, who looks every second whether there is something to do. */
const BUSY = {
  archive_mode: "on",
  archive_command: "true",
  autovacuum_max_workers: 1,
  autovacuum_naptime: "1s",
  min_wal_size: "32MB",
  superuser_reserved_connections: 3,
};

describe.each([18, 13, 10])("on PostgreSQL %i", (major) => {
  let server: TestServer;
  let admin: pg.Client;

  beforeAll(async () => {
    server = await testServer(major, { ...SAFE, ...BUSY });
    admin = await client(server.url, { application_name: "admin" });
    await admin.query("create role watcher login; create table accounts as select generate_series(1, 1000) as id");
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });
  afterEach(async () => {
    await admin.query("alter system reset all");
    await admin.query("select pg_reload_conf()");
  });

  /** What is found after something was done between two samples. */
  async function found(
    ages: Partial<Ages> = {},
    { role = "postgres", during = async () => {} }: { role?: string; during?: (source: Source) => Promise<void> } = {},
  ): Promise<readonly Finding[]> {
    const source = await sourceOf(withUser(server.url, role));
    try {
      let history = append(emptyHistory(), await source.read({ workings: true }));
      await during(source);
      const sample = await source.read({ workings: true });
      history = append(history, sample);
      const at = { sample, history, thresholds: DEFAULT_THRESHOLDS, returned: [] };
      return findings({ ...at, ages: { ...AGES, serverStart: 0, restart: 0, ...ages } });
    } finally {
      source.close();
    }
  }

  const ids = (told: readonly Finding[]): string[] => told.map(({ id }) => id);

  async function set(name: string, value: string): Promise<void> {
    await admin.query(`alter system set ${name} = '${value.replaceAll("'", "''")}'`);
    await admin.query("select pg_reload_conf()");
  }

  /** Whatever is there to be pasted, one statement after the other. */
  async function paste({ next }: Finding): Promise<void> {
    for (const statement of next.flatMap(statementsOf)) await admin.query(statement);
  }

  async function holds(what: string, condition: string): Promise<void> {
    await eventually(
      what,
      async () => (await admin.query<{ so: boolean }>(`select coalesce((${condition}), false) as so`)).rows[0]!.so,
      (so) => so,
    );
  }

  test("all is well: WAL is archived, tables are vacuumed, and nothing is found", async () => {
    await admin.query("update accounts set id = id");
    await admin.query("select pg_switch_wal()");
    await holds("a file is archived", "select archived_count > 0 from pg_stat_archiver");
    expect(ids(await found())).toEqual([]);
  });

  test("archiver-failing: a command that fails, until it is put right", async () => {
    await set("archive_command", `echo ${SECRET} >&2; exit 3`);
    for (let i = 0; i < 3; i++) {
      await admin.query("update accounts set id = id");
      await admin.query("select pg_switch_wal()");
    }
    await holds("it has failed", "select last_failed_time > last_archived_time from pg_stat_archiver");
    const told = await found();
    expect(ids(told)).toEqual(["archiver-failing"]);
    const { rows } = await admin.query<{ file: string }>("select last_failed_wal as file from pg_stat_archiver");
    expect(told[0]).toMatchObject({
      severity: "warning",
      title: expect.stringMatching(
        new RegExp(`^archiving ${rows[0]!.file} fails, last [\\d.]+m?s ago: [2-6] files wait, \\d+ MB$`),
      ),
    });
    expect(told[0]!.sessions.map(({ backendType }) => backendType)).toEqual(major >= 14 ? ["archiver"] : []);
    expect(JSON.stringify(told)).not.toContain(SECRET);
    // Whoever sees no other session sees this all the same.
    expect(ids(await found({}, { role: "watcher" }))).toContain("archiver-failing");
    await paste(told[0]!);
    await set("archive_command", "true");
    await admin.query("select pg_switch_wal()");
    await holds("it archives again", "select last_archived_time > last_failed_time from pg_stat_archiver");
    expect(ids(await found())).toEqual([]);
  });

  test("archiver-failing: a command that hangs", async () => {
    await admin.query("update accounts set id = id");
    await admin.query("select pg_switch_wal()");
    await holds("a file is archived", "select archived_count > 0 from pg_stat_archiver");
    await set("archive_command", "sleep 8");
    for (let i = 0; i < 10; i++) {
      await admin.query("update accounts set id = id");
      await admin.query("select pg_switch_wal()");
    }
    await holds(
      "nothing for a while",
      "select clock_timestamp() - last_archived_time > interval '1 s' from pg_stat_archiver",
    );
    const told = await found({ archiveHangs: 1 });
    expect(ids(told)).toEqual(["archiver-failing"]);
    expect(told[0]!.title).toMatch(
      /^nothing has been archived for [\d.]+s, and nothing fails: (?:9|1\d) files wait, \d+ MB$/,
    );
    expect(ids(await found())).toEqual([]);
  });

  test("autovacuum-saturated: the only worker on a table that takes it long", async () => {
    await admin.query(`create table large with (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
      autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0) as select generate_series(1, 100000) as id`);
    await admin.query("delete from large where id % 2 = 0");
    const ofIt = "from pg_stat_activity where backend_type = 'autovacuum worker' and query like '%public.large%'";
    await eventually(
      "a worker is at it for a second",
      async () => (await admin.query(`select ${ofIt} and clock_timestamp() - backend_start > interval '1 s'`)).rowCount,
      (n) => n === 1,
      { withinMs: 30_000 },
    );
    const told = await found({ autovacuumBusy: 1 });
    expect(ids(told)).toEqual(["autovacuum-saturated"]);
    expect(told[0]!.title).toMatch(
      /^the only autovacuum worker has been at work for [\d.]+s: other tables wait for VACUUM$/,
    );
    expect(told[0]!.evidence[0]).toMatch(/^\d+: VACUUM (?:ANALYZE )?public\.large in postgres for [\d.]+m?s$/);
    expect(told[0]!.evidence[1]).toContain(`a pause of ${major === 10 ? "20ms" : "2ms"}`);
    expect(ids(await found())).toEqual([]);
    expect(ids(await found({ autovacuumBusy: 1 }, { role: "watcher" }))).toEqual(["hidden-backends"]);
    await paste(told[0]!);
    await admin.query("drop table large");
  });

  test("durability-off: until it is switched on again", async () => {
    for (const name of ["fsync", "full_page_writes"]) await set(name, "off");
    for (const name of ["zero_damaged_pages", "ignore_checksum_failure"]) await set(name, "on");
    const told = await eventually("all four", found, (told) => told.length === 4);
    expect(ids(told)).toEqual(Array.from({ length: 4 }, () => "durability-off"));
    expect(told.map(({ about, title }) => title.startsWith(`${about} is `))).toEqual([true, true, true, true]);
    // Whoever sees no other session sees this all the same.
    expect(ids(await found({}, { role: "watcher" }))).toContain("durability-off");
    for (const one of told) await paste(one);
    await eventually("nothing any more", found, (told) => told.length === 0);
  });

  test("checkpoints-forced: more WAL than max_wal_size has room for", async () => {
    await set("max_wal_size", "64MB");
    const told = await found({}, { during: (source) => writeWal(source, 4) });
    expect(ids(told)).toEqual(["checkpoints-forced"]);
    expect(told[0]!.severity).toBe("warning");
    expect(told[0]!.title).toMatch(/^\d+ checkpoints in \d+ s were forced by max_wal_size = 64 MB, none came by time$/);
    expect(told[0]!.next[0]!.sql).toMatch(/^ALTER SYSTEM SET max_wal_size = '\d+GB';$/);
    await paste(told[0]!);
    await holds("it has more room", "select current_setting('max_wal_size') like '%GB'");
  });

  /** Until so many checkpoints have been requested. */
  async function writeWal(source: Source, checkpoints: number): Promise<void> {
    const requested = async () => (await source.read({ workings: true })).counters!.checkpoints.requested;
    const begun = await requested();
    await eventually(
      "checkpoints come",
      async () => {
        await admin.query(
          "select count(pg_logical_emit_message(false, 'x', repeat('x', 1000000))) from generate_series(1, 20)",
        );
        return (await requested()) - begun;
      },
      (n) => n >= checkpoints,
      { withinMs: 40_000 },
    );
  }

  test("checkpoints-forced: those that somebody asks for are none", async () => {
    const ask = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        await admin.query("update accounts set id = id");
        await admin.query("checkpoint");
      }
    };
    expect(ids(await found({}, { during: ask }))).toEqual([]);
  });

  test("pending-restart: what it runs with, and what it takes back", async () => {
    await set("max_connections", "77");
    await set("superuser_reserved_connections", "4");
    await holds("two that wait", "select count(*) = 2 from pg_settings where pending_restart");
    const told = await found();
    expect(ids(told)).toEqual(["pending-restart"]);
    expect(told[0]).toMatchObject({
      severity: "info",
      title: "2 settings wait for a restart: max_connections and superuser_reserved_connections",
      evidence: expect.arrayContaining(["max_connections runs with 100", "superuser_reserved_connections runs with 3"]),
    });
    const { rows } = await admin.query<{ name: string; setting: string }>(told[0]!.next[0]!.sql!);
    expect(rows.map(({ name, setting }) => [name, setting])).toEqual(
      expect.arrayContaining([
        ["max_connections", "77"],
        ["superuser_reserved_connections", "4"],
      ]),
    );
    await paste(told[0]!);
    await holds("the other one", "select count(*) = 1 from pg_settings where pending_restart");
    const again = await found();
    await paste(again[0]!);
    await holds("none waits", "select count(*) = 0 from pg_settings where pending_restart");
    expect(ids(await found())).toEqual([]);
  });

  test.each(["autovacuum", "track_counts"])(
    "autovacuum-off: %s switched off, until it is on as advised",
    async (name) => {
      await set(name, "off");
      await holds("it is off for new sessions", `select reset_val = 'off' from pg_settings where name = '${name}'`);
      const told = await found();
      expect(ids(told)).toEqual(["autovacuum-off"]);
      expect(told[0]!.title).toMatch(new RegExp(`^${name} is off.* 200M old$`));
      expect(told[0]!.evidence[0]).toBe(`${name} = off comes from: configuration file`);
      await paste(told[0]!);
      await holds("it is on", `select reset_val = 'on' from pg_settings where name = '${name}'`);
      expect(ids(await found())).toEqual([]);
    },
  );
});

test.each([18, 10])("a server keeps the mark of what is in no file any more, on PostgreSQL %i", async (major) => {
  const server = await testServer(major);
  const admin = await client(server.url);
  try {
    const reload = async (statement: string, lines: number): Promise<void> => {
      await admin.query(statement);
      await admin.query("select pg_reload_conf()");
      await eventually(
        "the session has read it",
        async () => (await admin.query("select from pg_file_settings where name = 'max_wal_senders'")).rowCount,
        (n) => n === lines,
      );
    };
    await reload("alter system set max_wal_senders = 11", 1);
    await reload("alter system reset max_wal_senders", 0);
    await reload("select 1", 0);
    const source = await sourceOf(server.url);
    const { tuning } = (await source.read()).server;
    source.close();
    const setting = tuning!.settings.find(({ name }) => name === "max_wal_senders");
    expect(setting).toMatchObject({ value: "10", source: "default", pendingRestart: true });
  } finally {
    await admin.end();
    await server.stop();
  }
});

describe("absent-process:", () => {
  async function samples(source: Source, enough: (history: History) => boolean): Promise<readonly Finding[]> {
    let history = emptyHistory();
    const at = await eventually(
      "seen for long enough",
      async () => {
        const sample = await source.read();
        history = append(history, sample);
        return { sample, history };
      },
      ({ history }) => enough(history),
      { withinMs: 30_000, everyMs: 200 },
    );
    const ages = { ...AGES, serverStart: 0, restart: 0, processAbsent: 1 };
    return findings({ ...at, thresholds: DEFAULT_THRESHOLDS, returned: [], ages });
  }

  const ofKind = (kind: string, { backends }: Sample) => backends.filter(({ backendType }) => backendType === kind);

  /** Seen once, and then not for so long. */
  function goneFor(kind: string, seconds: number): (history: History) => boolean {
    return ({ entries }) => {
      const seen = entries.flatMap(({ reading }) => (reading.kind === "sample" ? [reading] : []));
      const last = seen.findLast((sample) => ofKind(kind, sample).length > 0);
      return last !== undefined && seen.at(-1)!.serverSeconds - last.serverSeconds > seconds;
    };
  }

  test.each([18, 13, 10])("a standby that has lost its primary, on PostgreSQL %i", async (major) => {
    const primary = await testServer(major, SAFE);
    const standby = await standbyOf(primary, major);
    const source = await sourceOf(standby.url);
    try {
      await eventually(
        "it streams",
        () => source.read(),
        (sample) => ofKind("walreceiver", sample).length === 1,
      );
      let stopped: Promise<void> | null = null;
      const told = await samples(source, (history) => {
        stopped ??= primary.stop();
        return goneFor("walreceiver", 1.5)(history);
      });
      expect(told.map(({ id, about }) => [id, about])).toEqual([["absent-process", "walreceiver"]]);
      expect(told[0]!.title).toMatch(/^no walreceiver for [\d.]+s, although this is a standby: it gets no WAL$/);
      const session = await client(standby.url);
      for (const { sql } of told[0]!.next) if (sql !== undefined) await session.query(sql);
      await session.end();
    } finally {
      source.close();
      await standby.stop();
      await primary.stop();
    }
  });

  test.each([18, 13, 10])(
    "a launcher that somebody ends is back before it is missed, on PostgreSQL %i",
    async (major) => {
      const server = await testServer(major, SAFE);
      const admin = await client(server.url);
      const source = await sourceOf(server.url);
      try {
        const launcher = "from pg_stat_activity where backend_type = 'autovacuum launcher'";
        let ended = false;
        const told = await samples(source, ({ entries }) => {
          const { reading } = entries.at(-1)!;
          if (reading.kind === "gap" || ofKind("autovacuum launcher", reading).length === 0) return false;
          if (!ended) void admin.query(`select pg_terminate_backend(pid) ${launcher}`);
          ended = true;
          return entries.length > 5;
        });
        expect(told).toEqual([]);
      } finally {
        source.close();
        await admin.end();
        await server.stop();
      }
    },
  );
});
