import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FaultProxy, faultProxy } from "../servers/fault-proxy.ts";
import { client, pidOf, sessions, type Sessions, testServer, type TestServer } from "../servers/server.ts";
import { dashboard, listed, live, pidsListed, selected } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

let server: TestServer;
let proxy: FaultProxy;
/** Where new connections through the proxy go. */
let target: { host: string; port: number };
let some: Sessions;
let terminal: Terminal;

beforeEach(async () => {
  server = await testServer(18, { max_connections: 20 });
  target = { host: server.host, port: server.port };
  proxy = await faultProxy(target);
  some = await sessions(server.url, 5, { application: "web" });
  terminal = dashboard(`postgres://postgres@${proxy.host}:${proxy.port}/postgres`, [], { columns: 140, rows: 40 });
  await live(terminal);
  await terminal.waitFor(() => listed(terminal).length === 6);
});
afterEach(async () => {
  terminal.close();
  await some.close();
  await proxy.close();
  await server.stop();
});

/** How long a key takes until the cursor is where it leads. */
async function moves(key: string, to: () => number | undefined): Promise<number> {
  const wanted = to();
  const pressed = performance.now();
  terminal.press(key);
  await terminal.waitFor(() => selected(terminal) === wanted, 3_000);
  return performance.now() - pressed;
}

async function leaves(): Promise<void> {
  const pressed = performance.now();
  terminal.press("q");
  expect(await terminal.waitExit(3_000)).toEqual({ code: 0, signal: 0 });
  expect(performance.now() - pressed).toBeLessThan(2_000);
}

describe("the network swallows everything", () => {
  test("the picture stays and is marked stale with its age, keys are alive, q leaves", async () => {
    proxy.set({ blackHole: true });
    await terminal.waitFor(/STALE [23]\.0s/);
    const before = pidsListed(terminal);
    expect(before).toHaveLength(6);
    expect(before).toEqual(expect.arrayContaining([...some.pids]));
    expect(await moves("G", () => pidsListed(terminal).at(-1))).toBeLessThan(2_000);
    expect(await moves("g", () => pidsListed(terminal)[0])).toBeLessThan(2_000);
    await terminal.waitFor(/STALE [45]\.0s/);
    expect(pidsListed(terminal)).toEqual(before);
    await leaves();
  });

  test("for a while: it is live again by itself", async () => {
    proxy.set({ blackHole: true });
    await terminal.waitFor(/STALE/);
    proxy.set({ blackHole: false });
    // What was swallowed is lost: the answer is waited for, given up, and the connection made anew.
    await terminal.waitFor(() => !terminal.text().includes("STALE"), 20_000);
    expect(listed(terminal).length).toBeGreaterThanOrEqual(6);
  });
});

describe("the connection is reset", () => {
  test("it is made anew, and the filter, the order and the cursor are what they were", async () => {
    terminal.press("/");
    terminal.type("app:web");
    terminal.press("Enter", "r");
    await terminal.waitFor(() => listed(terminal).length === 5);
    terminal.press("g", "j", "j");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[2]);
    const chosen = selected(terminal);
    const order = pidsListed(terminal);
    proxy.set({ refuse: true });
    proxy.reset();
    await terminal.waitFor(/STALE \d/);
    proxy.set({ refuse: false });
    await terminal.waitFor(() => !terminal.text().includes("STALE"), 15_000);
    await terminal.waitFor(/filter app:web/);
    expect(pidsListed(terminal)).toEqual(order);
    expect(selected(terminal)).toBe(chosen);
  });

  test("once: nobody needs to do anything, and no message stays", async () => {
    proxy.reset();
    const newcomer = await client(server.url, { application_name: "newcomer" });
    const pid = await pidOf(newcomer);
    await terminal.waitFor(() => pidsListed(terminal).includes(pid), 10_000);
    expect(terminal.text()).not.toMatch(/STALE|ECONNRESET|Error/);
    expect(terminal.exit).toBeNull();
    await newcomer.end();
  });
});

describe("the server stops", () => {
  test("the last picture stays with the reason beside it, and q leaves", async () => {
    terminal.close();
    terminal = dashboard(server.url, [], { columns: 140, rows: 40 });
    await live(terminal);
    await some.close();
    await server.stop();
    await terminal.waitFor(/STALE/, 10_000);
    await terminal.waitFor(new RegExp(`Nothing listens on 127\\.0\\.0\\.1:${server.port}`), 10_000);
    expect(listed(terminal).length).toBeGreaterThan(0);
    expect(await moves("G", () => pidsListed(terminal).at(-1))).toBeLessThan(2_000);
    await leaves();
  });

  test("and another one takes its place: the dashboard goes on with that one", async () => {
    const other = await testServer(18, { max_connections: 33 });
    try {
      target.port = other.port;
      await some.close();
      await server.stop();
      await terminal.waitFor(/\/33 /, 20_000);
      await terminal.waitFor(() => listed(terminal).length === 1 && !terminal.text().includes("STALE"));
    } finally {
      terminal.close();
      await other.stop();
    }
  });

  test("our own session is terminated: a new one is made", async () => {
    const killer = await client(server.url);
    await killer.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgtriage'");
    await killer.end();
    await terminal.waitFor(/57P01|terminat|STALE|live/);
    await terminal.waitFor(() => listed(terminal).length === 6 && !terminal.text().includes("STALE"), 10_000);
    expect(terminal.exit).toBeNull();
  });
});
