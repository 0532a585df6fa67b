import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ownBackend } from "../../src/source/host/own-backend.ts";
import { isTitleOf, type Told } from "../../src/source/host/own-title.ts";
import { bootSeconds, startSeconds, statOf } from "../../src/source/host/processes.ts";
import { eventually } from "../servers/deadline.ts";
import { aBackend } from "./builders.ts";

const TCP: Told = { user: "app", database: "shop", clientAddress: "127.0.0.1", clientPort: 50412 };
const SOCKET: Told = { ...TCP, clientAddress: null, clientPort: -1 };

function says(title: string | Buffer, told: Told): boolean {
  return isTitleOf(typeof title === "string" ? Buffer.from(title) : title, told);
}

describe("the title of a session", () => {
  test.each([
    ["postgres: app shop 127.0.0.1(50412) idle", TCP],
    ["postgres: app shop 127.0.0.1(50412)", TCP],
    ["postgres: app shop 127.0.0.1(50412) startup", TCP],
    ["postgres: prod: x: app shop 127.0.0.1(50412) SELECT", TCP],
    ["postgres: app shop ::ffff:127.0.0.1(50412) idle", TCP],
    ["postgres: app shop web-7.example.com(50412) idle", TCP],
    ["postgres: app shop fe80::1%eth0(5) idle", { ...TCP, clientAddress: "fe80::1", clientPort: 5 }],
    ["postgres: app shop [local] idle", SOCKET],
    ["postgres: app shop [local]", SOCKET],
    ["postgres: walsender app 127.0.0.1(50412) idle", TCP],
    ["postgres: walsender app shop [local] idle", SOCKET],
    ["postgres: wal sender process app 127.0.0.1(50412) idle", TCP],
    ["postgres: on call (a.b) my shop [local] idle", { ...SOCKET, user: "on call (a.b)", database: "my shop" }],
    [Buffer.from("postgres: m\xfcller shop [local] idle", "latin1"), { ...SOCKET, user: "müller" }],
    ["postgres: müller shop [local] idle", { ...SOCKET, user: "müller" }],
  ])("%s is of whom the server tells", (title, told) => {
    expect(says(title, told)).toBe(true);
  });

  test.each([
    ["of another client's port", "postgres: app shop 127.0.0.1(50413) idle", TCP],
    ["of a port that begins so", "postgres: app shop 127.0.0.1(504122) idle", TCP],
    ["of another client", "postgres: app shop 10.0.0.7(50412) idle", TCP],
    ["of a Unix socket", "postgres: app shop [local] idle", TCP],
    ["of TCP", "postgres: app shop 127.0.0.1(50412) idle", SOCKET],
    ["of another role", "postgres: web shop 127.0.0.1(50412) idle", TCP],
    ["of another database", "postgres: app shop2 127.0.0.1(50412) idle", TCP],
    ["of a process of the server's own", "postgres: checkpointer", SOCKET],
    ["of the postmaster", "/usr/lib/postgresql/18/bin/postgres\0-D\0data", SOCKET],
    ["that had no room", "postgres: app shop 127.0.0.1(504", TCP],
    [
      "of a role of another length in another encoding",
      "postgres: mller shop [local] idle",
      { ...SOCKET, user: "müller" },
    ],
    ["of whom the server hides", "postgres: app shop [local] idle", { ...SOCKET, database: null }],
    ["of whom nobody knows the client", "postgres: app shop [local] idle", { ...SOCKET, clientPort: null }],
  ])("%s is not", (_, title, told) => {
    expect(says(title, told)).toBe(false);
  });
});

// Processes of that name, with a title, and with a child that has another: only Linux has a place to look at them.
describe.runIf(existsSync("/proc/self/stat"))("a process with the pid and the start of our session", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "pgtriage-named-"));
  const program = path.join(directory, "postgres");
  copyFileSync(process.execPath, program);

  async function withProcess(
    argv0: string,
    work: (pid: number, startedSeconds: number) => Promise<void>,
  ): Promise<void> {
    const parent = spawn(program, ["-e", PARENT, program, argv0], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
      const stat = await eventually(
        "it has its name",
        () => statOf(pid),
        (stat) => stat?.program === "postgres",
      );
      await work(pid, startSeconds(bootSeconds(), stat!.startTicks));
    } finally {
      parent.stdin.end();
      await new Promise((resolve) => parent.once("close", resolve));
    }
  }

  test("is ours if it serves our client; over a Unix socket, if the server's other processes are here as well", async () => {
    await withProcess("postgres: app shop 127.0.0.1(50412) idle", async (pid, backendStartSeconds) => {
      const own = aBackend({ ...TCP, pid, backendStartSeconds });
      const nobody = (): readonly number[] => [];
      expect((await ownBackend()(own, nobody))?.session.pid).toBe(pid);
      expect(await ownBackend()({ ...own, clientPort: 50413 }, nobody)).toBeNull();
      expect(await ownBackend()({ ...own, user: "web" }, nobody)).toBeNull();
      expect(await ownBackend()({ ...own, backendStartSeconds: backendStartSeconds - 10 }, nobody)).toBeNull();
      expect(await ownBackend()({ ...own, backendStartSeconds: null }, nobody)).toBeNull();
      expect(await ownBackend()({ ...own, pid: process.pid }, nobody)).toBeNull();
      expect(await ownBackend()(undefined, nobody)).toBeNull();
    });
    await withProcess("postgres: app shop [local] idle", async (pid, backendStartSeconds) => {
      const own = aBackend({ ...SOCKET, pid, backendStartSeconds });
      expect((await ownBackend()(own, () => [pid]))?.session.pid).toBe(pid);
      // Another server that has a session with that pid has a checkpointer as well, and so on.
      expect(await ownBackend()(own, () => [pid, 1, process.pid])).toBeNull();
    });
    rmSync(directory, { recursive: true });
  });
});

/** Ends with its parent, and that with us. */
const PARENT = `
const child = require("node:child_process").spawn(process.argv[1], ["-e", "process.stdin.resume()"], { argv0: process.argv[2], stdio: ["pipe", "ignore", "ignore"] });
process.stdout.write(String(child.pid));
process.stdin.resume().once("end", () => { child.once("close", () => process.exit()); child.stdin.end(); });
`;
