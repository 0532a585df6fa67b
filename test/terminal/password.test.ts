import type pg from "pg";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { BIN } from "../postgres/pgtriage.ts";
import { live, oursOn } from "./dashboard.ts";
import { Shell } from "./shell.ts";
import { Terminal } from "./terminal.ts";

const SECRET = "s3cr3t pässwörd";
const HBA = `
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
`;

let server: TestServer;
let session: pg.Client;
const terminals: Terminal[] = [];

beforeAll(async () => {
  server = await testServer(18, { max_connections: 20 }, { hba: HBA });
  session = await client(server.url);
  await session.query(`create role watcher login password '${SECRET}' in role pg_monitor`);
});
afterEach(() => terminals.splice(0).forEach((terminal) => terminal.close()));
afterAll(async () => {
  await session?.end();
  await server?.stop();
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
  const to = `postgres://watcher@${server.host}:${server.port}/postgres`;
  const terminal = new Terminal(process.execPath, [BIN, ...args, to], {
    columns: 120,
    rows: 40,
    env: { HOME: "/nonexistent", PGPASSFILE: "/nonexistent/.pgpass", ...env },
  });
  terminals.push(terminal);
  return terminal;
}

/** The line on which the question stands; with the blank behind it, which the screen's text has lost. */
async function asked(terminal: Terminal, times = 1): Promise<void> {
  await terminal.waitFor(
    () =>
      !terminal.alternate && (terminal.text().match(/Password for role watcher on [\d.:]+:/g) ?? []).length === times,
  );
}

test("the server wants a password: it is asked for on the plain terminal, unseen, and then the dashboard is there", async () => {
  const terminal = start([]);
  await asked(terminal);
  expect(terminal.bracketedPaste).toBe(false);
  terminal.type(`${SECRET}\r`);
  await live(terminal);
  expect(terminal.alternate).toBe(true);
  expect(terminal.raw).not.toContain("s3cr3t");
  expect(terminal.raw).not.toContain("pässw");
  terminal.press("j", "?");
  await terminal.waitFor(/Help/);
  terminal.press("q");
  expect(await terminal.waitExit()).toEqual({ code: 0, signal: 0 });
});

test("a wrong one is asked for once more, and then is told", async () => {
  const terminal = start([]);
  await asked(terminal);
  terminal.type("wrong\r");
  await asked(terminal, 2);
  terminal.type("wrong again\r");
  expect((await terminal.waitExit()).code).toBe(1);
  expect(terminal.text()).toContain('Wrong password for role "watcher"');
  expect(terminal.text()).toContain("it came from your typing");
  expect(terminal.text()).not.toContain("wrong again");
  expect(terminal.alternate).toBe(false);
});

test("Ctrl-Z at the question suspends, and fg asks again", async () => {
  const shell = new Shell();
  terminals.push(shell.terminal);
  await shell.begin();
  shell.terminal.type(
    `HOME=/nonexistent '${process.execPath}' '${BIN}' postgres://watcher@${server.host}:${server.port}/postgres\r`,
  );
  for (let round = 1; round <= 2; round++) {
    await asked(shell.terminal, round);
    shell.terminal.press("Ctrl-Z");
    await shell.terminal.waitFor(new RegExp(`(Stopped[^]*){${round}}`));
    shell.terminal.type(round === 1 ? "echo 'it e'choes; fg\r" : "fg\r");
    await shell.terminal.waitFor(/it echoes/);
  }
  await asked(shell.terminal, 3);
  shell.terminal.type(`${SECRET}\r`);
  await live(shell.terminal);
  expect(shell.terminal.raw).not.toContain("s3cr3t");
});

test("a resize at the question paints nothing over it", async () => {
  const terminal = start([]);
  await asked(terminal);
  terminal.resize(90, 20);
  terminal.type("wrong\r");
  await terminal.waitFor(/Wrong password, the last try\. Password for role/);
  terminal.resize(120, 40);
  terminal.type(`${SECRET}\r`);
  await live(terminal);
});

test("an empty answer is none: it is asked for again", async () => {
  const terminal = start([]);
  await asked(terminal);
  terminal.type("\r");
  await asked(terminal, 2);
  terminal.type(`${SECRET}\r`);
  await live(terminal);
});

test("a wrong one and then the right one", async () => {
  const terminal = start([]);
  await asked(terminal);
  terminal.type("wrong\r");
  await asked(terminal, 2);
  terminal.type(`${SECRET}\r`);
  await live(terminal);
});

test("editing works unseen: Backspace, Ctrl-U, and cursor keys leave no letters behind", async () => {
  const terminal = start([]);
  await asked(terminal);
  terminal.type("nonsense\u0015\u001b[A\u001bOB");
  terminal.type(`${SECRET}x\u007f\r`);
  await live(terminal);
});

test("-W asks before anything is tried, -w never asks", async () => {
  const first = start(["-W"]);
  await asked(first);
  expect(await oursOn(session)).toBe(0);
  first.type(`${SECRET}\r`);
  await live(first);
  const never = start(["-w"]);
  expect((await never.waitExit()).code).toBe(1);
  expect(never.text()).toContain("wants a password");
  expect(never.text()).not.toContain("Password for role");
});

test("a password that was not typed is not asked for again: it says where it came from", async () => {
  const terminal = start([], { PGPASSWORD: "stale" });
  expect((await terminal.waitExit()).code).toBe(1);
  expect(terminal.text()).toContain("it came from PGPASSWORD");
});

test.each([
  ["Ctrl-C", "\u0003", 130],
  ["Ctrl-\\", "\u001c", 131],
  ["Ctrl-D", "\u0004", 1],
])("%s at the question gives up, and the terminal is as it was", async (_, key, code) => {
  const terminal = start([]);
  await asked(terminal);
  terminal.type(key);
  expect((await terminal.waitExit()).code).toBe(code);
  expect({ alternate: terminal.alternate, cursor: terminal.cursorVisible, paste: terminal.bracketedPaste }).toEqual({
    ...{ alternate: false, cursor: true, paste: false },
  });
});

test.each([
  ["", "SIGTERM", 143],
  ["snapshot", "SIGHUP", 129],
  ["snapshot", "SIGQUIT", 131],
] as const)("%s: %s at the question leaves a terminal that echoes", async (command, signal, code) => {
  const shell = new Terminal("/bin/sh", [], { columns: 120, rows: 40, env: { PS1: "$ ", HOME: "/nonexistent" } });
  terminals.push(shell);
  shell.type(
    `'${process.execPath}' '${BIN}' ${command} postgres://watcher@${server.host}:${server.port}/postgres; echo "left with $?"\r`,
  );
  await asked(shell);
  const pid = Number(/pgtriage pid=(\d+)/.exec(psOf(shell.pid))?.[1]);
  process.kill(pid, signal);
  await shell.waitFor(new RegExp(`left with ${code}`));
  shell.type("stty -a\r");
  await shell.waitFor(/(?<!-)icanon/);
  expect(shell.text()).toMatch(/(?<!-)\becho\b/);
});

test("snapshot asks on the terminal too, and keeps it out of what it prints", async () => {
  const terminal = start(["snapshot"]);
  await asked(terminal);
  terminal.type(`${SECRET}\r`);
  expect((await terminal.waitExit()).code).toBe(0);
  // The report is longer than this screen: its beginning has been there.
  expect(terminal.raw).toMatch(/slots used/);
  expect(terminal.raw).not.toContain("s3cr3t");
});

describe("in the middle of a watch", () => {
  const HASTY = "f1rst";
  afterAll(() => session.query(`alter role watcher password '${SECRET}'`));

  /** Watching, with a password that is wrong by now, and asked for the right one. */
  async function askedAgain(): Promise<Terminal> {
    await session.query(`alter role watcher password '${HASTY}'`);
    const terminal = start(["-i", "0.5"], { PGPASSWORD: HASTY });
    await live(terminal);
    await session.query(`alter role watcher password '${SECRET}'`);
    await session.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgtriage'");
    await terminal.waitFor(/Wrong password for role/);
    terminal.press("E");
    await asked(terminal);
    return terminal;
  }

  test("Ctrl-C gives up the question, not the watch", async () => {
    const terminal = await askedAgain();
    terminal.press("Ctrl-C");
    await terminal.waitFor(() => terminal.alternate && /STALE/.test(terminal.text()));
    terminal.press("E");
    // Above it the first one still stands, on the plain screen.
    await asked(terminal, 2);
    terminal.type(`${SECRET}\r`);
    await terminal.waitFor(() => terminal.alternate && !/STALE/.test(terminal.text()));
    terminal.press("q");
    expect(await terminal.waitExit()).toEqual({ code: 0, signal: 0 });
  });

  test("it is the last try when it is, and not before", async () => {
    const terminal = await askedAgain();
    expect(terminal.text()).toMatch(/^Wrong password\. Password for role/);
    terminal.type("wrong\r");
    await terminal.waitFor(/Wrong password, the last try\. Password for role/);
  });
});

test("Ctrl-Z at the question where no shell could set us going again: what is typed then is not echoed", async () => {
  const terminal = start([]);
  await asked(terminal);
  terminal.press("Ctrl-Z");
  await terminal.waitStill(300);
  terminal.type(`${SECRET}\r`);
  await live(terminal);
  expect(terminal.raw).not.toContain("s3cr3t");
});

test("a password on the command line is gone from the list of processes", async () => {
  const url = `postgres://watcher:${encodeURIComponent(SECRET)}@${server.host}:${server.port}/postgres`;
  const terminal = new Terminal(process.execPath, [BIN, url], { columns: 120, rows: 40 });
  terminals.push(terminal);
  await live(terminal);
  expect(readFileSync(`/proc/${terminal.pid}/cmdline`, "utf8")).toMatch(/^pgtriage/);
  expect(readFileSync(`/proc/${terminal.pid}/cmdline`, "utf8")).not.toContain("s3cr3t");
  expect(terminal.raw).not.toContain("s3cr3t");
});

/** The children of a process, as `name pid=…`. */
function psOf(parent: number): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [, name = "", ppid = ""] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
        return Number(ppid) === parent ? [`${name} pid=${pid}`] : [];
      } catch {
        return [];
      }
    })
    .join("\n");
}
