import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { type FaultProxy, faultProxy } from "../servers/fault-proxy.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { dashboard, live, oursOn } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

// A terminal that takes nothing (Ctrl-S, a frozen ssh) stops whoever writes to it.

let server: TestServer;
let session: pg.Client;
let proxy: FaultProxy;
let terminal: Terminal;

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
  terminal = dashboard(`postgres://postgres@${proxy.host}:${proxy.port}/postgres`, [], { columns: 160, rows: 50 });
  await live(terminal);
});
afterEach(async () => {
  terminal.close();
  await proxy.close();
});

/** Nothing is read until our session has been silent for so many seconds: the dashboard hangs in a write. */
async function stalled(seconds: number): Promise<void> {
  terminal.stopReading();
  await eventually(
    `our session has said nothing for ${seconds} s`,
    async () => {
      terminal.press("Ctrl-L");
      const { rows } = await session.query<{ quiet: number }>(QUIET);
      return rows[0]?.quiet ?? 0;
    },
    (quiet) => quiet > seconds,
    { withinMs: 30_000, everyMs: 50 },
  );
}

/** Samples so far, which are the steps of any course. */
function samples(): number {
  const course = terminal.lines().find((line) => /│ active /.test(line)) ?? "";
  return (/[▁-█]/g[Symbol.match](course) ?? []).length;
}

test("that time is a gap with its reason, and the picture is live again with the next sample", async () => {
  await stalled(4);
  proxy.set({ blackHole: true });
  terminal.goOnReading();
  await terminal.waitFor(/the terminal stood still, and pgtriage with it, for \d+ s/, 20_000);
  expect(terminal.text()).toMatch(/STALE/);
  expect(terminal.text()).toMatch(/─ stale ─/);
  proxy.reset();
  proxy.set({ blackHole: false });
  await terminal.waitFor(/live ─*$/m, 20_000);
  expect(terminal.text()).not.toMatch(/STALE|stood still/);
});

test("missed samples are not made up for: it goes on at its own pace, and keys act", async () => {
  const before = samples();
  expect(before).toBeGreaterThan(0);
  await stalled(4);
  const since = performance.now();
  terminal.goOnReading();
  await terminal.waitFor(/live ─*$/m, 20_000);
  // Eight were missed; one is due at once, and one every half second.
  expect(samples() - before).toBeLessThan(5 + (performance.now() - since) / 500);
  terminal.press("?");
  await terminal.waitFor(/┌ Help/, 20_000);
  terminal.press("Escape");
  await live(terminal);
  terminal.press("q");
  expect(await terminal.waitExit(20_000)).toEqual({ code: 0, signal: 0 });
  expect(await oursOn(session)).toBe(0);
});

const QUIET = `select extract(epoch from now() - state_change)::float8 as quiet
                 from pg_stat_activity where application_name = 'pgtriage'`;
