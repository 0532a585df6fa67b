import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres, type PostgresServer } from "../../src/demo/postgres/launch.ts";
import { limitedGroup } from "../servers/limited-group.ts";
import { client } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

const MB = 2 ** 20;
const HAS_PROC = existsSync("/proc/self/stat");

// On this machine, whatever the other tests use: a container's processes have pids of their own.
let server: PostgresServer;
let url: string;

beforeAll(async () => {
  server = await launchPostgres({ binaries: await findBinaries(18) });
  url = `host=${server.socketDir} port=${server.port} user=postgres dbname=postgres`;
});
afterAll(() => server?.stop());

test("memory is that of the machine which the server runs on, or less where a control group limits it", async () => {
  const source = await sourceOf(url);
  const { tuning } = (await source.read()).server;
  source.close();
  // Without /proc nobody tells where a process runs.
  const bytes = tuning!.machineBytes;
  if (HAS_PROC) expect(bytes).toBeGreaterThan(2 ** 24);
  else expect(bytes).toBeNull();
  expect(tuning!.machineIs).toBe(bytes === null ? null : bytes < totalmem() ? "control group" : "machine");
  expect(bytes ?? 0).toBeLessThanOrEqual(totalmem());
});

test("a server in a control group has what that may use, or the one around it, whichever is less", async () => {
  const group = limitedGroup(512 * MB);
  if (typeof group === "string") {
    console.log(
      `[machine] no control group can be made here, so the server runs under what this machine has: ${group}`,
    );
    const source = await sourceOf(url);
    const { tuning } = (await source.read()).server;
    source.close();
    return expect(tuning!.machineBytes).not.toBe(512 * MB);
  }
  const limited = await launchPostgres({ binaries: await findBinaries(18) });
  try {
    group.take(limited.pid);
    // What it writes stays in the page cache, on its group's account.
    const place = `host=${limited.socketDir} port=${limited.port} user=postgres dbname=postgres`;
    const writer = await client(`postgres:///postgres?host=${limited.socketDir}&port=${limited.port}&user=postgres`);
    await writer.query("create table large as select repeat('x', 1000) from generate_series(1, 40000)");
    await writer.end();
    for (const [inner, expected] of [
      [null, 512],
      [256, 256],
      [1024, 512],
    ] as const) {
      if (inner !== null) group.limitInner(inner * MB);
      const source = await sourceOf(place);
      const { server, usage } = await source.read({ usage: true });
      source.close();
      expect(server.tuning).toMatchObject({ machineBytes: expected * MB, machineIs: "control group" });
      // The kernel counts in lumps, and our session has ended meanwhile.
      expect(usage!.groupBytes).toBeGreaterThan(32 * MB);
      expect(Math.abs(usage!.groupBytes! - group.usedBytes())).toBeLessThan(12 * MB);
    }
  } finally {
    await limited.stop();
    await group.remove();
  }
});

test("what sessions are given by default is told, whatever our own session is set to", async () => {
  const source = await sourceOf(url);
  const { tuning } = (await source.read()).server;
  source.close();
  expect(tuning).toMatchObject({
    workMemBytes: 4 * 2 ** 20,
    hashMemMultiplier: 2,
    timeouts: { statement_timeout: 0, idle_in_transaction_session_timeout: 0, transaction_timeout: 0 },
    overrides: [],
  });
  expect(tuning!.sharedBytes).toBeGreaterThan(2 ** 24);
});
