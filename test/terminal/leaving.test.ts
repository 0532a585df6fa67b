import { spawn } from "node:child_process";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { client } from "../servers/server.ts";
import { BIN, dashboard, live, oursOn } from "./dashboard.ts";
import { processState, Shell } from "./shell.ts";
import { Terminal } from "./terminal.ts";

let terminal: Terminal | null = null;
let shell: Shell;
let session: pg.Client;

beforeAll(async () => {
  session = await client(inject("pgUrl"), { application_name: "observer" });
});
afterAll(() => session?.end());
afterEach(() => {
  shell?.close();
  terminal?.close();
  terminal = null;
});

/** The dashboard, started from a shell. */
async function running(how: { readonly before?: string; readonly args?: string; readonly after?: string } = {}) {
  shell = new Shell();
  await shell.begin();
  shell.start(inject("pgUrl"), how);
  await live(shell.terminal);
  return shell.terminal;
}

/** What the user finds: the shell as it was before, the exit code, and on the server nothing. */
async function left(code: number): Promise<void> {
  expect(await shell.exitCode()).toBe(code);
  expect(await shell.differences()).toEqual([]);
  expect(shell.terminal.text()).toContain("what stood here before");
  await noneOfOurs();
}

/** The terminal as a shell expects it. */
function givenBack(left: Terminal): void {
  const { alternate, cursorVisible, bracketedPaste, mouseTracking } = left;
  expect({ alternate, cursorVisible, bracketedPaste, mouseTracking }).toEqual({
    ...{ alternate: false, cursorVisible: true, bracketedPaste: false, mouseTracking: "none" },
  });
  expect(left.text().trim()).toBe("");
}

const noneOfOurs = (): Promise<unknown> =>
  eventually(
    "no session of ours",
    () => oursOn(session),
    (n) => n === 0,
  );

/** Gone, however it went. */
const ended = (pid: number): Promise<unknown> =>
  eventually(
    "the dashboard has ended",
    () => processState(pid),
    (state) => state === null,
  );

test("while it runs the screen is its own, the cursor hidden, a paste told from typing", async () => {
  const { alternate, cursorVisible, bracketedPaste, mouseTracking } = await running();
  expect({ alternate, cursorVisible, bracketedPaste, mouseTracking }).toEqual({
    ...{ alternate: true, cursorVisible: false, bracketedPaste: true, mouseTracking: "none" },
  });
  await eventually(
    "one session of ours",
    () => oursOn(session),
    (n) => n === 1,
  );
});

test.each(["q", "Ctrl-C", "F10", "Ctrl-\\", "/ Ctrl-C", "/ Ctrl-\\", "? q", "Enter q"])(
  "%s leaves: exit 0, the terminal given back, no session left",
  async (keys) => {
    const terminal = await running();
    terminal.press(...keys.split(" "));
    await left(0);
  },
);

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGQUIT", 131],
] as const)("%s leaves with exit code %i, the terminal given back, no session left", async (signal, code) => {
  await running();
  shell.signal(signal);
  await left(code);
});

test("two signals at once are one farewell", async () => {
  await running();
  shell.signal("SIGTERM");
  shell.signal("SIGINT");
  expect([130, 143]).toContain(await shell.exitCode());
  expect(await shell.differences()).toEqual([]);
  await noneOfOurs();
});

test("a signal before the first frame: nothing was touched", async () => {
  shell = new Shell();
  await shell.begin();
  shell.start(inject("pgUrl"));
  await eventually(
    "it has been started",
    () => shell.started,
    (yes) => yes,
  );
  shell.signal("SIGTERM");
  await left(143);
});

test("a second signal does not wait for what runs behind, and that ends all the same", async () => {
  shell = new Shell();
  await shell.begin();
  shell.start("demo");
  await live(shell.terminal);
  const behind = shell.children;
  expect(behind.length).toBeGreaterThanOrEqual(2);
  shell.signal("SIGTERM");
  await shell.terminal.waitFor(() => !shell.terminal.alternate);
  if (shell.processState !== null) shell.signal("SIGINT");
  expect([143, 130]).toContain(await shell.exitCode());
  expect(await shell.differences()).toEqual([]);
  await eventually(
    "nothing is left running",
    () => behind.map(processState),
    (states) => states.every((state) => state === null),
  );
});

describe("a bug", () => {
  test.each([
    ["throw", "something broke"],
    ["reject", "a promise broke"],
  ])("(%s) leaves with exit code 1 and one sentence on the screen one had before", async (how, what) => {
    await running({ before: `CRASH=${how} NODE_OPTIONS='--require "${CRASH}"'` });
    shell.signal("SIGUSR2");
    await left(1);
    expect(shell.terminal.text()).toContain(`pgtriage: internal error: ${what}`);
    expect(shell.terminal.text()).not.toMatch(/^ +at /m);
  });
});

describe("the terminal goes", () => {
  /** Opened after the shell: whatever is started holds the ends of those that were there before. */
  async function another(): Promise<Terminal> {
    const other = new Terminal("sh", ["-c", "tty; exec sleep 600"]);
    await other.waitFor(/^\/dev\S+/);
    return other;
  }

  test("the emulator is closed: the dashboard ends, and its session with it", async () => {
    await running();
    const { pid } = shell;
    shell.terminal.hangUp();
    await ended(pid);
    await noneOfOurs();
  });

  test("the emulator is killed together with the shell: the same", async () => {
    await running();
    const { pid } = shell;
    process.kill(shell.terminal.pid, "SIGKILL");
    shell.terminal.hangUp();
    await ended(pid);
    await noneOfOurs();
  });

  test("standard output leads to one that goes: exit 129", async () => {
    shell = new Shell();
    await shell.begin();
    terminal = await another();
    shell.start(inject("pgUrl"), { after: `>"${terminal.lines()[0]!}"` });
    await live(terminal);
    terminal.hangUp();
    expect(await shell.exitCode()).toBe(129);
    expect(await shell.differences()).toEqual([]);
    await noneOfOurs();
  });

  test("standard input comes from one that goes: exit 129, and the screen is given back", async () => {
    shell = new Shell();
    await shell.begin();
    terminal = await another();
    shell.start(inject("pgUrl"), { after: `<"${terminal.lines()[0]!}"` });
    await live(shell.terminal);
    terminal.hangUp();
    await left(129);
  });
});

describe("the server says nothing", () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket.on("error", () => {})));
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    url = `postgres://monitor:s3cr3t@127.0.0.1:${(silent.address() as AddressInfo).port}/shop`;
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  test.each(["q", "Ctrl-C", "F10"])("%s leaves at once, while it is still connecting", async (key) => {
    terminal = dashboard(url, [], { columns: 100, rows: 30 });
    await terminal.waitFor(/connecting to 127\.0\.0\.1:\d+\/shop as monitor/);
    expect(terminal.raw).not.toContain("s3cr3t");
    const pressed = performance.now();
    terminal.press(key);
    expect(await terminal.waitExit(2_000)).toEqual({ code: 0, signal: 0 });
    expect(performance.now() - pressed).toBeLessThan(2_000);
    givenBack(terminal);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("%s leaves at once, with exit code %i", async (signal, code) => {
    shell = new Shell();
    await shell.begin();
    shell.start(url);
    await shell.terminal.waitFor(/connecting to 127\.0\.0\.1:\d+\/shop as monitor/);
    shell.signal(signal);
    expect(await shell.exitCode(2_000)).toBe(code);
    expect(await shell.differences()).toEqual([]);
  });

  test("help opens and a resize is followed while it is still connecting", async () => {
    terminal = dashboard(url, [], { columns: 100, rows: 30 });
    await terminal.waitFor(/connecting to/);
    terminal.press("?");
    await terminal.waitFor(/┌ Help/);
    terminal.press("Escape");
    await terminal.waitFor(/connecting to/);
    terminal.resize(60, 12);
    await terminal.waitFor(() => terminal!.lines()[11]!.endsWith("q Quit"));
    terminal.press("j", "G", "n", "p", "Space", "f", "r", "s");
    await terminal.waitFor(/Find:/);
    terminal.press("Escape");
    await terminal.waitFor(() => terminal!.lines()[11]!.endsWith("q Quit"));
    terminal.press("q");
    expect(await terminal.waitExit(2_000)).toEqual({ code: 0, signal: 0 });
  });

  test("not answered in time is one sentence on the screen one had before: exit 1", async () => {
    terminal = dashboard(url, [], { columns: 120, rows: 30, env: { PGCONNECT_TIMEOUT: "2" } });
    expect(await terminal.waitExit(5_000)).toEqual({ code: 1, signal: 0 });
    const { alternate, cursorVisible, bracketedPaste } = terminal;
    expect({ alternate, cursorVisible, bracketedPaste }).toEqual({
      ...{ alternate: false, cursorVisible: true, bracketedPaste: false },
    });
    expect(terminal.text().trim()).toMatch(/^pgtriage: 127\.0\.0\.1:\d+ did not answer within 2 s/);
  });
});

describe("where no dashboard can be shown", () => {
  test.each(["</dev/null", ">/dev/null"])("with %s: exit 2, and a hint to snapshot", async (redirection) => {
    const command = `"${process.execPath}" "${BIN}" "${inject("pgUrl")}" ${redirection}`;
    terminal = new Terminal("sh", ["-c", `${command}; echo "code:$?"`]);
    await terminal.waitFor(/^code:2$/m);
    expect(terminal.text().replaceAll("\n", "")).toContain("pgtriage snapshot");
    expect(terminal.raw).not.toContain("\u001b");
  });

  test("without a terminal: exit 2, and a hint to snapshot", async () => {
    const child = spawn(process.execPath, [BIN, inject("pgUrl")], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    let printed = "";
    child.stderr.on("data", (data) => (said += String(data)));
    child.stdout.on("data", (data) => (printed += String(data)));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, printed }).toEqual({ code: 2, printed: "" });
    expect(said).toMatch(/^pgtriage: [^\n]*terminal[^\n]*pgtriage snapshot[^\n]*\n/);
  });

  test.each([["dumb"], [""], [undefined]])("TERM=%s: exit 2, and a hint to snapshot", async (TERM) => {
    // The pty's own library would put a name there.
    const command = TERM === undefined ? "unset TERM;" : `TERM='${TERM}'; export TERM;`;
    terminal = new Terminal("sh", ["-c", `${command} exec "${process.execPath}" "${BIN}" "${inject("pgUrl")}"`]);
    expect(await terminal.waitExit()).toEqual({ code: 2, signal: 0 });
    expect(terminal.text().replaceAll("\n", "")).toContain("pgtriage snapshot");
    expect(terminal.raw).not.toContain("\u001b");
  });
});

const CRASH = fileURLToPath(new URL("crash.cjs", import.meta.url));
