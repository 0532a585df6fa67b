import { spawn } from "node:child_process";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { client } from "../servers/server.ts";
import { BIN, dashboard, live, oursOn } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

let terminal: Terminal | null = null;
let session: pg.Client;

beforeAll(async () => {
  session = await client(inject("pgUrl"), { application_name: "observer" });
});
afterAll(() => session?.end());
afterEach(() => {
  terminal?.close();
  terminal = null;
});

async function running(env: Readonly<Record<string, string>> = {}): Promise<Terminal> {
  terminal = dashboard(inject("pgUrl"), [], { columns: 100, rows: 30, env });
  await live(terminal);
  return terminal;
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

test.each([["q"], ["Ctrl-C"], ["F10"], ["/", "Ctrl-C"], ["?", "q"], ["Enter", "q"]])(
  "%s %s leaves: exit 0, the terminal given back, no session left",
  async (...keys) => {
    const left = await running();
    left.press(...keys);
    expect(await left.waitExit(5_000)).toEqual({ code: 0, signal: 0 });
    givenBack(left);
    await noneOfOurs();
  },
);

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGQUIT", 131],
] as const)("%s leaves with exit code %i, the terminal given back, no session left", async (signal, code) => {
  const left = await running();
  left.kill(signal);
  expect(await left.waitExit(5_000)).toEqual({ code, signal: 0 });
  givenBack(left);
  await noneOfOurs();
});

test("two signals at once are one farewell", async () => {
  const left = await running();
  left.kill("SIGTERM");
  left.kill("SIGINT");
  const { code, signal } = await left.waitExit(5_000);
  expect([130, 143]).toContain(code);
  expect(signal).toBe(0);
  givenBack(left);
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
    terminal = dashboard(url, [], { columns: 120, rows: 30, env: { PGCONNECT_TIMEOUT: "1" } });
    expect(await terminal.waitExit(5_000)).toEqual({ code: 1, signal: 0 });
    const { alternate, cursorVisible, bracketedPaste } = terminal;
    expect({ alternate, cursorVisible, bracketedPaste }).toEqual({
      ...{ alternate: false, cursorVisible: true, bracketedPaste: false },
    });
    expect(terminal.text().trim()).toMatch(/^pgtriage: 127\.0\.0\.1:\d+ did not answer within 1 s/);
  });
});

describe("where no dashboard can be shown", () => {
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

  test("TERM=dumb: exit 2, and a hint to snapshot", async () => {
    terminal = dashboard(inject("pgUrl"), [], { env: { TERM: "dumb" } });
    expect(await terminal.waitExit()).toEqual({ code: 2, signal: 0 });
    expect(terminal.text()).toContain("pgtriage snapshot");
    expect(terminal.raw).not.toContain("\u001b");
  });
});
