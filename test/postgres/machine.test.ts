import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { machineBytes } from "../../src/source/host/machine.ts";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres, type PostgresServer } from "../../src/demo/postgres/launch.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";

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
  expect(bytes ?? 0).toBeLessThanOrEqual(totalmem());
});

test("a process of another name, or of another start, is no backend of that server", async () => {
  const source = await sourceOf(url);
  const sample = await source.read();
  source.close();
  const own = backendOf(sample, sample.server.ownPid!)!;
  expect(machineBytes(process.pid, own.backendStartSeconds)).toBeNull();
  expect(machineBytes(own.pid, own.backendStartSeconds! - 10)).toBeNull();
  expect(machineBytes(own.pid, null)).toBeNull();
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
