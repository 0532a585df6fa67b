import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { type FaultProxy, faultProxy } from "../servers/fault-proxy.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { BIN, live, oursOn } from "./dashboard.ts";
import { processState, Shell } from "./shell.ts";
import { Terminal } from "./terminal.ts";

let server: TestServer;
let session: pg.Client;
let proxy: FaultProxy;
let url: string;
let shell: Shell;

beforeAll(async () => {
  server = await testServer(18, { max_connections: 20 });
  session = await client(server.url, { application_name: "observer" });
});
afterAll(async () => {
  await session?.end();
  await server?.stop();
});
beforeEach(async () => {
  proxy = await faultProxy({ host: server.host, port: server.port });
  url = `postgres://postgres@${proxy.host}:${proxy.port}/postgres`;
  shell = new Shell();
  await shell.begin();
});
afterEach(async () => {
  shell.close();
  await proxy.close();
});

async function running(): Promise<Terminal> {
  shell.start(url);
  await live(shell.terminal);
  return shell.terminal;
}

/** The shell shows its prompt, and the dashboard does not run. */
async function suspended(): Promise<void> {
  await shell.terminal.waitFor(/Stopped/);
  await eventually(
    "the process is stopped",
    () => shell.processState,
    (state) => state === "T",
  );
}

async function backAgain({ terminal } = shell): Promise<void> {
  terminal.type("fg\r");
  await terminal.waitFor(/live ─*$/m);
  expect(terminal.text()).not.toContain("what stood here before");
  const { alternate, cursorVisible, bracketedPaste } = terminal;
  expect({ alternate, cursorVisible, bracketedPaste }).toEqual({
    ...{ alternate: true, cursorVisible: false, bracketedPaste: true },
  });
}

/** Keys come one by one, unechoed, and act. */
async function keysAct(): Promise<void> {
  shell.terminal.press("?");
  await shell.terminal.waitFor(/┌ Help/);
  shell.terminal.press("Escape");
  await live(shell.terminal);
}

describe("Ctrl-Z", () => {
  test("gives the shell its terminal back whole, fg brings the dashboard back, and that again", async () => {
    const terminal = await running();
    for (let i = 0; i < 2; i++) {
      terminal.press("Ctrl-Z");
      await suspended();
      expect(await shell.differences()).toEqual([]);
      expect(terminal.text()).toContain("what stood here before");
      await backAgain();
      await keysAct();
    }
    terminal.press("q");
    await shell.terminal.waitFor(/what stood here before/);
    expect(await shell.differences()).toEqual([]);
  });

  test("works while a filter is typed, and what was typed is still there", async () => {
    const terminal = await running();
    terminal.press("/");
    terminal.type("user:postg");
    await terminal.waitFor(/Filter: user:postg/);
    terminal.press("Ctrl-Z");
    await suspended();
    terminal.type("fg\r");
    await terminal.waitFor(/Filter: user:postg/);
    terminal.type("res");
    await terminal.waitFor(/Filter: user:postgres/);
  });

  test("and a terminal that has another size afterwards: the frame has it too", async () => {
    const terminal = await running();
    terminal.press("Ctrl-Z");
    await suspended();
    terminal.resize(60, 12);
    await shell.run("true");
    terminal.type("fg\r");
    await terminal.waitFor(() => terminal.lines()[11]!.endsWith("q Quit"));
    expect(terminal.lines().every((line) => line.length <= 60)).toBe(true);
    await terminal.waitFor(() => terminal.lines()[1]!.includes("Slots"));
  });

  test("stops a script around the dashboard as well, or the shell would wait for it", async () => {
    const { terminal } = shell;
    terminal.type(`sh -c '"${process.execPath}" "${BIN}" "${url}"; echo "aft""er:$?"'\r`);
    await live(terminal);
    terminal.press("Ctrl-Z");
    await terminal.waitFor(/Stopped/);
    expect(await shell.run("echo here")).toBe("here");
    await backAgain();
    terminal.press("q");
    await terminal.waitFor(/^after:0$/m);
  });

  test("where no shell looks after us: nothing stops, the picture stays and says so", async () => {
    const terminal = new Terminal(process.execPath, [BIN, url], { columns: 100, rows: 30 });
    try {
      await live(terminal);
      terminal.press("Ctrl-Z");
      await terminal.waitFor(/not suspended: there is no shell here to go back to/);
      await live(terminal);
      expect(terminal.text()).not.toContain("STALE");
      terminal.press("q");
      expect(await terminal.waitExit()).toEqual({ code: 0, signal: 0 });
    } finally {
      terminal.close();
    }
  });
});

test("started in the background it waits for fg, and until then draws nothing over the shell", async () => {
  const { terminal } = shell;
  shell.start(url, { after: "&" });
  await eventually(
    "the process is stopped",
    () => (shell.started ? shell.processState : null),
    (state) => state === "T",
  );
  expect(await shell.run("echo still the shell")).toContain("still the shell");
  expect(await shell.differences()).toEqual([]);
  await backAgain();
  await keysAct();
  terminal.press("q");
  await terminal.waitFor(/what stood here before/);
  expect(await shell.differences()).toEqual([]);
});

describe("while it is suspended", () => {
  test("the time is no picture of the server: it is stale until the first new sample, with its reason", async () => {
    const terminal = await running();
    terminal.press("Ctrl-Z");
    await suspended();
    proxy.set({ blackHole: true });
    terminal.type("fg\r");
    await terminal.waitFor(/suspended for \d+ s/);
    expect(terminal.text()).toMatch(/STALE/);
    expect(terminal.text()).toMatch(/─ stale ─/);
    proxy.set({ blackHole: false });
    proxy.reset();
    await terminal.waitFor(/live ─*$/m, 20_000);
    expect(terminal.text()).not.toMatch(/STALE|suspended/);
  });

  test("an answer that was under way is not taken for the picture of now", async () => {
    const terminal = await running();
    // Where no whole query text is shown, samples are all that is asked for; and so far away that one always is under way.
    terminal.resize(80, 24);
    proxy.set({ latencyMs: 300 });
    await terminal.waitFor(/ [6-9]\d\d ms +0\.5s/);
    terminal.press("Ctrl-Z");
    await suspended();
    await eventually(
      "our session has said nothing for three seconds",
      async () => (await session.query<{ quiet: boolean }>(quietFor(3))).rows[0]?.quiet,
      (quiet) => quiet === true,
    );
    proxy.set({ blackHole: true });
    terminal.type("fg\r");
    await terminal.waitFor(/suspended for \d+ s/);
    expect(Number(/STALE (\d+\.\d)s/.exec(terminal.text())?.[1])).toBeGreaterThanOrEqual(3);
  });

  test("the server ends our session: a new one is made afterwards", async () => {
    const terminal = await running();
    terminal.press("Ctrl-Z");
    await suspended();
    await session.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgtriage'");
    await eventually(
      "no session of ours",
      () => oursOn(session),
      (n) => n === 0,
    );
    terminal.type("fg\r");
    await terminal.waitFor(/live ─*$/m, 20_000);
    await keysAct();
  });

  test("the demo's server and its sessions go on: an incident does not wait for whoever looks away", async () => {
    shell.start("demo");
    await live(shell.terminal);
    shell.terminal.press("Ctrl-Z");
    await suspended();
    const behind = shell.children.map(processState);
    expect(behind.length).toBeGreaterThanOrEqual(2);
    expect(behind.filter((state) => state !== "S" && state !== "R")).toEqual([]);
    await backAgain();
    shell.terminal.press("q");
    expect(await shell.exitCode()).toBe(148);
  });

  test("kill -CONT does not draw over the shell, which has the terminal; fg does", async () => {
    const terminal = await running();
    terminal.press("Ctrl-Z");
    await suspended();
    const { raw } = terminal;
    shell.signal("SIGCONT");
    await terminal.waitFor(() => terminal.raw.length > raw.length || shell.processState === "T");
    expect(await shell.run("echo still the shell")).toBe("still the shell");
    await eventually(
      "stopped again",
      () => shell.processState,
      (state) => state === "T",
    );
    expect(await shell.differences()).toEqual([]);
    await backAgain();
    await keysAct();
  });

  test("kill ends it without another look at the screen", async () => {
    const terminal = await running();
    terminal.press("Ctrl-Z");
    await suspended();
    const { length } = terminal.raw;
    await shell.run("kill %1; wait %1");
    await eventually(
      "it has gone",
      () => shell.processState,
      (state) => state === null,
    );
    expect(terminal.raw.slice(length)).not.toContain("\u001b[?1049h");
    expect(await shell.differences()).toEqual([]);
  });
});

describe("stopped from outside", () => {
  test("by SIGTSTP: as by Ctrl-Z", async () => {
    await running();
    shell.signal("SIGTSTP");
    await suspended();
    expect(await shell.differences()).toEqual([]);
    await backAgain();
    await keysAct();
  });

  test("and set going again while the terminal is still ours: it comes back by itself", async () => {
    // Without job control nobody takes the terminal: script and dashboard are one group, and stay in the foreground.
    const script = `exec 3<&0; "${process.execPath}" "${BIN}" "${url}" <&3 & echo "pid:$!"; wait`;
    const terminal = new Terminal("sh", ["-c", script], { columns: 100, rows: 30 });
    try {
      await live(terminal);
      const pid = Number(/pid:(\d+)/.exec(terminal.raw)![1]);
      process.kill(pid, "SIGSTOP");
      terminal.resize(80, 24);
      process.kill(pid, "SIGCONT");
      await terminal.waitFor(() => terminal.lines()[23]!.endsWith("q Quit"));
      terminal.press("?");
      await terminal.waitFor(/┌ Help/);
    } finally {
      terminal.close();
    }
  });

  test("by SIGSTOP: fg draws the screen anew and keys act; q gives back what the shell had", async () => {
    const terminal = await running();
    shell.signal("SIGSTOP");
    await suspended();
    await backAgain();
    await keysAct();
    terminal.press("q");
    await eventually(
      "it has gone",
      () => shell.processState,
      (state) => state === null,
    );
    expect(await shell.differences()).toEqual([]);
  });

  test("by SIGSTOP for some seconds: a gap with its reason", async () => {
    const terminal = await running();
    shell.signal("SIGSTOP");
    await suspended();
    proxy.set({ blackHole: true });
    await eventually(
      "our session has said nothing for four seconds",
      async () => (await session.query<{ quiet: boolean }>(quietFor(4))).rows[0]?.quiet,
      (quiet) => quiet === true,
    );
    terminal.type("fg\r");
    await terminal.waitFor(/pgtriage was stopped for [4-9] s/);
    expect(terminal.text()).toMatch(/STALE/);
    proxy.reset();
    proxy.set({ blackHole: false });
    await terminal.waitFor(/live ─*$/m, 20_000);
  });
});

const quietFor = (seconds: number): string =>
  `select now() - state_change > interval '${seconds} seconds' as quiet
     from pg_stat_activity where application_name = 'pgtriage'`;
