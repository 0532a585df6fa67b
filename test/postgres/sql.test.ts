import { readFileSync } from "node:fs";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bind, fileFor, hasFile, statement, statementFiles, type StatementName } from "../../src/source/statement.ts";
import { client, pidOf, testServer, type TestServer } from "../servers/server.ts";

/** The columns by their names, in the order in which decode.ts reads them. */
const COLUMNS: Readonly<Record<StatementName, readonly string[]>> = {
  activity: [
    ...["pid", "backend_start", "backend_start_seconds", "backend_type", "usename", "datname", "application_name"],
    ...["client_addr", "client_port", "state", "wait_event_type", "wait_event", "xact_start_seconds"],
    ...["query_start_seconds", "state_change_seconds", "backend_xid", "backend_xmin", "leader_pid", "query_id"],
    ...["blocked_by", "query"],
  ],
  ages: ["name", "xids", "multixacts"],
  clock: ["server_seconds", "next_xid", "pids"],
  cost: ["busy_seconds"],
  counters: [
    ...["at_seconds", "checkpoints_timed", "checkpoints_requested", "checkpoints_done", "checkpoint_write_ms"],
    ...["checkpoint_sync_ms", "checkpoint_buffers", "restartpoints_timed", "restartpoints_requested"],
    ...["restartpoints_done", "checkpoint_reset_seconds", "buffers_clean", "maxwritten_clean", "buffers_sessions"],
    ...["buffers_alloc", "buffers_reset_seconds", "wal_bytes", "current_wal", "wal_segment_bytes", "archiving"],
    ...["archived_count", "last_archived_wal", "last_archived_seconds", "failed_count", "last_failed_wal"],
    ...["last_failed_seconds", "archiver_reset_seconds", "temp_files", "temp_bytes"],
  ],
  "dead-tuples": [
    ...["nspname", "relname", "relation", "toast", "live", "dead", "vacuum_seconds", "autovacuum_seconds"],
  ],
  encodings: ["name", "encoding"],
  holdings: ["locks", "relations", "granted", "datname", "nspname", "relname", "relation", "mode"],
  holdouts: [
    ...["kind", "name", "owner", "database", "xid", "xmin", "catalog_xmin", "since_seconds", "active", "active_pid"],
    "retained_bytes",
  ],
  io: ["backend_type", "reads", "writes", "extends", "fsyncs", "read_bytes", "written_bytes"],
  "io-under-way": ["under_way"],
  limits: ["kind", "name", "connection_limit"],
  overrides: ["database", "role", "name", "value"],
  places: ["used", "max"],
  prepared: ["gid", "owner", "database", "prepared_seconds"],
  progress: ["command", "pid", "datname", "nspname", "relname", "relation", "index_phase", "params"],
  query: ["query_start_seconds", "query"],
  queues: [
    ...["locktype", "mode", "datname", "nspname", "relname", "relation", "page", "tuple", "virtualxid", "xid"],
    ...["classid", "objid", "objsubid", "pids", "since", "prepared"],
  ],
  recovery: [
    ...["unreplayed_bytes", "last_replayed_seconds", "paused", "receiver_pid", "status", "sender_host", "sender_port"],
    ...["slot_name", "last_message_seconds"],
  ],
  roles: ["name", "superuser", "ours"],
  server: [
    ...["version", "version_num", "standby", "database", "user_name", "own_pid", "started_seconds", "max_connections"],
    ...["superuser_reserved", "reserved", "max_wal_senders", "track_activities", "query_text_bytes", "superuser"],
    ...["read_all_stats", "signal_backend", "server_encoding", "signal_autovacuum_worker", "use_reserved_connections"],
    ...["lists_archive_status", "gets_aios"],
  ],
  session: [],
  signal: ["n", "pid", "backend_start", "verdict", "state", "server_seconds"],
  standbys: ["pid", "state", "sync_state", "slot_name", "unsent_bytes", "unreplayed_bytes", "replay_seconds"],
  subscriptions: ["pid", "subscription", "datname", "nspname", "relname", "relation", "last_message_seconds"],
  "to-archive": ["files"],
  tuning: ["name", "reset_val", "unit", "boot_val", "source", "context", "pending_restart"],
};

const MAJORS = [18, 17, 15, 13, 12, 10];
const NAMES = Object.keys(COLUMNS) as StatementName[];
const namesOf = (major: number): StatementName[] => NAMES.filter((name) => hasFile(name, major));

test("there is no SQL file that no supported major runs", () => {
  const used = [10, 11, 12, 13, 14, 15, 16, 17, 18].flatMap((major) =>
    namesOf(major).map((name) => fileFor(name, major)),
  );
  expect([...new Set(used)].sort()).toEqual([...statementFiles()].sort());
});

test("what only later majors tell is not asked of earlier ones", () => {
  const missing = (major: number): StatementName[] => NAMES.filter((name) => !hasFile(name, major));
  expect([10, 12, 16, 18].map(missing)).toEqual([
    ["io", "io-under-way", "to-archive"],
    ["io", "io-under-way"],
    ["io-under-way"],
    [],
  ]);
});

test("the forms of each statement that there are all run in this file", () => {
  const here = new Set(MAJORS.flatMap((major) => namesOf(major).map((name) => fileFor(name, major))));
  expect([...here].sort()).toEqual([...statementFiles()].sort());
});

test("what every file begins with is a comment that says for which majors it is", () => {
  for (const file of statementFiles()) expect(text(file), file).toMatch(/^-- PostgreSQL 1\d( to 1\d| and later)?[.:]/);
});

describe.each(MAJORS)("on PostgreSQL %i", (major) => {
  let server: TestServer;
  let session: pg.Client;
  let values: Readonly<Record<StatementName, readonly (string | number | null)[]>>;

  beforeAll(async () => {
    server = await testServer(major);
    session = await client(server.url);
    const { rows } = await session.query<{ start: string }>(
      "select backend_start::text as start from pg_stat_activity where pid = pg_backend_pid()",
    );
    const query = [await pidOf(session), rows[0]!.start];
    values = {
      ...{ ages: [], clock: [], cost: [], encodings: [], holdouts: [], limits: [], overrides: [], places: [] },
      ...{ queues: [100], "dead-tuples": [], roles: [], server: [], session: [], tuning: [] },
      ...{ counters: [], io: [], "io-under-way": [], progress: [], recovery: [], standbys: [], subscriptions: [] },
      "to-archive": [],
      ...{ query, holdings: query, prepared: query },
      activity: [300, null, 100, 16],
      signal: [JSON.stringify([{ n: 0, pid: query[0], backend_start: query[1] }]), "terminate", 2e10],
    };
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  test.each(namesOf(major))("%s has the columns that are read from it", async (name) => {
    const { fields } = last(await session.query(bind(statement(name, major), values[name])));
    expect(fields.map((field) => field.name)).toEqual(COLUMNS[name]);
  });

  test.each(namesOf(major))("%s can be pasted into psql as the file has it, comments and all", async (name) => {
    await session.query(`${bind(text(fileFor(name, major)), values[name])};`);
  });

  test("a row of ours is found by pid and backend_start as text, and by nothing else", async () => {
    const [pid, start] = values.query as [number, string];
    const found = async (...who: [number, string]): Promise<number | null> =>
      last(await session.query(bind(statement("query", major), who))).rowCount;
    expect(await found(pid, start)).toBe(1);
    expect(await found(pid, "2001-01-01 00:00:00.000001+00")).toBe(0);
    expect(await found(pid + 1, start)).toBe(0);
  });

  test("our own session is given its time-outs and speaks UTC", async () => {
    await session.query(statement("session", major));
    const { rows } = await session.query(
      `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
              current_setting('idle_in_transaction_session_timeout') as idle, current_setting('timezone') as zone,
              current_setting('extra_float_digits') as digits,
              current_setting('tcp_keepalives_idle') as keepalive, current_setting('tcp_keepalives_interval') as again`,
    );
    // On a Unix socket there is nothing to ask: 0.
    const asked = session.host.startsWith("/") ? { keepalive: "0", again: "0" } : { keepalive: "15", again: "5" };
    expect(rows).toEqual([{ statement: "5s", lock: "1s", idle: "10s", zone: "UTC", digits: "3", ...asked }]);
  });

  test.each(["it's", "back\\slash", "\\'; select 1 --", "$1", "ü 日本"])(
    "the literal %j arrives as it is",
    async (value) => {
      for (const setting of ["on", "off"]) {
        await session.query(`set standard_conforming_strings = ${setting}`);
        expect((await session.query(bind("select $1 as same", [value]))).rows).toEqual([{ same: value }]);
      }
      await session.query("reset standard_conforming_strings");
    },
  );
});

function text(file: string): string {
  return readFileSync(new URL(`../../src/source/sql/${file}`, import.meta.url), "utf8");
}

/** Several statements answer with several results, which the driver's types do not know. */
function last(result: pg.QueryResult | pg.QueryResult[]): pg.QueryResult {
  return Array.isArray(result) ? result.at(-1)! : result;
}
