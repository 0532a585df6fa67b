import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sample } from "../../src/model/reading.ts";
import type { Workings } from "../../src/model/workings.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { standbyOf, type Standby } from "../servers/standby.ts";
import { sourceOf, there as told } from "./pgtriage.ts";

/** Nothing of it is refused. */
type Told = Workings & { readonly [K in "standbys" | "subscriptions"]: NonNullable<Workings[K]> };

async function workingsOf(source: Source): Promise<Told> {
  const { workings, refused } = await source.read({ workings: true });
  expect(refused).toEqual([]);
  return workings as Told;
}

/** Read until it is so. */
function until(source: Source, what: string, holds: (workings: Told) => boolean): Promise<Told> {
  return eventually(what, () => workingsOf(source), holds, { withinMs: 20_000 });
}

const asWatcher = (url: string): string =>
  url.replace("user=postgres", "user=watcher").replace("//postgres@", "//watcher@");

describe.each([18, 17, 13, 10])("a standby from both sides, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let standby: Standby;
  let session: pg.Client;
  let there: pg.Client;
  const sources: Record<"primary" | "standby" | "primaryWatched" | "standbyWatched", Source> = {} as never;

  beforeAll(async () => {
    server = await testServer(major, { max_replication_slots: 4, autovacuum: "off" });
    session = await client(server.url);
    await session.query("create role watcher login; create table written (n int)");
    await session.query("select pg_create_physical_replication_slot('of_standby')");
    standby = await standbyOf(server, major, "of_standby");
    there = await client(standby.url);
    sources.primary = await sourceOf(server.url);
    sources.standby = await sourceOf(standby.url);
    sources.primaryWatched = await sourceOf(asWatcher(server.url));
    sources.standbyWatched = await sourceOf(asWatcher(standby.url));
  });
  afterAll(async () => {
    for (const source of Object.values(sources)) source.close();
    await there?.end();
    await standby?.stop();
    await session?.end();
    await server?.stop();
  });

  test("the primary's walsender feeds it", async () => {
    const { standbys } = await until(sources.primary, "it streams", (now) => now.standbys[0]?.state === "streaming");
    const { rows } = await session.query<{ pid: number }>("select pid from pg_stat_replication");
    expect(standbys).toEqual([
      expect.objectContaining({ pid: rows[0]!.pid, syncState: "async", slotName: "of_standby" }),
    ]);
    await session.query("insert into written values (1)");
    await until(sources.primary, "all is replayed", (now) => now.standbys[0]?.unreplayedBytes === 0);
    expect((await workingsOf(sources.primary)).receiver).toBe("none");
    expect((await workingsOf(sources.primary)).recovery).toBe("none");
  });

  test("its walreceiver and its recovery", async () => {
    await session.query("insert into written values (2)");
    const sample = await eventually(
      "a transaction replayed",
      () => sources.standby.read({ workings: true }),
      ({ workings }) => told(workings?.recovery)?.lastReplayedSeconds != null,
    );
    const { standbys, ...now } = sample.workings!;
    const [receiver, recovery] = [told(now.receiver), told(now.recovery)];
    const { rows } = await there.query<{ pid: number }>("select pid from pg_stat_wal_receiver");
    expect(receiver).toMatchObject({ pid: rows[0]!.pid, status: "streaming", slotName: "of_standby" });
    expect([receiver!.senderHost, receiver!.senderPort]).toEqual(
      major < 11 ? [null, null] : ["127.0.0.1", server.port],
    );
    expect(Math.abs(sample.serverSeconds - receiver!.lastMessageSeconds!)).toBeLessThan(60);
    expect(Math.abs(sample.serverSeconds - recovery!.lastReplayedSeconds!)).toBeLessThan(60);
    expect(recovery!.paused).toBe(false);
    expect(standbys).toEqual([]);
  });

  test("while replay is paused, both sides say how much waits, and not a byte is unsent", async () => {
    await there.query("select pg_wal_replay_pause()");
    await session.query("insert into written select generate_series(1, 5000)");
    const { recovery } = await until(
      sources.standby,
      "received and not replayed",
      (now) => told(now.recovery)!.paused && told(now.recovery)!.unreplayedBytes! > 100_000,
    );
    const { standbys } = await until(sources.primary, "sent", (now) => now.standbys[0]?.unsentBytes === 0);
    expect(standbys[0]!.unreplayedBytes).toBeGreaterThanOrEqual(told(recovery)!.unreplayedBytes!);
    await there.query("select pg_wal_replay_resume()");
    await until(
      sources.standby,
      "resumed",
      (now) => !told(now.recovery)!.paused && told(now.recovery)!.unreplayedBytes === 0,
    );
  });

  test("counters of a standby: WAL up to where it is replayed, no file that is written", async () => {
    const both = async (): Promise<readonly Sample[]> => [
      await sources.standby.read({ workings: true }),
      await sources.primary.read({ workings: true }),
    ];
    const [replica, primary] = (await eventually(
      "level",
      both,
      ([a, b]) => a!.counters!.walBytes === b!.counters!.walBytes,
    )) as [Sample, Sample];
    expect(replica.server.role).toBe("standby");
    expect(replica.counters!.archiver).toMatchObject({ currentWal: null, behindBytes: null });
    expect(primary.counters!.archiver).toMatchObject({
      currentWal: expect.stringMatching(/^[0-9A-F]{24}$/),
      behindBytes: null,
    });
    const { restartpoints } = replica.counters!.checkpoints;
    if (major < 17) expect(restartpoints).toBeNull();
    else
      expect(restartpoints).toEqual({
        timed: expect.any(Number),
        requested: expect.any(Number),
        done: expect.any(Number),
      });
    expect(primary.counters!.checkpoints.restartpoints).toBeNull();
  });

  test("a role without rights sees that they are there, and nothing of what they do", async () => {
    const { standbys } = await workingsOf(sources.primaryWatched);
    const hidden = { state: null, syncState: null, unsentBytes: null, unreplayedBytes: null, replaySeconds: null };
    const [link] = (await workingsOf(sources.primary)).standbys;
    // Slots are everybody's to see.
    expect(standbys).toEqual([{ ...hidden, pid: link!.pid, slotName: "of_standby" }]);
    const seen = told((await workingsOf(sources.standby)).receiver)!;
    const theirs = await workingsOf(sources.standbyWatched);
    const nothing = { status: null, senderHost: null, senderPort: null, slotName: null, lastMessageSeconds: null };
    expect(theirs.receiver).toEqual({ pid: seen.pid, ...nothing });
    expect(theirs.recovery).toMatchObject({ paused: false, lastReplayedSeconds: expect.any(Number) });
  });

  test("a promotion costs no sample that lasts: the next ones are those of a primary", async () => {
    await promote(there, major);
    const read = async (): Promise<Sample | null> => sources.standby.read({ workings: true }).catch(() => null);
    const sample = await eventually("a primary", read, (now) => now?.workings?.recovery === "none", {
      withinMs: 20_000,
    });
    expect(sample!.workings).toMatchObject({ receiver: "none", recovery: "none", standbys: [] });
    expect(sample!.counters!.archiver.currentWal).toMatch(/^00000002/);
    expect(sample!.counters!.checkpoints.restartpoints).toBeNull();
    expect((await sources.standby.read({ workings: true })).server.role).toBe("primary");
  });
});

async function promote(session: pg.Client, major: number): Promise<void> {
  if (major >= 12) await session.query("select pg_promote()");
  // Before there is a function for it, a file in the directory of the server is the word.
  else await session.query("copy (select) to program 'touch promote && kill -USR1 $(head -1 postmaster.pid)'");
}

describe.each([18, 13, 10])("a subscription and its publisher, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let session: pg.Client;
  let target: pg.Client;
  let source: Source;
  const targetUrl = (): string => server.url.replace(/postgres$/, "target");

  beforeAll(async () => {
    server = await testServer(major, { wal_level: "logical", max_replication_slots: 6, autovacuum: "off" });
    session = await client(server.url);
    await session.query("create database target");
    await session.query("create role watcher login");
    target = await client(targetUrl());
    for (const one of [session, target]) await one.query('create table "News" (n int primary key)');
    await session.query('insert into "News" select generate_series(1, 100)');
    await session.query('create publication news for table "News"');
    source = await sourceOf(server.url);
  });
  afterAll(async () => {
    source?.close();
    await target?.query("drop subscription if exists news");
    await target?.end();
    await session?.end();
    await server?.stop();
  });

  test("the worker that applies, and the walsender that feeds it by its slot", async () => {
    await target.query(
      `create function slowly() returns trigger language plpgsql as 'begin perform pg_sleep(0.1); return new; end';
       create trigger slowly before insert on "News" for each row execute procedure slowly();
       alter table "News" enable always trigger slowly`,
    );
    // Within one server the slot comes first: making it would wait for the very transaction that creates the subscription.
    await session.query("select pg_create_logical_replication_slot('news', 'pgoutput')");
    await target.query(
      `create subscription news connection 'host=127.0.0.1 port=${server.port} user=postgres dbname=postgres'
         publication news with (create_slot = false, slot_name = 'news')`,
    );
    const applies = (now: Told) => now.subscriptions.find(({ relation }) => relation === null);
    const heard = await until(source, "heard of", (now) => applies(now)?.lastMessageSeconds != null);
    expect(applies(heard)).toMatchObject({ subscription: "news", pid: expect.any(Number) });
    const streams = await until(source, "streams", (now) => now.standbys.some((one) => one.state === "streaming"));
    expect(streams.standbys.filter(({ slotName }) => slotName === "news")).toHaveLength(1);
  });

  test("the worker that copies a table: by its name in its own database, by number from another", async () => {
    const inside = await sourceOf(targetUrl());
    const watched = await sourceOf(asWatcher(server.url));
    try {
      const copies = (now: Told) => now.subscriptions.find(({ relation }) => relation !== null);
      const here = copies(await until(inside, "copies", (now) => copies(now) !== undefined))!;
      expect(here).toMatchObject({ subscription: "news", relation: 'public."News"' });
      const elsewhere = copies(await workingsOf(source))!;
      expect(elsewhere.pid).toBe(here.pid);
      expect(elsewhere.relation).toMatch(/^relation \d+ of target$/);
      expect(copies(await workingsOf(watched))).toMatchObject({ pid: here.pid, relation: elsewhere.relation });
    } finally {
      inside.close();
      watched.close();
    }
  });
});
