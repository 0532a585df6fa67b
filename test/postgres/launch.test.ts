import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres } from "../../src/demo/postgres/launch.ts";
import { eventually } from "../servers/deadline.ts";
import { client, sessions, testServer } from "../servers/server.ts";

test("the server that all tests share is there, and we are its superuser", async () => {
  const session = await client(inject("pgUrl"));
  const { rows } = await session.query("select current_setting('is_superuser') as superuser");
  await session.end();
  expect(rows).toEqual([{ superuser: "on" }]);
});

describe.each([18, 13, 10])("PostgreSQL %i", (major) => {
  test("starts from the npm binaries, with the settings asked for, and leaves nothing behind", async () => {
    const server = await testServer(major, { max_connections: 17, cluster_name: "it's ours" });
    const session = await client(server.url);
    const { rows } = await session.query(
      `select current_setting('server_version') as version, current_setting('data_directory') as dir,
              current_setting('max_connections') as slots, current_setting('cluster_name') as name`,
    );
    await session.end();
    await server.stop();
    expect(rows).toEqual([{ version: server.version, dir: server.dataDir, slots: "17", name: "it's ours" }]);
    expect(server.version).toMatch(new RegExp(`^${major}\\.`));
    expect(existsSync(server.socketDir)).toBe(false);
  });
});

test("pg_hba.conf is what the test says", async () => {
  const server = await testServer(18, {}, { hba: "host all intruder 127.0.0.1/32 reject" });
  try {
    await expect(client(server.url)).rejects.toMatchObject({ code: "28000" });
  } finally {
    await server.stop();
  }
});

test("stops while sessions are open, and stopping twice is once", async () => {
  const server = await testServer(18);
  const { clients, pids } = await sessions(server.url, 5, { application: "idle-five" });
  expect(new Set(pids).size).toBe(5);
  const ended = Promise.all(clients.map((session) => new Promise((resolve) => session.once("end", resolve))));
  await Promise.all([server.stop(), server.stop()]);
  await ended;
  expect(existsSync(server.socketDir)).toBe(false);
});

test("a setting that PostgreSQL refuses is told in PostgreSQL's words", async () => {
  const binaries = await findBinaries(18);
  const refused = launchPostgres({ binaries, settings: { max_connections: "a few" } });
  await expect(refused).rejects.toThrow(/did not start[^]*max_connections[^]*a few/);
});

describe("whoever launched it is killed", () => {
  let temporary: string;
  let launcher: ChildProcess;

  beforeEach(() => {
    temporary = mkdtempSync("/tmp/pgtriage-test-");
    chmodSync(temporary, 0o777);
    launcher = spawn(process.execPath, ["--import", "tsx", LAUNCHER], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ["ignore", "pipe", "inherit"],
    });
  });
  afterEach(() => {
    launcher.kill("SIGKILL");
    rmSync(temporary, { recursive: true, force: true });
  });

  test("while the server runs: process, directory and shared memory are gone within 5 s", async () => {
    const line = await new Promise<string>((resolve) => launcher.stdout?.once("data", (data) => resolve(String(data))));
    const { pid, socketDir } = JSON.parse(line) as { pid: number; socketDir: string };
    expect(alive(pid)).toBe(true);
    launcher.kill("SIGKILL");
    await eventually("postgres gone", () => alive(pid), isFalse, { withinMs: 5_000 });
    await eventually("its directory gone", () => existsSync(socketDir), isFalse, { withinMs: 5_000 });
    expect(sharedMemoryOf(pid)).toEqual([]);
  });

  test.each(["its directory is made", "initdb is at work"])("when %s: nothing is left either", async (when) => {
    await eventually(
      when,
      () => serverFiles(temporary),
      (files) => files !== null && (when.startsWith("its") || files.includes("data")),
      { withinMs: 20_000, everyMs: 1 },
    );
    launcher.kill("SIGKILL");
    await eventually(
      "all gone",
      () => serverFiles(temporary),
      (files) => files === null,
      { withinMs: 15_000 },
    );
  });
});

/** What is in the one server's directory, or null while there is none. */
function serverFiles(temporary: string): string[] | null {
  const directory = readdirSync(temporary).find((name) => name.startsWith("pgtriage-"));
  if (directory === undefined) return null;
  try {
    return readdirSync(path.join(temporary, directory));
  } catch {
    return null; // it went between the two looks
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Lines of the kernel's table whose creator is that process. Only Linux shows it as a file. */
function sharedMemoryOf(pid: number): string[] {
  const table = "/proc/sysvipc/shm";
  if (!existsSync(table)) return [];
  return readFileSync(table, "utf8")
    .split("\n")
    .filter((line) => Number(line.trim().split(/\s+/)[4]) === pid);
}

const isFalse = (value: boolean): boolean => !value;
const LAUNCHER = fileURLToPath(new URL("../servers/launch-and-wait.ts", import.meta.url));
