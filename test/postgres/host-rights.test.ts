import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isClient } from "../../src/model/backend.ts";
import { serverAccount } from "../../src/demo/postgres/account.ts";
import { slots } from "../../src/analysis/slots.ts";
import { postmasterAt } from "../../src/source/host/postmaster-at.ts";
import { childrenReader } from "../../src/source/host/children.ts";
import { postmasters } from "../../src/source/host/postmasters.ts";
import { bootSeconds } from "../../src/source/host/processes.ts";
import { seenAs } from "../servers/host-seen.ts";
import { serverInNamespace } from "../servers/namespace.ts";
import { client, pidOf, sessions, testServer, type TestServer } from "../servers/server.ts";
import { found, hostLane, ofType, postmasterPid } from "./host-lane.ts";
import { verdict } from "./orders.ts";
import { backendOf } from "./pgtriage.ts";

const ROOT = process.getuid?.() === 0;
/** Nobody's number, and not that of the account that root lends to servers. */
const STRANGER = { uid: 54_321, gid: 54_321 };

describe("two servers of one user", () => {
  let server: TestServer;
  let other: TestServer;
  let session: pg.Client;

  beforeAll(async () => {
    [server, other] = await Promise.all([testServer(18, { max_connections: 33 }), testServer(11)]);
    session = await client(server.url);
  });
  afterAll(async () => {
    await session?.end().catch(() => {});
    await Promise.all([server?.stop(), other?.stop()]);
  });

  async function why(place: { host: string; hostaddr?: string; port: number }): Promise<string> {
    const at = await postmasterAt({ hostaddr: null, ...place });
    return at.kind === "none" ? at.why : `found ${at.postmaster.pid}`;
  }

  test("are each found by their own place", async () => {
    expect((await found(server)).pid).toBe(postmasterPid(server));
    expect((await found({ ...other, host: other.socketDir })).pid).toBe(postmasterPid(other));
    expect(await why({ host: "db.example.com", hostaddr: "127.0.0.1", port: server.port })).toBe(
      `found ${postmasterPid(server)}`,
    );
    const all = (await postmasters()).map(({ pid }) => pid);
    expect(all).toEqual(expect.arrayContaining([postmasterPid(server), postmasterPid(other)]));
  });

  test("are not meant where nothing listens, where something else does, or on another machine", async () => {
    const stranger = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => stranger.once("listening", resolve));
    const { port } = stranger.address() as AddressInfo;
    expect(await why({ host: "127.0.0.1", port })).toMatch(
      /^what listens at port \d+ is none of the \d+ PostgreSQL servers that run here/,
    );
    stranger.close();
    await new Promise((resolve) => stranger.once("close", resolve));
    expect(await why({ host: "127.0.0.1", port })).toBe(`nothing listens at port ${port} of this machine`);
    expect(await why({ host: "192.0.2.7", port: server.port })).toBe("192.0.2.7 is another machine");
    expect(await why({ host: "db.example.com", hostaddr: "192.0.2.7", port: 1 })).toBe("192.0.2.7 is another machine");
    expect(await why({ host: server.socketDir, port: 1 })).toBe(`nothing listens at ${server.socketDir}/.s.PGSQL.1`);
  });

  // Only root can become somebody else. Without it servers run as ourselves, and all the other tests are of that case.
  test.runIf(ROOT)(
    "cannot be told apart by a stranger, who sees what each of them does, and may end nobody",
    async () => {
      const pid = await pidOf(session);
      const seen = await seenAs(STRANGER, server, { postmaster: postmasterPid(server), pid });
      const why = /^\d+ PostgreSQL servers of \w+ run here \([\d, ]+\): as root or as \w+ it could be told which one$/;
      expect(seen.at).toEqual({ kind: "none", why: expect.stringMatching(why) });
      expect(seen.sample.backends.filter(isClient)).toHaveLength(1);
      const place = { clientAddress: "127.0.0.1", clientPort: expect.any(Number) };
      expect(backendOf(seen.sample, pid)).toMatchObject({ user: "postgres", state: "idle", ...place });
      expect(seen.sample.server).toMatchObject({
        rights: { signal: false },
        settings: { maxConnections: null, superuserReserved: null },
        postmaster: { limitsFrom: null },
      });
      expect(seen.verdict).toBe("refused");
      expect((await session.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    },
  );

  test.runIf(ROOT)("show their own user what they show root, and are his to act on", async () => {
    const pid = await pidOf(session);
    const ended = new Promise((resolve) => session.once("end", resolve));
    const seen = await seenAs(serverAccount()!, server, { postmaster: postmasterPid(server), pid });
    expect(seen.at).toMatchObject({ kind: "found", postmaster: await found(server) });
    expect(seen.sample.server).toMatchObject({ rights: { signal: true }, settings: { maxConnections: 33 } });
    expect(seen.verdict).toBe("sent");
    await ended;
  });
});

describe("a server that is not there", () => {
  test("none is, where something else answers at the same place, or a lock file that anybody has put there names one", async () => {
    const server = await testServer(18);
    const directory = mkdtempSync(path.join(tmpdir(), "pgtriage-planted-"));
    const socket = path.join(directory, ".s.PGSQL.5999");
    const [planted, usurper] = [createServer().listen(socket), createServer()];
    const place = { host: directory, hostaddr: null, port: 5999 };
    try {
      await new Promise((resolve) => planted.once("listening", resolve));
      writeFileSync(`${socket}.lock`, readFileSync(path.join(server.dataDir, "postmaster.pid")));
      expect(await postmasterAt(place)).toMatchObject({ kind: "none" });
      rmSync(`${socket}.lock`);
      execFileSync("mkfifo", [`${socket}.lock`]);
      expect(await postmasterAt(place)).toMatchObject({ kind: "none" });
      // The server goes on listening at a socket that nobody can reach any more.
      const reached = path.join(server.socketDir, `.s.PGSQL.${server.port}`);
      rmSync(reached);
      usurper.listen(reached);
      await new Promise((resolve) => usurper.once("listening", resolve));
      expect(await postmasterAt({ host: server.socketDir, hostaddr: null, port: server.port })).toMatchObject({
        kind: "none",
        why: expect.stringMatching(/^PostgreSQL \d+ and something else listen at port \d+ of /),
      });
    } finally {
      planted.close();
      usurper.close();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test("one in a container is none of ours: its pids are others there", async () => {
    const server = await serverInNamespace(18);
    // Where the machine does not let us make a namespace, it says so, and there is nothing to be confused with.
    if (typeof server === "string") return expect(server).toMatch(/\w/);
    try {
      const { hostname: host, port } = new URL(server.url);
      const at = await postmasterAt({ host, hostaddr: null, port: Number(port) });
      expect(at).toMatchObject({
        kind: "none",
        why: expect.stringMatching(/a PostgreSQL in a container is told from inside of it$/),
      });
    } finally {
      await server.stop();
    }
  });

  test("a server that has ended is none any more, and a source of it says so", async () => {
    const server = await testServer(18);
    const source = await hostLane(server);
    await source.read();
    await server.stop();
    await expect(source.read()).rejects.toThrow(/^the server has ended: postmaster \d+ is gone$/);
    expect(await postmasterAt({ host: server.host, hostaddr: null, port: server.port })).toMatchObject({
      kind: "none",
    });
  });
});

test("a standby is told by its startup process, and its limits by its files: pg_control has those of its primary", async () => {
  const server = await testServer(18, { hot_standby: "on", max_connections: 141 }, { files: { "standby.signal": "" } });
  try {
    const { server: seen, backends } = await (await hostLane(server)).read();
    expect(ofType(backends, "startup")).toHaveLength(1);
    expect(seen).toMatchObject({ role: "standby", settings: { maxConnections: 141 } });
    expect(seen.postmaster).toMatchObject({ limitsFrom: "its configuration files", limitsDoubt: null });
  } finally {
    await server.stop();
  }
});

describe.each([10])("where titles have little room, PostgreSQL %i", (major) => {
  test("shows who is there as far as it goes, and never says idle of who is idle in transaction", async () => {
    const { PATH } = process.env;
    // Titles are written over arguments and environment.
    process.env["PATH"] = "/usr/bin:/bin";
    const server = await testServer(major, { cluster_name: "c".repeat(60) }).finally(
      () => (process.env["PATH"] = PATH),
    );
    const admin = await client(server.url);
    const [role, database] = ["r".repeat(60), "d".repeat(60)];
    await admin.query(`create role ${role} login`);
    await admin.query(`create database ${database}`);
    const session = await client(`postgres://${role}@${server.host}:${server.port}/${database}`);
    try {
      const pid = await pidOf(session);
      await session.query("begin");
      const source = await hostLane(server);
      const sample = await source.read();
      const row = backendOf(sample, pid)!;
      expect(row).toMatchObject({ state: null, query: "", user: role });
      expect(row.database).toMatch(/^d+$/);
      expect(backendOf(sample, await pidOf(admin))).toMatchObject({ user: "postgres", database: "postgres" });
      if (row.backendType === null) expect(await verdict(source, "terminate", row)).toBe("protected");
      expect(ofType(sample.backends, "checkpointer")).toHaveLength(1);
    } finally {
      await Promise.all([session.end(), admin.end()]);
      await server.stop();
    }
  });
});

describe.each([18])("with update_process_title off, PostgreSQL %i", (major) => {
  test("tells who is there and not what they do: nobody is said to be starting for ever", async () => {
    const server = await testServer(major, { update_process_title: "off" });
    const held = await sessions(server.url, 3);
    try {
      const { backends, ...sample } = await (await hostLane(server)).read();
      const clients = backends.filter(isClient);
      expect(clients.map(({ pid }) => pid).sort((a, b) => a - b)).toEqual([...held.pids].sort((a, b) => a - b));
      for (const one of clients) expect(one).toMatchObject({ user: "postgres", database: "postgres", state: null });
      expect(sample.server.postmaster).toMatchObject({ tellsActivity: false });
      expect(slots({ ...sample, backends })).toMatchObject({ used: { low: 3, high: 3 }, starting: 0 });
    } finally {
      await held.close();
      await server.stop();
    }
  });
});

test("where the kernel's counters stand still, nobody is taken for one that has rested", async () => {
  const server = await testServer(18);
  const session = await client(server.url);
  try {
    const pid = await pidOf(session);
    const reader = childrenReader(await found(server), bootSeconds(), { runCounters: () => "150 545" });
    const read = async (): Promise<string | null | undefined> => {
      const { byPid } = await reader.read({ major: 18, frozen: false }, Date.now() / 1000);
      return byPid.get(pid)?.backend.state;
    };
    expect(await read()).toBe("idle");
    await session.query("begin");
    expect(await read()).toBe("idle in transaction");
    expect(reader.look(pid, { major: 18, frozen: false })?.counters).toBeNull();
  } finally {
    await session.end();
    await server.stop();
  }
});

test("300 sessions cost some milliseconds, and less while they rest", async () => {
  const server = await testServer(18, { max_connections: 320 });
  const held = await sessions(server.url, 300);
  try {
    const source = await hostLane(server);
    const cost = async (): Promise<number> => {
      const before = process.cpuUsage();
      const { backends } = await source.read();
      const { user, system } = process.cpuUsage(before);
      expect(backends.filter(isClient)).toHaveLength(300);
      return (user + system) / 1000;
    };
    const first = await cost();
    const resting = await cost();
    const again = await Promise.all(held.clients.map((session) => session.query("select 1"))).then(cost);
    console.log(
      `[host lane] 300 sessions, ms of CPU: first ${first.toFixed(1)}, at rest ${resting.toFixed(1)}, all at work ${again.toFixed(1)}`,
    );
    // Generous: the machine of a test is shared.
    expect(resting).toBeLessThan(100);
  } finally {
    await held.close();
    await server.stop();
  }
});
