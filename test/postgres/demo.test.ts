import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Demo } from "../../src/demo/index.ts";
import { SCENARIOS, startDemo } from "../../src/demo/index.ts";
import { eventually } from "../servers/deadline.ts";
import { client } from "../servers/server.ts";

describe("the mixed incident", () => {
  let demo: Demo;
  let session: pg.Client;
  const said: string[] = [];

  beforeAll(async () => {
    demo = await startDemo({ scenario: "mixed", onProgress: (sentence) => said.push(sentence) });
    session = await connect(demo);
  });
  afterAll(async () => {
    await session?.end();
    await demo?.stop();
  });

  test("is watched by a role that sees everything and is no superuser", async () => {
    const [row] = await ask(
      session,
      `select rolsuper as superuser, pg_has_role('pg_monitor', 'member') as monitor,
              pg_has_role('pg_signal_backend', 'member') as signal from pg_roles where rolname = current_user`,
    );
    expect(row).toEqual({ superuser: false, monitor: true, signal: true });
    expect(said.join()).toMatch(/starting PostgreSQL 18\.\d/);
  });

  test("an import heads a chain of five and keeps at least thirty waiting", async () => {
    await eventually(
      "one root with a chain of 5 and 30 behind it",
      async () => (await ask(session, QUEUE))[0],
      (queue) => queue?.["root"] === "batch-import" && Number(queue["depth"]) >= 5 && Number(queue["waiters"]) >= 30,
      WITHIN_A_MINUTE,
    );
  });

  test("one transaction is aborted, and its application has not noticed", () =>
    atLeastOne("state = 'idle in transaction (aborted)'"));

  test("a report runs with parallel workers", () => atLeastOne("backend_type = 'parallel worker'"));

  test("clients differ by host", () => atLeastOne("client_addr <> '127.0.0.1' and application_name like 'web-%'"));

  test("a worker leaks connections", async () => {
    const leaked = async (): Promise<number> => count("application_name = 'leaky-worker'");
    const before = await leaked();
    await eventually("three more than before", leaked, (now) => now >= before + 3, WITHIN_A_MINUTE);
  });

  test("terminating the import sets everybody free", async () => {
    const [row] = await ask(
      session,
      "select pg_terminate_backend(pid) as sent from pg_stat_activity where application_name = 'batch-import'",
    );
    expect(row).toEqual({ sent: true });
    await eventually(
      "nobody waits",
      () => count("wait_event_type = 'Lock'"),
      (waiting) => waiting === 0,
      WITHIN_A_MINUTE,
    );
  });

  test("stops within 2 s and leaves nothing, and stopping twice is once", async () => {
    const postmaster = Number(readFileSync(path.join(demo.host, "data", "postmaster.pid"), "utf8").split("\n")[0]);
    const before = performance.now();
    await Promise.all([demo.stop(), demo.stop()]);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(existsSync(demo.host)).toBe(false);
    expect(() => process.kill(postmaster, 0)).toThrow(/ESRCH/);
    expect(said.filter((sentence) => sentence.includes("workload"))).toEqual([]);
  });

  async function count(condition: string): Promise<number> {
    const [row] = await ask(session, `select count(*)::int as n from pg_stat_activity where ${condition}`);
    return Number(row?.["n"]);
  }

  async function atLeastOne(condition: string): Promise<void> {
    await eventually(
      condition,
      () => count(condition),
      (n) => n >= 1,
      WITHIN_A_MINUTE,
    );
  }
});

test("a storm takes every slot that ordinary roles have, and goes again", async () => {
  const demo = await startDemo({ scenario: "storm" });
  try {
    const session = await connect(demo);
    const arrived = async (): Promise<number> => {
      const [row] = await ask(
        session,
        "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'",
      );
      return Number(row?.["n"]);
    };
    await eventually("94 sessions", arrived, (n) => n >= 94, WITHIN_A_MINUTE);
    await expect(connect(demo)).rejects.toMatchObject({ code: "53300" });
    await eventually("half of them gone", arrived, (n) => n < 70, WITHIN_A_MINUTE);
    await session.end();
  } finally {
    await demo.stop();
  }
});

test("a lockout has taken every slot before the dashboard comes, and leaves it the walsender lane", async () => {
  const demo = await startDemo({ scenario: "lockout" });
  try {
    await expect(connect(demo)).rejects.toMatchObject({ code: "53300", routine: "InitProcess" });
    const session = await connect(demo, { replication: "database" });
    const { rows } = await session.query(
      `select application_name, count(*)::int as n from pg_stat_activity where backend_type = 'client backend'
        group by 1 order by 1`,
    );
    expect(rows.reduce((sum: number, { n }: { n: number }) => sum + n, 0)).toBe(100);
    // The six of the reserves; a superuser also takes what becomes free of the others between the leak's end and his turn.
    const exporter = rows.find((row: { application_name: string }) => row.application_name === "pg-exporter");
    expect(exporter?.n).toBeGreaterThanOrEqual(6);
    await session.end();
  } finally {
    await demo.stop();
  }
});

test("every scenario is described in one sentence", () => {
  expect(Object.keys(SCENARIOS)).toEqual([
    ...["mixed", "lockout", "calm", "leak", "locks", "storm", "pools", "slow", "vacuum"],
  ]);
  for (const { description } of Object.values(SCENARIOS)) expect(description).toMatch(/^[^.\n]{20,110}$/);
});

function connect({ host, port, user, database }: Demo, extra: object = {}): Promise<pg.Client> {
  return client(`postgres:///${database}?host=${encodeURIComponent(host)}&port=${port}&user=${user}`, extra);
}

async function ask(session: pg.Client, sql: string): Promise<Record<string, unknown>[]> {
  return (await session.query<Record<string, unknown>>(sql)).rows;
}

/** From each root blocker down: how many wait behind it, and how deep. */
const QUEUE = `
with recursive waits as materialized (
  select pid as waiter, unnest(pg_blocking_pids(pid)) as blocker from pg_stat_activity where wait_event_type = 'Lock'
),
tree as (
  select distinct blocker as root, blocker as pid, 0 as depth from waits where blocker not in (select waiter from waits)
  union
  select tree.root, waits.waiter, tree.depth + 1 from tree join waits on waits.blocker = tree.pid
)
select a.application_name as root, max(tree.depth) as depth, count(distinct tree.pid) - 1 as waiters
from tree join pg_stat_activity a on a.pid = tree.root
group by 1 order by 3 desc limit 1`;

const WITHIN_A_MINUTE = { withinMs: 50_000, everyMs: 250 };
