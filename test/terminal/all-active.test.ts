import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, type TestServer, withUser } from "../servers/server.ts";
import { prepareWriters } from "../servers/writer.ts";
import { dashboard, live, pidsListed } from "./dashboard.ts";
import { typeByHand } from "./ending.ts";
import type { Terminal } from "./terminal.ts";

// Somebody tags all that is active and terminates it. On the list there are also a replication connection, an autovacuum worker,
// a parallel query and a superuser at work: what is none of an application's stays.

let server: TestServer;
let watcher: pg.Client;
let terminal: Terminal;
const apps: pg.Client[] = [];
const others: pg.Client[] = [];
let appPids: number[];
let workers = 0;

beforeAll(async () => {
  const slow = { autovacuum_naptime: 1, autovacuum_vacuum_cost_delay: 100, autovacuum_vacuum_cost_limit: 1 };
  server = await testServer(18, { max_connections: 40, autovacuum: "on", ...slow });
  await prepareWriters(server.url);
  watcher = await client(server.url);
  await watcher.query("create table events as select n, repeat('x', 500) as what from generate_series(1, 20000) n");
  await watcher.query("grant select on events to app; delete from events where n % 2 = 0");
  await watcher.query(
    "create function slow(int) returns bool language plpgsql parallel safe as 'begin perform pg_sleep(1); return true; end'",
  );
  for (let i = 0; i < 3; i++) apps.push(await client(withUser(server.url, "app"), { application_name: "web" }));
  for (const session of apps.slice(1)) session.query("select pg_sleep(600)").catch(() => {});
  const [leader] = apps as [pg.Client];
  await leader.query(
    "set max_parallel_workers_per_gather = 2; set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0; set parallel_tuple_cost = 0",
  );
  leader.query("select count(*) from events where slow(n)").catch(() => {});
  const superuser = await client(server.url, { application_name: "psql" });
  superuser.query("select pg_sleep(600)").catch(() => {});
  others.push(superuser, await client(server.url, { replication: "true" } as pg.ClientConfig));
  const found = await eventually(
    "all of them are at work",
    async () =>
      (
        await watcher.query<{ pid: number; backend_type: string; usename: string | null }>(
          `select pid, backend_type, usename from pg_stat_activity
            where backend_type in ('autovacuum worker', 'parallel worker', 'walsender') or state = 'active'`,
        )
      ).rows,
    (rows) =>
      ["autovacuum worker", "parallel worker", "walsender"].every((kind) => rows.some((r) => r.backend_type === kind)),
    { withinMs: 30_000 },
  );
  appPids = found.filter((r) => r.usename === "app" && r.backend_type === "client backend").map((r) => r.pid);
  workers = found.filter((r) => r.backend_type === "parallel worker").length;
});
afterEach(() => terminal?.close());
afterAll(async () => {
  await watcher?.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()",
  );
  await Promise.all([...apps, ...others, watcher].map((session) => session?.end().catch(() => {})));
  await server?.stop();
});

test("'all active' ends the sessions of the application and nobody else", async () => {
  expect(appPids).toHaveLength(3);
  expect(workers).toBeGreaterThan(0);
  terminal = dashboard(server.url, [], { columns: 160, rows: 50 });
  await live(terminal);
  terminal.press("/");
  terminal.type("!state:idle");
  terminal.press("Enter");
  await terminal.waitFor(() => pidsListed(terminal).length >= appPids.length + workers + 4);
  terminal.press("a", "x");
  await terminal.waitFor(/terminate all 3 {2}then Enter:/);
  expect(terminal.text()).toMatch(/left out: .*1 superuser/);
  expect(terminal.text()).toMatch(/left out: .*\d autovacuum/);
  await pause(200);
  await typeByHand(terminal, "terminate all 3\n");
  await terminal.waitFor(/3 ended/);
  const { rows } = await watcher.query<{ usename: string | null; backend_type: string }>(
    "select usename, backend_type from pg_stat_activity where pid = any($1) or backend_type in ('autovacuum worker', 'walsender') or application_name = 'psql'",
    [appPids],
  );
  const kinds = new Set(rows.map(({ backend_type: kind, usename }) => `${kind} ${usename ?? "-"}`));
  expect([...kinds].sort()).toEqual(["autovacuum worker -", "client backend postgres", "walsender postgres"]);
  const [, walsender] = others as [pg.Client, pg.Client];
  expect((await walsender.query("IDENTIFY_SYSTEM")).rows).toHaveLength(1);
});
