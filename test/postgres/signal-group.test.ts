import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";
import { relay } from "../bench/relay.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, sessions, testServer, type TestServer, withUser } from "../servers/server.ts";
import { prepareWriters, writer } from "../servers/writer.ts";
import { anOrder, inState, shown, verdict, verdicts } from "./orders.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";

describe.each([18, 13, 10])("200 tagged sessions on PostgreSQL %i", (major) => {
  test("of which 50 have just ended and 20 have begun to work: one round trip, 130 are sent, 50 gone, 20 changed", async () => {
    const server = await testServer(major, { max_connections: 230 });
    const admin = await client(server.url);
    await admin.query("create role app login");
    const tagged = await sessions(server.url, 200, { role: "app", application: "leaky" });
    const counting = await relay(server);
    const source = await sourceOf(`postgres://postgres@${counting.host}:${counting.port}/postgres?sslmode=disable`);
    try {
      const sample = await eventually(
        "200 that are idle",
        () => source.read(),
        ({ backends }) => backends.filter(({ user, state }) => user === "app" && state === "idle").length === 200,
      );
      const targets = tagged.pids.map((pid) => backendOf(sample, pid)!);
      const [leaving, working, staying] = [
        tagged.clients.slice(0, 50),
        tagged.clients.slice(50, 70),
        tagged.clients.slice(70),
      ];
      const ended = staying.map((session) => new Promise((resolve) => session.once("end", resolve)));
      await Promise.all(leaving.map((session) => session.end()));
      const naps = working.map((session) =>
        session.query("select pg_sleep(600)").catch((error: { code: string }) => error.code),
      );
      const states =
        "select count(*)::int as all, count(*) filter (where state = 'active')::int as active from pg_stat_activity where usename = 'app'";
      await eventually(
        "50 gone and 20 at work",
        async () => (await admin.query<{ all: number; active: number }>(states)).rows[0]!,
        ({ all, active }) => all === 150 && active === 20,
      );
      const before = counting.roundTrips();
      const { answers } = await source.signal(anOrder("terminate", targets));
      expect(counting.roundTrips() - before).toBe(1);
      expect(answers.map(({ key }) => key)).toEqual(targets.map(({ key }) => key));
      expect(answers.slice(0, 50)).toEqual(
        targets.slice(0, 50).map(({ key }) => ({ key, verdict: "gone", state: null })),
      );
      expect(answers.slice(50, 70)).toEqual(
        targets.slice(50, 70).map(({ key }) => ({ key, verdict: "changed", state: "active" })),
      );
      expect(answers.slice(70)).toEqual(targets.slice(70).map(({ key }) => ({ key, verdict: "sent", state: "idle" })));
      await Promise.all(ended);
      await admin.query(
        "select pg_cancel_backend(pid) from pg_stat_activity where usename = 'app' and state = 'active'",
      );
      expect(await Promise.all(naps)).toEqual(Array.from({ length: 20 }, () => "57014"));
      const alive = await Promise.all(working.map((session) => session.query("select 1 as one")));
      expect(alive.flatMap(({ rows }) => rows)).toEqual(Array.from({ length: 20 }, () => ({ one: 1 })));
    } finally {
      source.close();
      counting.close();
      await admin.end();
      await tagged.close();
      await server.stop();
    }
  });
});

/** Autovacuum at work on one table for as long as the test lasts: it may clean a page or so a second. */
const SLOW_VACUUM = `
create table dead (n int, filler text) with (autovacuum_enabled = off, autovacuum_vacuum_cost_delay = 100,
  autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);
insert into dead select n, repeat('x', 500) from generate_series(1, 20000) n;
update dead set n = n + 1;
alter table dead set (autovacuum_enabled = on)`;

const PARALLEL = `
create table pages as select n, md5(n::text) as body from generate_series(1, 50000) n;
create function slow(int) returns bool language plpgsql parallel safe as $$
  begin perform pg_sleep(0.01); return true; end $$;
analyze pages`;

const ALWAYS_PARALLEL = `
set max_parallel_workers_per_gather = 2;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0`;

describe.each([18, 13, 10])("everything on PostgreSQL %i tagged", (major) => {
  let server: TestServer;
  let source: Source;
  let walsender: pg.Client;
  let leader: pg.Client;
  let reading: Promise<string | null>;

  beforeAll(async () => {
    server = await testServer(major, { autovacuum_naptime: 1, autovacuum_max_workers: 2 });
    await prepareWriters(server.url);
    leader = await client(server.url);
    await leader.query(ALWAYS_PARALLEL);
    // A session tells how many rows it has left dead when it is idle for a while, or ends.
    const preparing = await client(server.url);
    await preparing.query(PARALLEL);
    await preparing.query(SLOW_VACUUM);
    await preparing.end();
    reading = leader.query("select count(*) from pages where slow(n)").then(
      () => null,
      (error: { code: string }) => error.code,
    );
    walsender = await client(server.url, { replication: "true" } as pg.ClientConfig);
    source = await sourceOf(server.url);
  });
  afterAll(async () => {
    source?.close();
    const pid = leader === undefined ? 0 : (leader as unknown as { processID: number }).processID;
    const killer = await client(server.url);
    await killer.query("select pg_cancel_backend(pid) from pg_stat_activity where pid = $1", [pid]);
    await killer.end();
    await reading;
    await Promise.all([leader, walsender].map((session) => session?.end().catch(() => {})));
    await server?.stop();
  });

  const vacuums = ({ backends }: Sample): Backend | undefined =>
    backends.find(
      ({ backendType, query }) => backendType === "autovacuum worker" && /VACUUM.* public\.dead/.test(query),
    );
  /** On 10 they are background workers like any other. */
  const workers = ({ backends }: Sample): readonly Backend[] =>
    backends.filter(({ backendType, database }) =>
      major === 10 ? backendType === "background worker" && database !== null : backendType === "parallel worker",
    );

  /** A sample with an autovacuum worker and both parallel workers in it. */
  function busySample(): Promise<Sample> {
    return eventually(
      "autovacuum and parallel workers at work",
      () => source.read(),
      (sample) => vacuums(sample) !== undefined && workers(sample).length === 2,
      { withinMs: 30_000 },
    );
  }

  test("ends ordinary sessions only: no walsender, no worker, no superuser's, none of the server's own, not ours", async () => {
    const [first, second] = [await writer(server.url, "first"), await writer(server.url, "second")];
    await busySample();
    await shown(source, second.pid, inState("idle in transaction"));
    const sample = await busySample();
    const targets = sample.backends;
    const kinds = new Set(targets.map(({ backendType }) => backendType));
    for (const kind of ["walsender", "autovacuum worker", "autovacuum launcher", "checkpointer"])
      expect(kinds).toContain(kind);
    const { answers } = await source.signal(anOrder("terminate", targets));
    const free = new Set([first.pid, second.pid]);
    const sent = answers.filter(({ verdict: word }) => word === "sent").map(({ key }) => key);
    expect(sent.sort()).toEqual(
      targets
        .filter(({ pid }) => free.has(pid))
        .map(({ key }) => key)
        .sort(),
    );
    const others = new Set(answers.filter(({ key }) => !sent.includes(key)).map(({ verdict: word }) => word));
    // A process that begins or ends in this very moment is none of ours.
    for (const word of others) expect(["protected", "gone"]).toContain(word);
    await Promise.all([first.ended, second.ended]);
    const after = await source.read();
    const protectedOnes = [
      vacuums(sample)!,
      ...workers(sample),
      ...targets.filter(({ backendType, user }) => backendType === "walsender" || user === "postgres"),
    ];
    for (const { pid, key } of protectedOnes) expect(backendOf(after, pid)?.key).toBe(key);
    expect((await walsender.query("IDENTIFY_SYSTEM")).rows).toHaveLength(1);
  });

  test("by a cancel ends queries of ordinary sessions only", async () => {
    const sleeper = await client(withUser(server.url, "app"));
    try {
      const pid = await pidOf(sleeper);
      const sleeping = sleeper.query("select pg_sleep(600)").catch((error: { code: string }) => error.code);
      await shown(source, pid, inState("active"));
      const sample = await busySample();
      const { answers } = await source.signal(anOrder("cancel", sample.backends));
      expect(answers.filter(({ verdict: word }) => word === "sent").map(({ key }) => key)).toEqual([
        backendOf(sample, pid)!.key,
      ]);
      expect(await sleeping).toBe("57014");
      const after = await source.read();
      for (const { pid: worker, key } of [vacuums(sample)!, ...workers(sample)])
        expect(backendOf(after, worker)?.key).toBe(key);
    } finally {
      await sleeper.end();
    }
  });

  test("a parallel worker is not ended singly either, where it is known to be one", async () => {
    const [worker] = workers(await busySample());
    const word = major === 10 ? "changed" : "protected";
    const shownAs: Backend = major === 10 ? { ...worker!, backendType: "parallel worker" } : worker!;
    expect(await verdict(source, "terminate", shownAs)).toBe(word);
    expect(await verdict(source, "cancel", shownAs)).toBe(word);
    expect(backendOf(await source.read(), worker!.pid)?.key).toBe(worker!.key);
  });

  test("singly, an autovacuum worker is ended for a superuser", async () => {
    const target = vacuums(await busySample())!;
    expect(await verdict(source, "terminate", target)).toBe("sent");
    await eventually(
      "it has ended",
      async () => backendOf(await source.read(), target.pid)?.key,
      (key) => key !== target.key,
    );
  });

  test("an autovacuum worker is refused to who may signal others; from 18 on there is a right for it", async () => {
    const admin = await client(server.url);
    await admin.query("create role janitor login in role pg_signal_backend, pg_read_all_stats");
    const janitor = await sourceOf(withUser(server.url, "janitor"));
    try {
      expect((await janitor.read()).server.rights).toMatchObject({ signal: true, signalAutovacuum: false });
      const target = vacuums(await busySample())!;
      expect(await verdict(janitor, "cancel", target)).toBe("refused");
      expect(await verdict(janitor, "terminate", target)).toBe("refused");
      if (major < 18) return;
      await admin.query("grant pg_signal_autovacuum_worker to janitor");
      expect(await verdict(janitor, "terminate", target)).toBe("sent");
      const again = await sourceOf(withUser(server.url, "janitor"));
      expect((await again.read()).server.rights.signalAutovacuum).toBe(true);
      again.close();
    } finally {
      janitor.close();
      await admin.end();
    }
  });

  test("singly, a walsender is ended", async () => {
    const target = (await source.read()).backends.find(({ backendType }) => backendType === "walsender")!;
    const ended = new Promise((resolve) => walsender.once("end", resolve));
    expect(await verdict(source, "terminate", target)).toBe("sent");
    await ended;
  });

  test("singly, a superuser's session is ended by a superuser", async () => {
    const other = await client(server.url);
    const ended = new Promise((resolve) => other.once("end", resolve));
    const target = await shown(source, await pidOf(other));
    const two = verdicts(await source.signal(anOrder("terminate", [target, target])));
    expect(two).toEqual(["protected", "protected"]);
    expect(await verdict(source, "terminate", target)).toBe("sent");
    await ended;
  });
});
