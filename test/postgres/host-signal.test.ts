import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Backend } from "../../src/model/backend.ts";
import { NotSentError } from "../../src/source/not-sent-error.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, withUser, type TestServer } from "../servers/server.ts";
import { prepareWriters, writer, type Writer } from "../servers/writer.ts";
import { ASKED, ASKS_ONE_ROLE, hostLane, mumbler, ofType, postmasterPid } from "./host-lane.ts";
import { anOrder, inState, shown, verdict, verdicts } from "./orders.ts";
import { backendOf } from "./pgtriage.ts";

describe.each([18, 15, 12, 10])("an order to the processes of PostgreSQL %i", (major) => {
  let server: TestServer;
  let watcher: pg.Client;
  let source: Source;
  let mine: Writer;
  let other: Writer;

  beforeAll(async () => {
    server = await testServer(major, { autovacuum: "off" }, { hba: ASKS_ONE_ROLE });
    await prepareWriters(server.url);
    watcher = await client(server.url);
    await watcher.query(`create role ${ASKED} login password 'x'`);
  });
  afterAll(async () => {
    await watcher?.end();
    await server?.stop();
  });
  beforeEach(async () => {
    source = await hostLane(server);
    [mine, other] = await Promise.all([writer(server.url, "culprit"), writer(server.url, "bystander", "etl")]);
  });
  afterEach(async () => {
    source.close();
    await Promise.allSettled([mine, other].map(({ session }) => session.end()));
  });

  /** As it rests: its process has done nothing between two samples. */
  async function resting(pid: number): Promise<Backend> {
    const [row] = await eventually(
      `${pid} rests in its transaction`,
      async () => [backendOf(await source.read(), pid), backendOf(await source.read(), pid)],
      ([one, next]) => one !== undefined && one === next && one.state === "idle in transaction",
    );
    return row!;
  }

  test("ends the session that was shown, and no other", async () => {
    const target = await resting(mine.pid);
    expect(await verdict(source, "terminate", target)).toBe("sent");
    await mine.ended;
    expect(await other.commits()).toBe(true);
    // The connection is over some moments before the process.
    const left = async () => backendOf(await source.read(), mine.pid);
    await eventually("its process has ended", left, (row) => row === undefined);
    expect(await verdict(source, "terminate", target)).toBe("gone");
  });

  test("cancels a query, and the session stays", async () => {
    const session = await client(withUser(server.url, "app"));
    try {
      const pid = await pidOf(session);
      const running = session.query("select pg_sleep(600)").catch((error: { code: string }) => error.code);
      const target = await shown(source, pid, inState("active"));
      expect(target.query).toBe("SELECT …");
      expect(await verdict(source, "cancel", { ...target, query: "UPDATE …" })).toBe("changed");
      expect(await verdict(source, "cancel", target)).toBe("sent");
      expect(await running).toBe("57014");
      expect((await session.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
      const idle = await shown(source, pid, inState("idle"));
      expect(await verdict(source, "cancel", idle)).toBe("changed");
      expect(await verdict(source, "cancel", target)).toBe("changed");
    } finally {
      await session.end();
    }
  });

  test("spares who is somebody else by now: the same pid, another start", async () => {
    const target = await resting(mine.pid);
    expect(await verdict(source, "terminate", { ...target, backendStart: "proc 1" })).toBe("reused");
    const bySql = { ...target, backendStart: "2026-11-22 09:20:11.123456+00" };
    await expect(verdict(source, "terminate", bySql)).rejects.toThrow(NotSentError);
    expect(await mine.commits()).toBe(true);
  });

  test("spares a transaction that has worked since, whether a sample has shown it or not", async () => {
    const target = await resting(mine.pid);
    await mine.session.query("select 1");
    expect(await verdict(source, "terminate", target)).toBe("changed");
    await resting(mine.pid);
    expect(await verdict(source, "terminate", target)).toBe("changed");
    expect(await mine.commits()).toBe(true);
  });

  test("spares a transaction that has worked since, though two samples are of the same millisecond", async () => {
    await resting(mine.pid);
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
    try {
      const now = async (): Promise<Backend> => {
        await mine.session.query("select 1");
        // Until its process rests again.
        await new Promise((resolve) => setTimeout(resolve, 50));
        return backendOf(await source.read(), mine.pid)!;
      };
      const rows = [await now(), await now(), await now()];
      expect(new Set(rows.map(({ stateChangeSeconds }) => stateChangeSeconds)).size).toBe(3);
      expect(await verdict(source, "terminate", rows[0]!)).toBe("changed");
      expect(await mine.commits()).toBe(true);
    } finally {
      clock.mockRestore();
    }
  });

  test("spares who was shown in another state, or of another kind", async () => {
    const target = await resting(mine.pid);
    expect(await verdict(source, "terminate", { ...target, state: "idle" })).toBe("changed");
    expect(await verdict(source, "terminate", { ...target, backendType: "walsender" })).toBe("changed");
    expect(await verdict(source, "cancel", target)).toBe("changed");
    expect(await mine.commits()).toBe(true);
  });

  test("believes no title any more from the moment that titles are switched off", async () => {
    const session = await client(withUser(server.url, "app"));
    try {
      const idle = await shown(source, await pidOf(session), inState("idle"));
      await watcher.query("alter system set update_process_title = off");
      await watcher.query("select pg_reload_conf()");
      await session.query("select 1");
      await session.query("begin; create temp table kept ()");
      // Its title says idle for ever.
      expect(await verdict(source, "terminate", idle)).toBe("changed");
      const { backends, server: said } = await (await hostLane(server)).read();
      expect(said.postmaster).toMatchObject({ tellsActivity: false });
      for (const row of ofType(backends, "client backend")) expect(row).toMatchObject({ state: null, query: "" });
      expect((await session.query("commit; select 1 as one")).rows ?? "committed").toBeTruthy();
    } finally {
      await watcher.query("alter system reset update_process_title");
      await watcher.query("select pg_reload_conf()");
      await session.end();
    }
  });

  test("spares the next query of the same name, once a sample has shown another state in between", async () => {
    const session = await client(withUser(server.url, "app"));
    try {
      const pid = await pidOf(session);
      const first = session.query("select pg_sleep(0.5)");
      const target = await shown(source, pid, inState("active"));
      await first;
      await shown(source, pid, inState("idle"));
      const second = session.query("select pg_sleep(1)");
      await shown(source, pid, inState("active"));
      expect(await verdict(source, "cancel", target)).toBe("changed");
      await second;
    } finally {
      await session.end();
    }
  });

  test("does not leave us without its phrase, without a target, or when it is over", async () => {
    const target = await resting(mine.pid);
    for (const typed of ["", "y", `cancel ${mine.pid}`, "terminate", `terminate ${mine.pid} `])
      await expect(source.signal(anOrder("terminate", [target], { typed }))).rejects.toThrow(NotSentError);
    await expect(source.signal(anOrder("terminate", []))).rejects.toThrow(NotSentError);
    const [late] = verdicts(await source.signal(anOrder("terminate", [target], { notAfterSeconds: 1 })));
    expect(late).toBe("late");
    source.close();
    await expect(source.signal(anOrder("terminate", [target]))).rejects.toThrow(NotSentError);
    expect(await mine.commits()).toBe(true);
  });

  test("never goes to the postmaster, to a process of the server's own, to a stranger or to ourselves", async () => {
    const { backends } = await source.read();
    const postmaster = postmasterPid(server);
    const own = ["checkpointer", "background writer", "walwriter"].map((type) => ofType(backends, type)[0]!);
    for (const target of own) {
      expect(await verdict(source, "terminate", target)).toBe("protected");
      expect(await verdict(source, "terminate", { ...target, backendType: "client backend" })).toBe("changed");
    }
    const target = await resting(mine.pid);
    for (const pid of [postmaster, process.pid, 1, 0, -mine.pid, 1.5])
      expect(await verdict(source, "terminate", { ...target, pid })).toBe("protected");
    const { backends: after } = await source.read();
    for (const { key } of own) expect(after.map((one) => one.key)).toContain(key);
    expect(await mine.commits()).toBe(true);
  });

  test("to several goes to those that may be ended together", async () => {
    const walsender = await client(server.url, { replication: "database" } as pg.ClientConfig);
    const superuser = await client(server.url);
    try {
      const [one, two] = [await resting(mine.pid), await resting(other.pid)];
      const boss = await shown(source, await pidOf(superuser), inState("idle"));
      const { backends } = await source.read();
      const sender = ofType(backends, "walsender")[0]!;
      const writerProcess = ofType(backends, "walwriter")[0]!;
      const told = verdicts(await source.signal(anOrder("terminate", [one, boss, sender, writerProcess, two])));
      expect(told).toEqual(["sent", "protected", "protected", "protected", "sent"]);
      await Promise.all([mine.ended, other.ended]);
      expect((await superuser.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
      expect(await verdict(source, "terminate", sender)).toBe("sent");
    } finally {
      await Promise.allSettled([walsender.end(), superuser.end()]);
    }
  });

  test("ends connections that never said who they are, and nobody's session with them", async () => {
    const silent = await Promise.all([mumbler(server), mumbler(server), mumbler(server, ASKED)]);
    const ended = silent.map((socket) => new Promise((resolve) => socket.resume().once("close", resolve)));
    const halfOpen = await eventually(
      "two that are half open and one that authenticates",
      async () => (await source.read()).backends.filter(({ state }) => state === "starting"),
      (rows) => rows.length === 3 && ofType(rows, "half-open").length === 2,
    );
    // For a moment every new process of the server looks like that.
    expect(await verdict(source, "terminate", ofType(halfOpen, "half-open")[0]!)).toBe("changed");
    expect(await verdict(source, "cancel", ofType(halfOpen, "half-open")[0]!)).toBe("changed");
    const told = await eventually(
      "all of them are told to end",
      async () => verdicts(await source.signal(anOrder("terminate", halfOpen))),
      (said) => !said.includes("changed"),
    );
    // Whoever was asked for a password is a session, and was told to end at once.
    for (const word of told) expect(["sent", "gone"]).toContain(word);
    await Promise.all(ended);
    const { rows } = await watcher.query("select 1 as one");
    expect(rows).toEqual([{ one: 1 }]);
    expect(await other.commits()).toBe(true);
  });
});
