import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Usage } from "../../src/model/usage.ts";
import { serverAccount } from "../../src/demo/postgres/account.ts";
import { eventually } from "../servers/deadline.ts";
import { seenAs } from "../servers/host-seen.ts";
import { client, sessions, testServer, type Sessions, type TestServer } from "../servers/server.ts";
import { hostLane, postmasterPid } from "./host-lane.ts";
import { sourceOf } from "./pgtriage.ts";

const ROOT = process.getuid?.() === 0;
/** Nobody's number, and not that of the account that root lends to servers. */
const STRANGER = { uid: 54_321, gid: 54_321 };
const TABLES = 1500;
const [IDLE, WARMED, SORTING] = [200, 10, 3];
const MB = 2 ** 20;

describe.each([10, 13, 18])("memory of the processes of PostgreSQL %i", (major) => {
  let server: TestServer;
  let held: Sessions;
  let sorting: Sessions;

  beforeAll(async () => {
    server = await testServer(major, { max_connections: IDLE + 30, max_locks_per_transaction: 256 });
    const admin = await client(server.url);
    await admin.query(each("execute format('create table t%s (n int primary key, x text)', i)"));
    await admin.end();
    [held, sorting] = [await sessions(server.url, IDLE), await sessions(server.url, SORTING)];
    for (const session of held.clients.slice(0, WARMED))
      await session.query(each("execute format('select count(x) from t%s where n = 1', i)"));
  });
  afterAll(async () => {
    await Promise.all([held?.close(), sorting?.close()]);
    await server?.stop();
  });

  test("is what the kernel's own list of their memory adds up to, idle, warmed or while they sort", async () => {
    for (const session of sorting.clients) await session.query("set work_mem = '256MB'");
    const sorts = sorting.clients.map((session) =>
      session
        .query("select count(*) from (select n from generate_series(1, 40000000) n order by -n offset 1) s")
        .catch(() => {}),
    );
    const source = await hostLane(server);
    const read = async (): Promise<Usage> => (await source.read({ usage: "complete" })).usage!;
    const most = (usage: Usage): number => Math.min(...sorting.pids.map((pid) => bytesOf(usage, pid)));
    const { processes } = await eventually("three that sort", read, (usage) => most(usage) > 40 * MB, {
      withinMs: 60_000,
      everyMs: 100,
    });
    // Both looks have to see the same, so nobody moves in between.
    const children = [...processes.values()].filter(({ kind }) => kind !== "postmaster").map(({ pid }) => pid);
    const frozen = children.filter((pid) => signal(pid, "SIGSTOP"));
    try {
      const usage = await read();
      const told = frozen.map((pid) => ({ pid, ours: bytesOf(usage, pid), theirs: listedBytes(pid) }));
      expect(told.length).toBeGreaterThanOrEqual(IDLE + SORTING);
      const off = Math.max(...told.map(({ ours, theirs }) => Math.abs(ours / theirs - 1)));
      for (const { pid, ours, theirs } of told) {
        expect(usage.processes.get(pid)!.memoryHow).toBe("measured");
        expect(Math.abs(ours / theirs - 1), `${pid}: ${ours} and ${theirs}`).toBeLessThan(0.05);
      }
      expect(Math.abs(sum(told.map(({ ours }) => ours)) / sum(told.map(({ theirs }) => theirs)) - 1)).toBeLessThan(
        0.05,
      );
      report(major, usage, off, {
        idle: held.pids.slice(WARMED),
        warmed: held.pids.slice(0, WARMED),
        sorting: sorting.pids,
      });
      const least = Math.max(...held.pids.slice(WARMED).map((pid) => bytesOf(usage, pid)));
      for (const pid of held.pids.slice(0, WARMED)) expect(bytesOf(usage, pid)).toBeGreaterThan(2 * least);
    } finally {
      for (const pid of frozen) signal(pid, "SIGCONT");
      source.close();
    }
    for (const pid of sorting.pids) await held.clients[0]!.query("select pg_cancel_backend($1)", [pid]);
    await Promise.all(sorts);
  });

  test.runIf(ROOT)(
    "is at most so much to another user, and never less than it is; what they read and write is not for him",
    async () => {
      const source = await sourceOf(server.url);
      const seen = await seenAs(STRANGER, server, { postmaster: postmasterPid(server), pid: held.pids[0]! });
      const { usage } = await source.read({ usage: "complete" });
      source.close();
      const strangers = new Map(seen.usage.map((one) => [one.pid, one]));
      for (const pid of held.pids) {
        const one = strangers.get(pid)!;
        expect(one).toMatchObject({
          memoryHow: "at most",
          readBytesPerSecond: null,
          writtenBytesPerSecond: null,
          kind: "client backend",
        });
        expect(one.cpuPercent).not.toBeNull();
        expect(one.memoryBytes).toBeGreaterThanOrEqual(bytesOf(usage!, pid));
      }
      const own = await seenAs(serverAccount()!, server, { postmaster: postmasterPid(server), pid: held.pids[0]! });
      expect(own.usage.find(({ pid }) => pid === held.pids[1])).toMatchObject({
        memoryHow: "measured",
        readBytesPerSecond: 0,
      });
    },
  );
});

test("500 sessions are measured by and by, some in each sample, and all of them where that is asked for", async () => {
  const server = await testServer(18, { max_connections: 520 });
  const held = await sessions(server.url, 500);
  try {
    const source = await sourceOf(server.url);
    const read = async (wish: boolean | "complete"): Promise<{ readonly measured: number; readonly cpuMs: number }> => {
      const before = process.cpuUsage();
      const { usage } = await source.read({ usage: wish });
      const { user, system } = process.cpuUsage(before);
      const all = [...(usage?.processes.values() ?? [])];
      return { measured: all.filter(({ memoryBytes }) => memoryBytes !== null).length, cpuMs: (user + system) / 1000 };
    };
    await source.read();
    const first = await read(true);
    expect(first.measured).toBeGreaterThan(0);
    expect(first.measured).toBeLessThan(500);
    const costs: number[] = [];
    const more = async (): Promise<number> => {
      const { measured, cpuMs } = await read(true);
      costs.push(cpuMs);
      return measured;
    };
    await eventually("all of them", more, (measured) => measured > 500, { withinMs: 60_000 });
    const [resting, without] = [await read(true), await read(false)];
    await Promise.all(held.clients.map((session) => session.query("select 1")));
    const atWork = await read(true);
    const complete = await read("complete");
    expect(complete.measured).toBeGreaterThan(500);
    const ms = (cpuMs: number): string => cpuMs.toFixed(1);
    console.log(
      `[usage] 500 sessions, ms of CPU for a sample: without ${ms(without.cpuMs)}; with usage first ${ms(first.cpuMs)}, while measuring ${ms(costs.toSorted((a, b) => a - b)[costs.length >> 1]!)} (${costs.length + 1} samples), at rest ${ms(resting.cpuMs)}, all have run ${ms(atWork.cpuMs)}, complete ${ms(complete.cpuMs)}`,
    );
    source.close();
  } finally {
    await held.close();
    await server.stop();
  }
});

function each(statement: string): string {
  return `do $$ begin for i in 1..${TABLES} loop ${statement}; end loop; end $$`;
}

function bytesOf({ processes }: Usage, pid: number): number {
  return processes.get(pid)?.memoryBytes ?? Number.NaN;
}

function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/**
 * The same by another way, mapping by mapping: what is by share in those that have no file, and in private ones of a file what has been written to, because that
 * is no longer the file's. Shared memory is left out, which is all of what `rw-s` says.
 */
function listedBytes(pid: number): number {
  const program = `
    /^[0-9a-f]+-[0-9a-f]+ / { shared = $2 ~ /s$/; file = $5 != "0" }
    /^Pss:/ && !shared && !file { kb += $2 }
    /^Pss_Dirty:/ && !shared && file { kb += $2 }
    /^VmPTE:/ { kb += $2 }
    END { print kb * 1024 }`;
  return Number(execFileSync("awk", [program, `/proc/${pid}/smaps`, `/proc/${pid}/status`], { encoding: "utf8" }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0);
}

function report(major: number, usage: Usage, off: number, groups: Readonly<Record<string, readonly number[]>>): void {
  const words = Object.entries(groups).map(([name, pids]) => {
    const bytes = pids.map((pid) => bytesOf(usage, pid) / MB).sort((a, b) => a - b);
    return `${pids.length} ${name} ${bytes[0]!.toFixed(2)} to ${bytes.at(-1)!.toFixed(2)} MB`;
  });
  console.log(`[usage] PostgreSQL ${major}: ${words.join(", ")}; off by ${(off * 100).toFixed(2)} % at most`);
}
