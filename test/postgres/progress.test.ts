import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Progress } from "../../src/model/workings.ts";
import { KINDS, type Group, type Kind } from "../../src/source/decode-progress.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, withUser, type TestServer } from "../servers/server.ts";
import { GROWS, LONG_COMMANDS, SLOW } from "./long-commands.ts";
import { sourceOf } from "./pgtriage.ts";

describe.each([18, 17, 14, 13, 12, 10])("commands that take long, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  let session: pg.Client;
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    server = await testServer(major, { autovacuum: "off", max_connections: 20, max_wal_senders: 4 });
    session = await client(server.url);
    await session.query('create schema "Shop"; create table "Shop"."Größe" (n int, text text)');
    await session.query(`insert into "Shop"."Größe" select n, repeat('x', 500) from generate_series(1, 400) n`);
    await session.query('delete from "Shop"."Größe" where n % 2 = 0');
    await session.query(
      `create function slowly(n int) returns int language plpgsql immutable
         as 'begin perform pg_sleep(0.05); return n; end'`,
    );
    await session.query("create database elsewhere");
    await session.query("create role watcher login; create role monitor login in role pg_monitor");
    source = await sourceOf(server.url);
  });
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  afterAll(async () => {
    source?.close();
    await session?.end();
    await server?.stop();
  });

  /** A session that is at this until the test has ended. */
  async function atWork(
    statements: readonly string[],
    extra: pg.ClientConfig & { readonly replication?: string } = {},
  ): Promise<number> {
    const worker = await client(server.url, extra);
    const pid = await pidOf(worker);
    for (const one of statements.slice(0, -1)) await worker.query(one);
    const done = worker.query(statements.at(-1)!).then(
      () => "done",
      () => "ended",
    );
    ends.push(async () => {
      await session.query("select pg_terminate_backend($1)", [pid]);
      await done;
      await worker.end();
    });
    return pid;
  }

  async function told(pid: number, from = source): Promise<Progress | undefined> {
    return (await from.read({ workings: true })).workings!.progress!.find((one) => one.pid === pid);
  }

  async function seen(what: string, pid: number, holds: (progress: Progress) => boolean): Promise<Progress> {
    const found = await eventually(
      what,
      () => told(pid),
      (one) => one !== undefined && holds(one),
    );
    return found!;
  }

  const slowVacuum = (): Promise<number> => atWork([SLOW, VACUUM]);

  async function blocks(): Promise<number> {
    const { rows } = await session.query<{ blocks: number }>(
      `select (pg_relation_size('"Shop"."Größe"') / 8192)::int as blocks`,
    );
    return rows[0]!.blocks;
  }

  test("while nobody does anything long, there is none", async () => {
    expect((await source.read({ workings: true })).workings!.progress).toEqual([]);
    expect((await source.read()).workings).toBeNull();
  });

  test("VACUUM: its table by name, its phase, how far it is", async () => {
    const pid = await slowVacuum();
    const progress = await seen("a block", pid, GROWS);
    expect(progress).toMatchObject({
      ...{ pid, command: "VACUUM", phase: "scanning heap", database: "postgres", relation: '"Shop"."Größe"' },
      ...{ total: await blocks(), unit: "blocks", relationId: expect.any(Number) },
    });
    expect(progress.done).toBeLessThan(progress.total!);
    await seen("more of them", pid, ({ done }) => done! > progress.done!);
  });

  test("from another database its table is a number", async () => {
    const there = await sourceOf(server.url.replace(/postgres$/, "elsewhere"));
    try {
      const pid = await slowVacuum();
      const ours = await seen("its table", pid, ({ relation }) => relation !== null);
      expect(await told(pid, there)).toMatchObject({
        ...{ pid, phase: "scanning heap", database: "postgres", relation: null, relationId: ours.relationId },
      });
    } finally {
      there.close();
    }
  });

  test("a role without rights sees who and where, and nothing else; pg_monitor sees all", async () => {
    const [watcher, monitor] = await Promise.all(
      ["watcher", "monitor"].map((role) => sourceOf(withUser(server.url, role))),
    );
    try {
      const pid = await slowVacuum();
      const ours = await seen("a block", pid, GROWS);
      expect(await told(pid, watcher)).toEqual({
        ...{ pid, command: "VACUUM", phase: null, database: "postgres", relation: null, relationId: null },
        ...{ done: null, total: null, unit: null },
      });
      expect(await told(pid, monitor)).toMatchObject({ phase: ours.phase, relation: ours.relation, total: ours.total });
    } finally {
      watcher!.close();
      monitor!.close();
    }
  });

  const long = LONG_COMMANDS.filter(({ since }) => since <= major).map((one) => [one.what, one] as const);

  test.each(long)("%s", async (what, { statements, before, replication, until, progress, walsender = null }) => {
    if (before !== undefined) {
      const writer = await client(server.url);
      ends.push(() => writer.end());
      await writer.query(before);
    }
    const pid = await atWork(
      statements({ major, dataDir: server.dataDir }),
      replication === undefined ? {} : { replication },
    );
    expect(await seen(what, pid, until)).toMatchObject({ pid, database: "postgres", ...progress });
    const { standbys } = (await source.read({ workings: true })).workings!;
    expect(standbys!.find((one) => one.pid === pid)?.state ?? null).toBe(walsender);
  });

  test("what the numbers mean is what the server's own views say", async () => {
    const { rows } = await session.query<{ name: string; text: string }>(
      `select substr(relname, 18) as name, pg_get_viewdef(oid) as text
         from pg_class where relname like 'pg\\_stat\\_progress\\_%' and relkind = 'v'`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(
      ["vacuum", "create_index", "cluster", "analyze", "basebackup", "copy"]
        .filter((name) => SINCE[name]! <= major)
        .sort(),
    );
    for (const { name, text } of rows) {
      const kind = KINDS[GROUPS[name]!];
      expect(casesOf(text, "phase"), name).toEqual(phasesOf(kind));
      expect(casesOf(text, "command"), name).toEqual(commandsOf(kind));
      for (const [, done, total] of kind.phases)
        for (const [number, column] of [
          [done, /_(done|scanned|vacuumed|processed|streamed|written|count) *$/],
          [total, /_(total|scanned) *$/],
        ] as const)
          if (number != null && (major >= 17 || ![9, 10].includes(number)))
            expect(columnOf(text, number)).toMatch(column);
    }
  });
});

const VACUUM = 'vacuum "Shop"."Größe"';
const SINCE: Readonly<Record<string, number>> = {
  ...{ vacuum: 10, create_index: 12, cluster: 12, analyze: 13, basebackup: 13, copy: 14 },
};
const GROUPS: Readonly<Record<string, Group>> = {
  ...{ vacuum: "VACUUM", create_index: "CREATE INDEX", cluster: "CLUSTER", analyze: "ANALYZE" },
  ...{ basebackup: "BASEBACKUP", copy: "COPY" },
};

/** `CASE s.param2 WHEN 0 THEN 'initializing'::text … END AS phase`: by which number, and what it means. */
function casesOf(view: string, column: string): unknown {
  const match = new RegExp(`CASE (?:s\\.)?param(\\d+)((?:(?!CASE ).)*)END AS ${column}\\b`, "s").exec(view);
  if (match === null) return null;
  const names = [...match[2]!.matchAll(/WHEN (\d+) THEN \(?'([^']*)'/g)].map(([, number, name]) => [
    Number(number),
    name,
  ]);
  return { param: Number(match[1]), names };
}

function phasesOf({ phase, phases }: Kind): unknown {
  return phase === null ? null : { param: phase, names: phases.map(([name], number) => [number, name]) };
}

function commandsOf({ commands }: Kind): unknown {
  if (commands === undefined) return null;
  const names = commands.names.flatMap((name, number) => (name === undefined ? [] : [[number, name]]));
  return { param: commands.param, names };
}

/** As the view calls this number. */
function columnOf(view: string, number: number): string {
  return new RegExp(`\\bparam${number}(?:\\s+END)? AS (\\w+)`).exec(view)?.[1] ?? "";
}
