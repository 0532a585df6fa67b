import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { fullServer, type FullServer } from "../servers/full-server.ts";
import { client, pidOf, testServer, withUser } from "../servers/server.ts";
import { dashboard, listed, live, pidsListed } from "./dashboard.ts";
import { ask, gone, typeByHand } from "./ending.ts";
import type { Terminal } from "./terminal.ts";

let terminal: Terminal | null = null;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  terminal?.close();
  terminal = null;
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(url: string, args: readonly string[] = []): Promise<Terminal> {
  terminal = dashboard(url, args, { columns: 150, rows: 40 });
  await live(terminal);
  return terminal;
}

async function full(major: number): Promise<FullServer> {
  const server = await fullServer(major);
  closing.push(() => server.close());
  return server;
}

describe.each([10, 11])("on PostgreSQL %i, with every slot taken, where walsenders share them", (major) => {
  test("the processes are shown, the other ways are said to be closed, a leaker is ended by its phrase, and its slot taken", async () => {
    const server = await full(major);
    const began = performance.now();
    const screen = await start(server.url);
    await screen.waitFor(() => server.leakers.every(({ pid }) => pidsListed(screen).includes(pid)));
    process.stderr.write(`[host] ${major}: holders painted after ${Math.round(performance.now() - began)} ms\n`);
    expect(screen.text()).toMatch(/HOST VIEW, NO SQL/);
    expect(screen.text()).toMatch(/10\/10 +▲ CRITICAL/);
    screen.press("e");
    await screen.waitFor(/walsender .*before 12|walsender .*PostgreSQL 12|walsender .*share/i);
    screen.press("Escape");
    const { pid } = server.leakers[0]!;
    await ask(screen, "x", pid);
    await screen.waitFor(/not told without SQL/);
    await typeByHand(screen, `terminate ${pid}\n`);
    await gone(server.superusers[0]!, pid);
    await screen.waitFor(/IN THE RESERVE/, 20_000);
    expect(screen.text()).toMatch(/terminated within \d|given back/);
    await screen.waitFor(/terminated within \d/);
  });
});

describe("--lane host", () => {
  test("shows what a server's processes are doing, and cancels a query by its phrase", async () => {
    const server = await testServer(18);
    closing.push(() => server.stop());
    const busy = await client(server.url, { application_name: "busy" });
    closing.push(() => busy.end());
    const pid = await pidOf(busy);
    const sleeping = busy.query("select pg_sleep(60)").catch((error: { code: string }) => error.code);
    const screen = await start(server.url, ["--lane", "host"]);
    await screen.waitFor(() => listed(screen).some((line) => /active .*SELECT/.test(line)));
    await ask(screen, "c", pid);
    // What runs under the name of the cluster's own user is taken for a superuser's.
    await typeByHand(screen, `unlock ${pid}\n`);
    await screen.waitFor(/Second of two steps/);
    await pause(250);
    await typeByHand(screen, `cancel ${pid}\n`);
    expect(await sleeping).toBe("57014");
    await screen.waitFor(/query over within \d/);
    expect((await busy.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("never leaves that lane, and says so of a server that is not here", async () => {
    const server = await testServer(18);
    closing.push(() => server.stop());
    const screen = await start(server.url, ["--lane", "host"]);
    await pause(2_500);
    expect(screen.text()).toContain("HOST VIEW, NO SQL");
    screen.close();
    terminal = dashboard("postgres://postgres@192.0.2.1:5432/postgres", ["--lane", "host"], { columns: 120, rows: 30 });
    expect((await terminal.waitExit(10_000)).code).toBe(1);
    expect(terminal.text()).toMatch(/pgtriage: 192\.0\.2\.1 is another machine/);
  });
});

test("a flood of half-open connections is named, counted, and told where from, on 17", async () => {
  const server = await testServer(17, { max_connections: 8, max_wal_senders: 2, max_worker_processes: 2 });
  closing.push(() => server.stop());
  const sockets: Socket[] = [];
  closing.push(async () => sockets.forEach((socket) => socket.destroy()));
  for (let i = 0; i < 60; i++) {
    const socket = connect(server.port, server.host).on("error", () => {});
    sockets.push(socket);
    await new Promise<void>((resolve) => socket.once("connect", resolve).once("close", resolve));
  }
  const screen = await start(withUser(server.url, "postgres"));
  await screen.waitFor(/HOST VIEW, NO SQL/);
  await screen.waitFor(/▲ CRITICAL/);
  const [, count] = (await screen.waitFor(/half-open connections: no startup packet yet, \d+ from 127\.0\.0\.1/),
  /(\d+) half-open connections/.exec(screen.text())) as RegExpExecArray;
  expect(Number(count)).toBeGreaterThan(15);
  screen.press("e");
  await screen.waitFor(/flooded with connections that do not log in/);
  screen.press("Escape");
  // The flood ends: a slot is there, and SQL with it.
  for (const socket of sockets) socket.destroy();
  await screen.waitFor(() => !screen.text().includes("HOST VIEW"), 30_000);
  expect(screen.text()).toMatch(/as postgres/);
});
