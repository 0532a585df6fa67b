import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Action } from "../../src/model/action.ts";
import { backendKey, type Backend } from "../../src/model/backend.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, type TestServer, withUser } from "../servers/server.ts";
import { prepareWriters, writer, type Writer } from "../servers/writer.ts";
import { anOrder, inState, shown, verdict, verdicts } from "./orders.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";

const ACTIONS: readonly Action[] = ["cancel", "terminate"];

describe.each([18, 13, 10])("ending what is on PostgreSQL %i", (major) => {
  let server: TestServer;
  let watcher: pg.Client;
  let source: Source;
  let mine: Writer;
  const open: { end(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    server = await testServer(major, { autovacuum: "off" });
    await prepareWriters(server.url);
    watcher = await client(server.url);
  });
  afterAll(async () => {
    await watcher?.end();
    await server?.stop();
  });
  beforeEach(async () => {
    source = await sourceOf(server.url);
    mine = await writer(server.url, "culprit");
    open.push(mine.session);
  });
  afterEach(async () => {
    source.close();
    const ours = "pid <> pg_backend_pid() and application_name <> 'pgtriage'";
    await watcher.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app' and ${ours}`);
    await Promise.all(open.splice(0).map((session) => session.end().catch(() => {})));
  });

  /** A session that runs this query, and what becomes of the query: null, or a SQLSTATE. */
  async function busy(): Promise<[pg.Client, Backend, Promise<string | null>]> {
    const session = await client(withUser(server.url, "app"));
    open.push(session);
    const pid = await pidOf(session);
    const ended = session.query("select pg_sleep(600)").then(
      () => null,
      (error: { code: string }) => error.code,
    );
    return [session, await shown(source, pid, inState("active")), ended];
  }

  async function survives(): Promise<void> {
    expect(await mine.commits()).toBe(true);
  }

  /** A timestamp as text, so many microseconds later. */
  async function later(text: string | null, microseconds: number): Promise<string> {
    const { rows } = await watcher.query<{ moved: string }>(
      "select ($1::timestamptz + $2 * interval '1 microsecond')::text as moved",
      [text, microseconds],
    );
    return rows[0]!.moved;
  }

  test("a session that still is what was shown is terminated: 57P01 there, and what it wrote is rolled back", async () => {
    const other = await writer(server.url, "bystander");
    open.push(other.session);
    const codes: (string | undefined)[] = [];
    mine.session.on("error", (error: Error & { code?: string }) => codes.push(error.code));
    const target = await shown(source, mine.pid, inState("idle in transaction"));
    const before = (await source.read()).serverSeconds;
    const answers = await source.signal(anOrder("terminate", [target]));
    expect(answers.answers).toEqual([{ key: target.key, verdict: "sent", state: "idle in transaction" }]);
    expect(answers.serverSeconds).toBeGreaterThan(before);
    await mine.ended;
    expect(codes[0]).toBe("57P01");
    expect((await watcher.query("select from written where by_pid = $1", [mine.pid])).rowCount).toBe(0);
    expect(await other.commits()).toBe(true);
  });

  test("a query that still is the one that was shown is cancelled: 57014 there, and its session lives on", async () => {
    const [session, target, ended] = await busy();
    expect(await verdict(source, "cancel", target)).toBe("sent");
    expect(await ended).toBe("57014");
    expect((await session.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("a session with track_activities off shows no query, and its query is cancelled all the same", async () => {
    const session = await client(server.url);
    open.push(session);
    const pid = await pidOf(session);
    await session.query("set track_activities = off");
    await watcher.query("select pg_advisory_lock(1)");
    const waiting = session.query("select pg_advisory_lock(1)").catch((error: { code: string }) => error.code);
    await eventually(
      "at its query, though it does not say so",
      async () => (await watcher.query("select from pg_locks where pid = $1 and not granted", [pid])).rowCount,
      (count) => count === 1,
    );
    const target = await shown(source, pid, inState("disabled"));
    expect(await verdict(source, "cancel", target)).toBe("sent");
    expect(await waiting).toBe("57014");
    await watcher.query("select pg_advisory_unlock(1)");
  });

  describe("nothing is sent", () => {
    test.each([-1, 1, 1_000_000])("to the same pid with a start %i microseconds off: it was reused", async (by) => {
      const target = await shown(source, mine.pid);
      const backendStart = await later(target.backendStart, by);
      const stranger = { ...target, backendStart, key: backendKey(target.pid, backendStart) };
      for (const action of ACTIONS) {
        expect((await source.signal(anOrder(action, [stranger]))).answers).toMatchObject([
          { key: stranger.key, verdict: "reused" },
        ]);
      }
      await survives();
    });

    test("to the pid of another session than was shown", async () => {
      const other = await writer(server.url, "bystander");
      open.push(other.session);
      const target = await shown(source, mine.pid);
      expect(await verdict(source, "terminate", { ...target, pid: other.pid })).toBe("reused");
      await survives();
      expect(await other.commits()).toBe(true);
    });

    test("to pid 0, to a negative one that would be a whole group of processes, to the postmaster, to nobody", async () => {
      const postmaster = Number(
        (await watcher.query("select pg_read_file('postmaster.pid')")).rows[0].pg_read_file.split("\n")[0],
      );
      const target = await shown(source, mine.pid);
      for (const pid of [0, -1, -mine.pid, -postmaster, postmaster, 2_147_483_647]) {
        for (const action of ACTIONS) expect(await verdict(source, action, { ...target, pid })).toBe("gone");
      }
      await survives();
    });

    test("to a process of the server's own, even if it is exactly what was shown", async () => {
      const { backends, server: told } = await source.read();
      const own = backends.filter(({ database, backendType }) => database === null && backendType !== null);
      expect(own.map(({ backendType }) => backendType)).toContain("checkpointer");
      for (const target of own) {
        for (const action of ACTIONS)
          expect([target.backendType, await verdict(source, action, target)]).toEqual([
            target.backendType,
            "protected",
          ]);
      }
      const after = await source.read();
      expect(after.server.startedSeconds).toBe(told.startedSeconds);
      for (const { pid, key } of own) expect(backendOf(after, pid)?.key).toBe(key);
      await survives();
    });

    test("to our own session", async () => {
      const { server: told } = await source.read();
      const target = await shown(source, told.ownPid!);
      for (const action of ACTIONS) expect(await verdict(source, action, target)).toBe("protected");
      expect((await source.read()).server.ownPid).toBe(told.ownPid);
    });

    test("to one of another kind than was shown", async () => {
      const target = await shown(source, mine.pid);
      expect(await verdict(source, "terminate", { ...target, backendType: "walsender" })).toBe("changed");
      await survives();
    });

    test("to one in another state, and the answer says in which", async () => {
      const target = await shown(source, mine.pid, inState("idle in transaction"));
      await survives();
      await shown(source, mine.pid, inState("idle"));
      const { answers } = await source.signal(anOrder("terminate", [target]));
      expect(answers).toEqual([{ key: target.key, verdict: "changed", state: "idle" }]);
      expect((await mine.session.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    });

    test("to one that runs its next query: a cancel is meant for one query", async () => {
      const [session, target, ended] = await busy();
      await watcher.query("select pg_cancel_backend($1)", [target.pid]);
      await ended;
      const next = session.query("select pg_sleep(600)").catch((error: { code: string }) => error.code);
      const now = await shown(
        source,
        target.pid,
        (backend) => backend.state === "active" && backend.queryStartSeconds !== target.queryStartSeconds,
      );
      expect(await verdict(source, "cancel", target)).toBe("changed");
      expect(await verdict(source, "cancel", now)).toBe("sent");
      expect(await next).toBe("57014");
    });

    test("to one that is at work in its next transaction, and not for each query of the same one", async () => {
      const sleeping = mine.session.query("select pg_sleep(0.5)");
      const first = await shown(source, mine.pid, inState("active"));
      await sleeping;
      const again = mine.session.query("select pg_sleep(1)").then(
        () => "slept",
        () => "ended",
      );
      await shown(source, mine.pid, (b) => b.state === "active" && b.queryStartSeconds !== first.queryStartSeconds);
      expect(await verdict(source, "cancel", first)).toBe("changed");
      const other = { ...first, xactStartSeconds: first.xactStartSeconds! - 0.000_001 };
      expect(await verdict(source, "terminate", other)).toBe("changed");
      expect(await again).toBe("slept");
      await survives();
      await mine.session.query("begin");
      const later = mine.session.query("select pg_sleep(600)").catch(() => "ended");
      const now = await shown(source, mine.pid, inState("active"));
      expect(await verdict(source, "terminate", first)).toBe("changed");
      expect(await verdict(source, "terminate", now)).toBe("sent");
      expect(await later).toBe("ended");
    });

    test("but a session that runs one statement after the other is terminated, whichever it runs", async () => {
      const [session, target, ended] = await busy();
      await watcher.query("select pg_cancel_backend($1)", [target.pid]);
      await ended;
      const next = session.query("select pg_sleep(600)").catch((error: { code: string }) => error.code);
      await shown(source, target.pid, (b) => b.state === "active" && b.queryStartSeconds !== target.queryStartSeconds);
      expect(await verdict(source, "terminate", target)).toBe("sent");
      expect(await next).toBe("57P01");
    });

    test("to one that has worked on in its transaction and rests again", async () => {
      const target = await shown(source, mine.pid, inState("idle in transaction"));
      await mine.session.query("select 1");
      await shown(source, mine.pid, (b) => b.stateChangeSeconds !== target.stateChangeSeconds);
      expect(await verdict(source, "terminate", target)).toBe("changed");
      await survives();
    });

    test("where the query began one microsecond earlier or later than was shown", async () => {
      const [, target, ended] = await busy();
      for (const by of [-0.000_001, 0.000_001]) {
        const other = { ...target, queryStartSeconds: target.queryStartSeconds! + by };
        expect(await verdict(source, "cancel", other)).toBe("changed");
      }
      expect(await verdict(source, "cancel", target)).toBe("sent");
      expect(await ended).toBe("57014");
    });

    test("to one that is idle in its next transaction", async () => {
      const target = await shown(source, mine.pid, inState("idle in transaction"));
      await mine.session.query("commit");
      await mine.session.query("begin");
      await shown(
        source,
        mine.pid,
        (b) => b.state === "idle in transaction" && b.xactStartSeconds !== target.xactStartSeconds,
      );
      expect(await verdict(source, "terminate", target)).toBe("changed");
      await survives();
    });

    test("where the transaction has rested one microsecond longer or shorter than was shown", async () => {
      const target = await shown(source, mine.pid, inState("idle in transaction"));
      for (const by of [-0.000_001, 0.000_001]) {
        const other = { ...target, stateChangeSeconds: target.stateChangeSeconds! + by };
        expect(await verdict(source, "terminate", other)).toBe("changed");
      }
      await survives();
    });

    test("when a cancel would do nothing: idle, idle in transaction, aborted", async () => {
      const inTransaction = await shown(source, mine.pid, inState("idle in transaction"));
      expect(await verdict(source, "cancel", inTransaction)).toBe("changed");
      await mine.session.query("savepoint here");
      await mine.session.query("select 1/0").catch(() => {});
      const aborted = await shown(source, mine.pid, inState("idle in transaction (aborted)"));
      expect(await verdict(source, "cancel", aborted)).toBe("changed");
      await mine.session.query("rollback to here");
      await survives();
      expect(await verdict(source, "cancel", await shown(source, mine.pid, inState("idle")))).toBe("changed");
    });

    test("to one that has ended", async () => {
      const target = await shown(source, mine.pid);
      await mine.session.end();
      const gone = async (): Promise<boolean> => backendOf(await source.read(), mine.pid) === undefined;
      await eventually("ended", gone, (yes) => yes);
      for (const action of ACTIONS) {
        expect((await source.signal(anOrder(action, [target]))).answers).toEqual([
          { key: target.key, verdict: "gone", state: null },
        ]);
      }
    });

    test.each([Number.NaN, Number.POSITIVE_INFINITY, 0])("with the deadline %d", async (notAfterSeconds) => {
      const target = await shown(source, mine.pid);
      const answers = await source.signal(anOrder("terminate", [target], { notAfterSeconds }));
      expect(verdicts(answers)).toEqual(["late"]);
      await survives();
    });

    test("after the deadline on the server's own clock, be it a millisecond", async () => {
      const target = await shown(source, mine.pid);
      const notAfterSeconds = (await source.read()).serverSeconds - 0.001;
      expect(verdicts(await source.signal(anOrder("terminate", [target], { notAfterSeconds })))).toEqual(["late"]);
      await survives();
    });

    test.each(["it's", "\\'; select 1 --", "$1 $2 $3", "a; b", '"}]', "ü 日本"])(
      "over a text like %j",
      async (text) => {
        const target = await shown(source, mine.pid);
        expect(await verdict(source, "terminate", { ...target, state: text })).toBe("changed");
        expect(await verdict(source, "terminate", { ...target, backendType: text })).toBe("changed");
        await survives();
      },
    );
  });
});
