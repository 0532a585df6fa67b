import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingProcesses, processTree, type ProcessNode } from "../../src/analysis/process-tree.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import { processesBelow } from "../../src/panels/processes.ts";
import { phrase } from "../../src/panels/vital.ts";
import { vitalSign } from "../../src/panels/vital-signs.ts";
import { childrenOf, commandLine, statOf } from "../../src/source/host/processes.ts";
import { titleText } from "../../src/source/host/title.ts";
import type { Source } from "../../src/source/postgres.ts";
import { processRows } from "../../src/state/process-rows.ts";
import { knownWait, waitWords } from "../../src/text/wait-words.ts";
import { processPurpose } from "../../src/text/process-words.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, type TestServer } from "../servers/server.ts";
import { standbyOf, type Standby } from "../servers/standby.ts";
import { ASKED, ASKS_ONE_ROLE, hostLane, mumbler } from "./host-lane.ts";
import { sourceOf, there as given } from "./pgtriage.ts";

/** With how far it is, where that is told already. */
const SWEEPS = /^VACUUM (?:\d+ % )?swept, /;

const MAJORS = [10, 11, 12, 13, 14, 15, 16, 17, 18];
const CLOSE_LOOK = { workings: true, usage: true } as const;

/** All that can be switched on at the start, an archive that fails among it. */
function everything(major: number): Record<string, string | number> {
  return {
    ...{ wal_level: "logical", max_wal_senders: 8, max_replication_slots: 8, autovacuum_naptime: "1s" },
    ...{ archive_mode: "on", archive_command: "false", logging_collector: "on", fsync: "off" },
    ...(major >= 17 && { summarize_wal: "on" }),
    // It stands before the words of every title.
    ...(major % 2 === 1 && { cluster_name: "pr od: x" }),
  };
}

function read(source: Source): Promise<Sample> {
  return source.read(CLOSE_LOOK);
}

function elsewhere(sample: Sample): Sample {
  return { ...sample, usage: null };
}

function nodesOf(sample: Sample, kind: string): readonly ProcessNode[] {
  return processTree(sample).filter((node) => node.kind === kind);
}

function short(node: ProcessNode, sample: Sample, ...before: readonly Sample[]): string {
  return phrase(vitalSign(node, sample, [...before, sample].reduce(append, emptyHistory())));
}

/** In the pane, on a screen that has room for it. */
function about(node: ProcessNode, sample: Sample): string {
  const row = processRows(sample).find(({ key }) => key === node.key)!;
  const lines = processesBelow(row, sample, append(emptyHistory(), sample), 400, 40);
  return lines.map(({ spans }) => spans.map(({ text }) => text).join("")).join("\n");
}

/** What stands behind "postgres: " in the title of each child of the postmaster, by pid. */
async function titles(url: string): Promise<ReadonlyMap<number, string>> {
  const session = await client(url);
  const postmaster = statOf(await pidOf(session))!.parent;
  await session.end();
  const all = childrenOf(postmaster).map((pid) => [pid, titleText(commandLine(pid) ?? Buffer.alloc(0))] as const);
  return new Map(all.map(([pid, title]) => [pid, title.replace(/^postgres: /, "").trim()]));
}

/** Processes of the machine that no node of the tree accounts for; sessions are counted there and not listed. */
function unaccounted(sample: Sample, found: ReadonlyMap<number, string>): string[] {
  const nodes = processTree(sample);
  const shown = new Set(nodes.map(({ pid }) => pid));
  const clients = new Set(
    sample.backends.filter(({ backendType }) => backendType === "client backend").map(({ pid }) => pid),
  );
  const unseen = nodes.flatMap(({ kind, unseen }) => (unseen === null ? [] : kind!));
  return [...found].flatMap(([pid, title]) =>
    shown.has(pid) || clients.has(pid) || unseen.some((kind) => title.includes(kind)) ? [] : title,
  );
}

describe.each(MAJORS)("the processes of PostgreSQL %i", (major) => {
  let server: TestServer;
  let standby: Standby;
  const sources: Source[] = [];

  async function opened(url: string): Promise<Source> {
    const source = await sourceOf(url);
    sources.push(source);
    return source;
  }

  beforeAll(async () => {
    server = await testServer(major, everything(major));
    standby = await standbyOf(server, major);
  }, 60_000);
  afterAll(async () => {
    for (const source of sources) source.close();
    await standby?.stop();
    await server?.stop();
  });

  /** Those that come and go (autovacuum workers, a session that asks) are there in one reading and not in the other. */
  async function allShown(url: string, source: Source, as: (sample: Sample) => Sample): Promise<Sample> {
    const { sample } = await eventually(
      "every process is in the tree",
      async () => {
        const found = await titles(url);
        const sample = as(await read(source));
        return { missing: unaccounted(sample, found), sample };
      },
      ({ missing }) => missing.length === 0,
    );
    return sample;
  }

  const of = { primary: () => server.url, standby: () => standby.url };

  test.each(["primary", "standby"] as const)(
    "of a %s: each one that the machine shows is in the tree",
    async (which) => {
      const sample = await allShown(of[which](), await opened(of[which]()), (one) => one);
      expect(sample.usage).not.toBeNull();
      expect(nodesOf(sample, "logger")).toMatchObject([{ unseen: null, pid: expect.any(Number) }]);
      expect(nodesOf(sample, "stats collector")).toHaveLength(major < 15 ? 1 : 0);
      expect(nodesOf(sample, "walsummarizer")).toHaveLength(major < 17 ? 0 : 1);
      expect(nodesOf(sample, "io worker")).toHaveLength(major < 18 ? 0 : 3);
      expect(processTree(sample)[0]).toMatchObject({ kind: "postmaster", pid: expect.any(Number) });
      expect(missingProcesses(sample)).toEqual([]);
    },
  );

  test.each(["primary", "standby"] as const)(
    "of a %s elsewhere: in the tree, or named as unseen with the reason",
    async (which) => {
      const sample = await allShown(of[which](), await opened(of[which]()), elsewhere);
      const unseen = processTree(sample).flatMap(({ kind, unseen }) => (unseen === null ? [] : `${kind}: ${unseen}`));
      const archiver =
        major < 14 && which === "primary"
          ? ["archiver: SQL does not show it before 14; it is on (archive_mode = on)"]
          : [];
      expect(unseen).toEqual([
        "postmaster: SQL does not show it",
        ...archiver,
        "logger: SQL shows none; it is on (logging_collector = on)",
        ...(major < 15 ? ["stats collector: SQL does not show it; up to 14 there always is one"] : []),
      ]);
      expect(missingProcesses(sample)).toEqual([]);
    },
  );

  test("without SQL, by their titles", async () => {
    const source = await hostLane(server);
    sources.push(source);
    const sample = await allShown(server.url, source, (one) => one);
    expect(nodesOf(sample, "logger")).toHaveLength(1);
    expect(nodesOf(sample, "logical replication launcher")).toHaveLength(1);
    for (const node of processTree(sample)) expect(short(node, sample)).not.toBe("unknown: not read yet");
  });

  test("each has words for what it is for, and for what it waits", async () => {
    for (const url of [server.url, standby.url]) {
      const sample = elsewhere(await read(await opened(url)));
      for (const { kind, backend } of processTree(sample)) {
        expect(processPurpose(kind), String(kind)).not.toContain("extension or an application");
        const { waitEventType: type, waitEvent: event } = backend ?? { waitEventType: null, waitEvent: null };
        if (type !== null) expect(knownWait(type, event!), `${type} ${event}`).not.toBeNull();
      }
    }
  });

  test("each has a vital sign or the reason why it is unknown", async () => {
    for (const url of [server.url, standby.url]) {
      const source = await opened(url);
      const before = await read(source);
      const sample = await read(source);
      for (const node of processTree(sample)) {
        const sign = vitalSign(node, sample, [before, sample].reduce(append, emptyHistory()));
        expect(sign.short, node.key).not.toMatch(/undefined|NaN|null|unknown: not read yet/);
        expect(about(node, sample), node.key).not.toMatch(/undefined|NaN|\bnull\b/);
      }
    }
  });

  test("an archive that fails: since when, and on which file", async () => {
    const session = await client(server.url);
    await session.query("create table archived as select 1; select pg_switch_wal()");
    const source = await opened(server.url);
    const sample = await eventually(
      "a failure",
      () => read(source),
      ({ counters }) => (counters?.archiver.failed ?? 0) > 0,
    );
    const { rows } = await session.query<{ file: string }>("select last_failed_wal as file from pg_stat_archiver");
    await session.end();
    for (const seen of [sample, elsewhere(sample)]) {
      const [archiver] = nodesOf(seen, "archiver");
      expect(short(archiver!, seen)).toMatch(/^FAILS(?:: .* behind)?, never a success, last failure \S+ ago$/);
      expect(about(archiver!, seen)).toContain(`Last failure: ${rows[0]!.file}`);
    }
  });

  test("a standby by both ends", async () => {
    const primary = await read(await opened(server.url));
    const [walsender] = nodesOf(primary, "walsender");
    expect(short(walsender!, primary)).toMatch(/^streaming async, /);
    const there = await eventually(
      "streaming",
      async () => read(await opened(standby.url)),
      ({ workings }) => given(workings?.receiver)?.status === "streaming",
    );
    const [receiver] = nodesOf(there, "walreceiver");
    expect(short(receiver!, there)).toMatch(
      major < 11 ? /^streaming, heard \S+ ago$/ : /^streaming from 127\.0\.0\.1:\d+, heard \S+ ago$/,
    );
    expect(short(nodesOf(there, "startup")[0]!, there)).toMatch(/^all received is replayed$| to replay/);
    expect(nodesOf(there, "autovacuum launcher")).toEqual([]);
  });

  test("an autovacuum worker at work: its table and its phase", async () => {
    const session = await client(server.url);
    await session.query(
      "create table swept (n int, filler text) with (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 20, autovacuum_vacuum_cost_limit = 5)",
    );
    await session.query(
      "insert into swept select n, repeat('x', 500) from generate_series(1, 20000) n; delete from swept where n % 2 = 0",
    );
    const source = await opened(server.url);
    const sample = await eventually(
      "a worker on that table",
      async () => {
        // A session that rests keeps its counts to itself for ten seconds.
        await session.query("select 1");
        return read(source);
      },
      (one) => nodesOf(one, "autovacuum worker").some((node) => SWEEPS.test(short(node, one))),
      { withinMs: 30_000, everyMs: 100 },
    );
    const node = nodesOf(sample, "autovacuum worker").find((one) => SWEEPS.test(short(one, sample)))!;
    expect(node.depth).toBe(2);
    expect(short(node, sample)).toMatch(
      /^VACUUM \d+ % swept, (?:initializing|scanning heap|vacuuming (?:indexes|heap))$|^VACUUM swept, initializing/,
    );
    expect(about(node, sample)).toMatch(/It runs autovacuum: VACUUM/);
    expect(short(nodesOf(sample, "autovacuum launcher")[0]!, sample)).toMatch(/^[123] of 3 workers busy$/);
    await session.query("drop table swept");
    await session.end();
  });

  test("a parallel query of four workers under its leader", async () => {
    const session = await client(server.url, { application_name: "leads" });
    await session.query("create table wide as select generate_series(1, 200000) n; analyze wide");
    await session.query(
      "set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set max_parallel_workers_per_gather = 4",
    );
    await session.query("alter table wide set (parallel_workers = 4)");
    const pid = await pidOf(session);
    const running = session.query("select count(*) from wide where pg_sleep(0.01) is not null").catch(() => {});
    const source = await opened(server.url);
    const workersOf = (sample: Sample): readonly ProcessNode[] =>
      nodesOf(sample, "parallel worker").filter(({ leader }) => leader === pid);
    // Up to 12 the leader is told by the title alone, which the machine shows.
    const sample = await eventually(
      "four workers",
      () => read(source),
      (one) => workersOf(one).length === 4,
    );
    const rows = processTree(sample);
    const at = rows.findIndex((node) => node.pid === pid);
    expect(rows[at]).toMatchObject({ kind: "client backend", depth: 2 });
    expect(rows.slice(at + 1, at + 5).map(({ kind, depth }) => `${depth} ${kind}`)).toEqual(
      Array.from({ length: 4 }, () => "3 parallel worker"),
    );
    expect(short(rows[at]!, sample)).toMatch(/^leads 4 workers, active /);
    expect(short(rows[at + 1]!, sample)).toContain("select count(*) from wide");
    const remote = elsewhere(sample);
    const told = processTree(remote).filter(
      ({ kind }) => kind === (major === 10 ? "background worker" : "parallel worker"),
    );
    expect(told.length).toBeGreaterThanOrEqual(4);
    if (major < 13) expect(told.every(({ leader }) => leader === null)).toBe(true);
    const other = await client(server.url);
    await other.query("select pg_cancel_backend($1)", [pid]);
    await other.end();
    await running;
    await session.end();
  });

  test("a subscription: the worker that applies it, and whom it has heard", async () => {
    const session = await client(server.url);
    await session.query("create database other");
    const there = await client(server.url.replace(/\/postgres$/, "/other"));
    await there.query("create table items (n int primary key); create publication p for table items");
    // Within one server, CREATE SUBSCRIPTION would wait for its own transaction.
    await there.query("select pg_create_logical_replication_slot('s', 'pgoutput')");
    await session.query("create table items (n int primary key)");
    await session.query(
      `create subscription orders connection 'host=127.0.0.1 port=${server.port} user=postgres dbname=other' publication p with (create_slot = false, slot_name = 's'${major >= 16 ? ", streaming = parallel" : ""})`,
    );
    const source = await opened(server.url);
    const isWorker = ({ kind }: ProcessNode): boolean => /^logical replication (?:apply )?worker$/.test(kind ?? "");
    // Another may just be coming, or going, of whom the subscription does not tell.
    const heard = (one: Sample): ProcessNode | undefined =>
      processTree(one).find((node) => isWorker(node) && short(node, one).startsWith("orders, heard "));
    const sample = await eventually(
      "the worker has heard its publisher",
      () => read(source),
      (one) => heard(one) !== undefined,
      { withinMs: 20_000, everyMs: 100 },
    );
    for (const seen of [sample, elsewhere(sample)]) {
      const worker = heard(seen)!;
      expect(worker.depth).toBe(2);
      expect(about(worker, seen)).toContain("Subscription orders of database postgres: applies changes");
      expect(nodesOf(seen, "walsender").map((node) => short(node, seen))).toContainEqual(
        expect.stringMatching(/^streaming async/),
      );
    }
    if (major >= 16) {
      // While a table is still copied, a large transaction is kept in a file, and no other worker begun for it.
      const copying = async (): Promise<number> =>
        (await session.query("select from pg_subscription_rel where srsubstate <> 'r'")).rowCount!;
      await eventually("all tables are copied", copying, (n) => n === 0, { withinMs: 20_000, everyMs: 100 });
      await seesParallelApply(there, source, heard(sample)!.pid!);
    }
    await session.query(
      "alter subscription orders disable; alter subscription orders set (slot_name = none); drop subscription orders",
    );
    await there.end();
    await session.end();
  });

  /** A transaction that is too large for logical_decoding_work_mem is applied by another worker while it still runs. */
  async function seesParallelApply(
    there: Awaited<ReturnType<typeof client>>,
    source: Source,
    leader: number,
  ): Promise<void> {
    await there.query("alter system set logical_decoding_work_mem = '64kB'");
    await there.query("select pg_reload_conf()");
    await there.query("begin");
    const applies = ({ leader: whose }: ProcessNode): boolean => whose === leader;
    let rows = 0;
    const sample = await eventually(
      "a parallel apply worker",
      async () => {
        await there.query("insert into items select n from generate_series($1::int, $1::int + 999) n", [rows]);
        rows += 1000;
        return read(source);
      },
      (one) => processTree(one).some(applies),
      { withinMs: 30_000, everyMs: 100 },
    );
    const worker = processTree(sample).find(applies)!;
    expect(short(worker, sample)).toBe(`applies a streamed transaction for ${leader}`);
    expect(about(worker, sample)).toContain(`It works for the apply worker ${leader}`);
    await there.query("commit");
    const rests = await eventually(
      "it rests, or has ended",
      () => read(source),
      (one) => {
        const left = processTree(one).find(applies);
        return left === undefined || short(left, one) === `waits for a streamed transaction for ${leader}`;
      },
      { withinMs: 30_000, everyMs: 100 },
    );
    // The one for whom it worked goes on.
    expect(processTree(rests).some(({ pid }) => pid === leader)).toBe(true);
  }

  test("what a role without rights does not see is counted", async () => {
    const session = await client(server.url);
    await session.query("create role nobody login");
    const source = await opened(server.url.replace("postgres@", "nobody@"));
    const here = await read(source);
    const sample = elsewhere(here);
    await session.end();
    // Titles tell anybody on this machine what the server's own processes are.
    expect(nodesOf(here, "checkpointer")).toHaveLength(1);
    expect(nodesOf(here, "logger")).toHaveLength(1);
    expect(nodesOf(sample, "checkpointer")).toEqual([]);
    const hidden = nodesOf(sample, "hidden")[0]!;
    expect(hidden.count).toBeGreaterThan(4);
    expect(short(hidden, sample)).toContain("GRANT pg_monitor TO nobody");
    expect(missingProcesses(sample)).toEqual([]);
    for (const node of processTree(sample)) expect(about(node, sample)).not.toMatch(/undefined|NaN/);
  });
});

describe.each([10, 17, 18])("connections to PostgreSQL %i that are not in yet", (major) => {
  test("are counted, whether a row tells of them or not", async () => {
    const server = await testServer(major, {}, { hba: ASKS_ONE_ROLE });
    const session = await client(server.url);
    await session.query(`create role ${ASKED} login password 'x'`);
    const source = await sourceOf(server.url);
    const silent = await mumbler(server);
    const asked = await mumbler(server, ASKED);
    // From 18 on whoever is asked for a password has a row, which says that it is starting.
    const expected = major < 18 ? 2 : 1;
    const sample = await eventually(
      "they are there to stay",
      () => read(source),
      (one) => nodesOf(one, "connecting")[0]?.count === expected,
    );
    expect(short(nodesOf(sample, "connecting")[0]!, sample)).toMatch(/^[12] connections? not in yet$/);
    expect(short(nodesOf(sample, "sessions")[0]!, sample)).toContain(
      major < 18 ? "2 client backends" : "3 client backends",
    );
    for (const socket of [silent, asked]) socket.destroy();
    await eventually(
      "gone",
      () => read(source),
      (one) => nodesOf(one, "connecting").length === 0,
    );
    source.close();
    await session.end();
    await server.stop();
  });
});

describe.each([17, 18])("the wait events of PostgreSQL %i", (major) => {
  test("each that a process rests in, and all but a few of the others, have words of their own", async () => {
    const server = await testServer(major);
    const session = await client(server.url);
    const { rows } = await session.query<{ type: string; name: string }>("select type, name from pg_wait_events");
    await session.end();
    await server.stop();
    expect(rows.length).toBeGreaterThan(200);
    const without = rows
      .filter(({ type, name }) => knownWait(type, name) === null)
      .map(({ type, name }) => `${type}:${name}`);
    // An extension's own; and what only tests of PostgreSQL itself wait for.
    expect(without.sort()).toEqual(["Extension:Extension", "LWLock:InjectionPoint"]);
    for (const { type, name } of rows) expect(waitWords(type, name)).not.toBeNull();
  });
});
