import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { dashboard, listed, live } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

let server: TestServer;
let session: pg.Client;
let terminal: Terminal;

beforeAll(async () => {
  // So slow that it is still at work when somebody looks.
  const slow = { autovacuum_naptime: 1, autovacuum_vacuum_cost_delay: 100, autovacuum_vacuum_cost_limit: 1 };
  server = await testServer(18, { max_connections: 20, autovacuum: "on", ...slow });
  session = await client(server.url);
  await session.query("create table events as select n, repeat('x', 500) as what from generate_series(1, 20000) n");
  await session.query("delete from events");
});
afterEach(() => terminal?.close());
afterAll(async () => {
  await session?.end();
  await server?.stop();
});

test("an autovacuum worker is listed with the table that it works on, and takes no slot", async () => {
  await eventually(
    "an autovacuum worker is at work",
    async () =>
      (await session.query("select 1 from pg_stat_activity where backend_type = 'autovacuum worker'")).rowCount,
    (count) => count! > 0,
  );
  terminal = dashboard(server.url, [], { columns: 200, rows: 40 });
  await live(terminal);
  await terminal.waitFor(/\(autovacuum/);
  expect(listed(terminal).find((line) => line.includes("(autovacuum"))).toMatch(/autovacuum: VACUUM/);
  expect(terminal.text()).toMatch(/\b2\/20\b/);
  terminal.type("/!type:client");
  terminal.press("Enter");
  await terminal.waitFor(() => listed(terminal).length === 1);
  expect(listed(terminal)[0]).toContain("(autovacuum worker)");
});
