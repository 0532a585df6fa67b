import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultProxy, type FaultProxy } from "../servers/fault-proxy.ts";
import { freePort } from "../servers/free-port.ts";
import { restartableServer, type RestartableServer } from "../servers/restartable.ts";
import { client, testServer, withUser, type TestServer } from "../servers/server.ts";
import { dashboard, listed, live, pidsListed } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

const SIZE = { columns: 140, rows: 40 } as const;

let terminal: Terminal | null = null;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  terminal?.close();
  terminal = null;
  for (const close of closing.splice(0).reverse()) await close();
});

const SMALL_HEAP = "--max-old-space-size=30 --max-semi-space-size=1";

async function start(
  url: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  terminal = dashboard(url, args, { ...SIZE, env });
  await live(terminal);
  return terminal;
}

/** Live again, and what was chosen is as it was. */
async function again(screen: Terminal, withinMs = 15_000): Promise<void> {
  await screen.waitFor(() => !screen.text().includes("STALE") && /PID[▲▼]? .*QUERY/.test(screen.text()), withinMs);
}

async function restartable(): Promise<RestartableServer> {
  const server = await restartableServer(18, await freePort());
  closing.push(() => server.close());
  await server.start();
  return server;
}

async function ordinary(settings: Readonly<Record<string, string | number>> = {}, hba?: string): Promise<TestServer> {
  const server = await testServer(18, { max_connections: 20, ...settings }, hba === undefined ? {} : { hba });
  closing.push(() => server.stop());
  return server;
}

describe("the server is restarted", () => {
  test("a hundred times: never an exit, never a lost filter, and no memory lost", async () => {
    const server = await restartable();
    // A small heap: what is not needed any more is let go of soon, and what is kept would be seen, or end it.
    const screen = await start(server.url, ["--interval", "0.1"], { NODE_OPTIONS: SMALL_HEAP });
    screen.press("/");
    screen.type("user:postgres");
    screen.press("Enter", "r");
    await screen.waitFor(/filter user:postgres/);
    const rss: number[] = [];
    for (let round = 1; round <= 100; round++) {
      await server.stop(round % 10 === 0 ? "immediate" : "fast");
      await server.start();
      await screen.waitFor(
        () => new RegExp(`up \\d{1,3}ms|up [0-3]\\.\\ds`).test(screen.lines()[0]!) && !screen.text().includes("STALE"),
        20_000,
      );
      if (round % 10 === 0) rss.push(residentMegabytes(screen.pid));
      expect(screen.exit, screen.text()).toBeNull();
    }
    process.stderr.write(`[staying] RSS after 10, 20 … 100 restarts: ${rss.map(Math.round).join(" ")} MB\n`);
    await screen.waitFor(/filter user:postgres/);
    await screen.waitFor(() => listed(screen).length === 1);
    expect(screen.text()).not.toMatch(/Error|undefined|\bat \w+ \(/);
    // What 90 restarts leave behind would be seen: history alone grows, and that has its cap.
    expect(rss.at(-1)! - rss[0]!).toBeLessThan(25);
    screen.press("q");
    expect(await screen.waitExit(3_000)).toEqual({ code: 0, signal: 0 });
  }, 300_000);

  test("and stays away for a while: when it is tried again, and for the how manieth time, stands there", async () => {
    const server = await restartable();
    const screen = await start(server.url);
    await server.stop();
    await screen.waitFor(/trying again in \d\.\d s, 2nd try/);
    await screen.waitFor(/Nothing listens on/);
    await screen.waitFor(/(trying again in \d+(\.\d)? s|trying now), 4th try/, 15_000);
    await server.start();
    await again(screen);
    expect(screen.text()).not.toMatch(/trying/);
  });

  test("every key answers meanwhile, and none of them crashes it", async () => {
    const server = await restartable();
    const screen = await start(server.url);
    await server.stop("immediate");
    await screen.waitFor(/STALE/);
    for (const key of [..."?jkgG<>rintauf\\pEWe+-oymlKcxyhs/"]) {
      screen.press(key);
      await pause(20);
      screen.press("Escape");
      await pause(70);
    }
    expect(screen.exit).toBeNull();
    screen.press("e");
    await screen.waitFor(/Not in\..*/);
    await screen.waitFor(/Ways in, in the order/);
    screen.press("Escape");
    await server.start();
    // One of the keys has paused the picture.
    if (screen.text().includes("PAUSED")) screen.press("p");
    await again(screen);
    screen.press("q");
    expect(await screen.waitExit(3_000)).toEqual({ code: 0, signal: 0 });
  });
});

describe("another host of the conninfo", () => {
  test("takes over when the first one goes, and tags and order stay", async () => {
    const first = await restartable();
    const second = await ordinary();
    const screen = await start(
      `host=127.0.0.1,127.0.0.1 port=${first.port},${second.port} user=postgres dbname=postgres target_session_attrs=primary`,
    );
    expect(screen.lines()[0]).toContain(`:${first.port}`);
    screen.press("/");
    screen.type("app:pgtriage");
    screen.press("Enter");
    await first.stop();
    await screen.waitFor(
      () => screen.lines()[0]!.includes(`:${second.port}`) && !screen.text().includes("STALE"),
      20_000,
    );
    await screen.waitFor(/filter app:pgtriage/);
    expect(listed(screen)).toHaveLength(1);
  });
});

describe("our role's own time-outs", () => {
  test.each([
    ["statement_timeout", "1ms"],
    ["idle_session_timeout", "300ms"],
    ["transaction_timeout", "1ms"],
    ["idle_in_transaction_session_timeout", "1ms"],
    ["lock_timeout", "1ms"],
  ])("%s = %s: it stays in, on one session", async (name, value) => {
    const server = await ordinary();
    const watcher = await client(server.url);
    closing.push(() => watcher.end());
    await watcher.query("create role monitor login in role pg_monitor");
    await watcher.query(`alter role monitor set ${name} = '${value}'`);
    const screen = await start(withUser(server.url, "monitor"), ["--interval", "1"]);
    const ours = async (): Promise<unknown> =>
      (await watcher.query("select pid from pg_stat_activity where application_name = 'pgtriage'")).rows;
    const before = await ours();
    await pause(2_500);
    expect(await ours()).toEqual(before);
    expect(screen.text()).not.toContain("STALE");
  });
});

describe("the network", () => {
  let server: TestServer;
  let proxy: FaultProxy;
  beforeEach(async () => {
    server = await ordinary();
    proxy = await faultProxy(server);
    closing.push(() => proxy.close());
  });
  const through = (): string => `postgres://postgres@${proxy.host}:${proxy.port}/postgres`;

  test("is slow: the picture comes, later", async () => {
    proxy.set({ latencyMs: 400 });
    terminal = dashboard(through(), [], SIZE);
    await terminal.waitFor(/PID[▲▼]? .*QUERY/, 15_000);
    proxy.set({ latencyMs: 1500 });
    await terminal.waitFor(/STALE|no answer yet/, 15_000);
    proxy.set({ latencyMs: 0 });
    await again(terminal);
  });

  test("freezes: our own deadline notices, the hung socket is reset, and a new one takes its place", async () => {
    const screen = await start(through());
    proxy.set({ blackHole: true });
    await screen.waitFor(/STALE (8|9|10)\.0s/, 20_000);
    await screen.waitFor(/no answer: the network or the server hangs|did not answer within/, 20_000);
    expect(pidsListed(screen)).toHaveLength(1);
    const resets = proxy.resets();
    proxy.set({ blackHole: false });
    await again(screen, 25_000);
    expect(resets).toBeGreaterThan(0);
  });

  test("cuts everything off, again and again", async () => {
    const screen = await start(through());
    for (let i = 0; i < 10; i++) {
      proxy.reset();
      await pause(150);
    }
    await again(screen);
    expect(screen.exit).toBeNull();
  });
});

test("the machine sleeps, and its connection has gone when it wakes: that is told, and it is in again", async () => {
  const server = await ordinary();
  const proxy = await faultProxy(server);
  closing.push(() => proxy.close());
  const screen = await start(`postgres://postgres@${proxy.host}:${proxy.port}/postgres`);
  screen.press("/");
  screen.type("app:pgtriage");
  screen.press("Enter");
  await screen.waitFor(/filter app:pgtriage/);
  process.kill(screen.pid, "SIGSTOP");
  proxy.reset();
  await pause(4_500);
  process.kill(screen.pid, "SIGCONT");
  await again(screen);
  await screen.waitFor(/filter app:pgtriage/);
  expect(listed(screen).length).toBeGreaterThan(0);
});

test("name resolution goes away and comes back", async () => {
  const server = await restartable();
  const directory = mkdtempSync(path.join(tmpdir(), "pgtriage-names-"));
  closing.push(async () => rmSync(directory, { recursive: true }));
  const gone = path.join(directory, "gone");
  const env = { NODE_OPTIONS: `--require=${NAMES}`, NAMES_GONE: gone };
  const screen = await start(`postgres://postgres@db.example.test:${server.port}/postgres`, [], env);
  writeFileSync(gone, "");
  await server.stop();
  await server.start();
  await screen.waitFor(/No host is named db\.example\.test/);
  rmSync(gone);
  await again(screen);
  expect(existsSync(gone)).toBe(false);
});

describe("the password is changed", () => {
  async function withPassword(): Promise<{ server: TestServer; change(to: string): Promise<void> }> {
    const server = await ordinary(
      {},
      "host all postgres 127.0.0.1/32 trust\nhost all monitor 127.0.0.1/32 scram-sha-256",
    );
    const admin = await client(server.url);
    closing.push(() => admin.end());
    await admin.query("create role monitor login password 'first' in role pg_monitor");
    return {
      server,
      async change(to) {
        await admin.query(`alter role monitor password '${to}'`);
        await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'monitor'");
      },
    };
  }

  test("in the file: the new one is read from there", async () => {
    const { server, change } = await withPassword();
    const directory = mkdtempSync(path.join(tmpdir(), "pgtriage-pass-"));
    closing.push(async () => rmSync(directory, { recursive: true }));
    const file = path.join(directory, "pgpass");
    writeFileSync(file, "*:*:*:monitor:first\n", { mode: 0o600 });
    const screen = await start(withUser(server.url, "monitor"), [], { PGPASSFILE: file });
    await change("second");
    await screen.waitFor(/Wrong password for role "monitor"/);
    // Seldom enough not to be locked out.
    await screen.waitFor(/trying again in [3-7](\.\d)? s/);
    writeFileSync(file, "*:*:*:monitor:second\n", { mode: 0o600 });
    screen.press("E");
    await again(screen);
  });

  test("E asks for the new one on the plain terminal, and nobody else does", async () => {
    const { server, change } = await withPassword();
    const screen = await start(withUser(server.url, "monitor").replace("monitor@", "monitor:first@"));
    await change("second");
    await screen.waitFor(/Wrong password for role "monitor"/);
    screen.press("E");
    await screen.waitFor(/Password for role monitor/);
    screen.type("second\r");
    await again(screen);
    await screen.waitFor(() => listed(screen).length >= 2);
  });
});

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

const NAMES = fileURLToPath(new URL("names.cjs", import.meta.url));
