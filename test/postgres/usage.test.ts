import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProcessUsage, Usage } from "../../src/model/usage.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { serverInNamespace } from "../servers/namespace.ts";
import { standbyOf } from "../servers/standby.ts";
import { client, pidOf, testServer, withUser, type TestServer } from "../servers/server.ts";
import { hostLane, mumbler, postmasterPid } from "./host-lane.ts";
import { sourceOf } from "./pgtriage.ts";

/** Every process of the server beside its sessions, as this version has it. */
function kindsOf(major: number): readonly string[] {
  return [
    "postmaster",
    "logger",
    "checkpointer",
    "background writer",
    "walwriter",
    "autovacuum launcher",
    "archiver",
    ...(major <= 14 ? ["stats collector"] : []),
    ...(major >= 17 ? ["walsummarizer"] : []),
    ...(major >= 18 ? ["io worker", "io worker", "io worker"] : []),
    major === 10 ? "background worker" : "logical replication launcher",
  ];
}

describe.each([10, 11, 12, 13, 14, 15, 16, 17, 18])("the processes of PostgreSQL %i", (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await testServer(major, {
      logging_collector: "on",
      archive_mode: "on",
      archive_command: "true",
      wal_level: "replica",
      ...(major % 2 === 1 && { cluster_name: "pr od: x" }),
      ...(major >= 17 && { summarize_wal: "on" }),
    });
    const admin = await client(server.url);
    await admin.query("create role plain login");
    await admin.end();
  });
  afterAll(() => server?.stop());

  test("are all there and all have a name, in the words of pg_stat_activity: by SQL, whoever asks, and without", async () => {
    const ways = [() => sourceOf(server.url), () => sourceOf(withUser(server.url, "plain")), () => hostLane(server)];
    for (const open of ways) {
      const source = await open();
      const read = async (): Promise<Usage> => (await source.read({ usage: true })).usage!;
      // Whoever has just been begun has no name yet, and some of them come and go.
      const usage = await eventually("all of them", read, (usage) => {
        const told = ownKinds(usage).filter((kind) => kind !== "autovacuum worker");
        return JSON.stringify(told) === JSON.stringify([...kindsOf(major)].sort());
      });
      source.close();
      const own = [...usage.processes.values()];
      expect(usage.postmasterPid).toBe(postmasterPid(server));
      expect(own.find(({ kind }) => kind === "checkpointer")?.title).toMatch(/(?:^|: )checkpointer/);
      expect(usage.processes.get(usage.postmasterPid)).toMatchObject({ kind: "postmaster", title: null });
    }
  });

  test("a session that has not said who it is, is told as that", async () => {
    const silent = await mumbler(server);
    const source = await sourceOf(server.url);
    const kinds = async (): Promise<readonly (string | null)[]> =>
      [...(await source.read({ usage: true })).usage!.processes.values()].map(({ kind }) => kind);
    await eventually("half open", kinds, (kinds) => kinds.includes("half-open"));
    silent.destroy();
    await eventually("gone", kinds, (kinds) => !kinds.includes("half-open"));
    source.close();
  });
});

function ownKinds({ processes }: Usage): readonly string[] {
  const kinds = [...processes.values()].map(({ kind }) => String(kind));
  return kinds.filter((kind) => kind !== "client backend").sort();
}

describe.each([10, 13, 18])("what processes of PostgreSQL %i take", (major) => {
  let server: TestServer;
  let source: Source;

  beforeAll(async () => {
    server = await testServer(major);
    source = await sourceOf(server.url);
  });
  afterAll(async () => {
    source?.close();
    await server?.stop();
  });

  /** From one look to the next, which is at least a second later. */
  async function taken(pid: number): Promise<ProcessUsage> {
    const began = performance.now();
    await source.read({ usage: true });
    const later = async (): Promise<ProcessUsage | undefined> =>
      performance.now() - began < 1000 ? undefined : (await source.read({ usage: true })).usage?.processes.get(pid);
    return (await eventually("a second later", later, (usage) => usage !== undefined))!;
  }

  test("is told of processors: all of one by whoever counts, nothing by whoever sleeps or is idle", async () => {
    const [busy, sleeping, idle] = await Promise.all([1, 2, 3].map(() => client(server.url)));
    const pids = await Promise.all([busy, sleeping, idle].map((session) => pidOf(session!)));
    const ended = busy!.query("select count(*) from generate_series(1, 10000000000)").catch(() => {});
    const asleep = sleeping!.query("select pg_sleep(600)").catch(() => {});
    const before = processorTime(pids[0]!);
    const { cpuPercent } = await taken(pids[0]!);
    const after = processorTime(pids[0]!);
    // On a machine that others use as well it has to wait for its turn, and the kernel says how long.
    const [ran, waited] = [after.ran - before.ran, after.waited - before.waited];
    expect(cpuPercent).toBeGreaterThan(50 * (ran / (ran + waited)));
    expect(cpuPercent).toBeLessThan(110);
    const { usage } = await source.read({ usage: true });
    expect(usage!.processes.get(pids[1]!)!.cpuPercent).toBeLessThan(5);
    expect(usage!.processes.get(pids[2]!)!.cpuPercent).toBeLessThan(5);
    await idle!.query("select pg_cancel_backend(pid) from pg_stat_activity where pid = any($1)", [pids.slice(0, 2)]);
    await Promise.all([ended, asleep]);
    await Promise.all([busy, sleeping, idle].map((session) => session!.end()));
  });

  test("of one that is newer than the last look is told since its start", async () => {
    await source.read({ usage: true });
    const session = await client(server.url);
    const pid = await pidOf(session);
    await session.query("select count(*) from generate_series(1, 3000000)");
    const seen = async (): Promise<ProcessUsage | undefined> =>
      (await source.read({ usage: true })).usage?.processes.get(pid);
    const usage = await eventually("it is old enough", seen, (usage) => usage?.cpuPercent != null);
    expect(usage!.cpuPercent).toBeGreaterThan(10);
    await session.end();
    await eventually("it has gone", seen, (usage) => usage === undefined);
  });

  test("is told of disks: what is written down is counted, and a session that writes nothing has nothing", async () => {
    const [writer, idle] = await Promise.all([client(server.url), client(server.url)]);
    const [pid, other] = await Promise.all([pidOf(writer), pidOf(idle)]);
    // Logged, and far more than fits into shared_buffers.
    const running = writer.query("create table large as select repeat('x', 1000) from generate_series(1, 300000)");
    const written = async (): Promise<number> => (await taken(pid)).writtenBytesPerSecond ?? 0;
    const most = await eventually("it writes", written, (bytes) => bytes > 2 ** 20, { withinMs: 40_000 });
    expect(most).toBeLessThan(2 ** 33);
    expect((await taken(other)).writtenBytesPerSecond).toBe(0);
    await running;
    await Promise.all([writer.end(), idle.end()]);
  });
});

function processorTime(pid: number): { readonly ran: number; readonly waited: number } {
  const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ").map(Number);
  return { ran: ran!, waited: waited! };
}

test("a standby's processes have their names as well", async () => {
  const primary = await testServer(18);
  try {
    const standby = await standbyOf(primary, 18);
    const source = await sourceOf(standby.url);
    const kinds = async (): Promise<readonly (string | null)[]> =>
      [...(await source.read({ usage: true })).usage!.processes.values()].map(({ kind }) => kind);
    const told = await eventually("it streams", kinds, (kinds) => kinds.includes("walreceiver"));
    expect(told).toEqual(expect.arrayContaining(["postmaster", "startup", "checkpointer", "background writer"]));
    expect(told).not.toContain(null);
    source.close();
    await standby.stop();
  } finally {
    await primary.stop();
  }
});

test("of a server whose pids are others than ours nothing is told", async () => {
  const server = await serverInNamespace(18);
  // Where the machine does not let us make a namespace, it says so, and there is nothing to be confused with.
  if (typeof server === "string") return expect(server).toMatch(/\w/);
  try {
    const source = await sourceOf(server.url);
    await source.read();
    expect((await source.read({ usage: true })).usage).toBeNull();
    source.close();
  } finally {
    await server.stop();
  }
});

test("nobody reads it who did not ask for it", async () => {
  const server = await testServer(18);
  const [bySql, without] = [await sourceOf(server.url), await hostLane(server)];
  try {
    for (const source of [bySql, without]) expect((await source.read()).usage).toBeNull();
  } finally {
    bySql.close();
    without.close();
    await server.stop();
  }
});
