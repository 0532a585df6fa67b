import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres } from "../../src/demo/postgres/launch.ts";
import type { Bench, Context, Result } from "./bench.ts";
import { dashboard, quit, READY_MS } from "./dashboard.ts";
import { ownBackend } from "./own-backend.ts";
import { cpuMs, measurable } from "./process.ts";
import { relay, type Relay } from "./relay.ts";

/** A thousand sessions in one exclusive queue, where pg_blocking_pids of all of them would be half a million pids. */
export const waiting: Bench = {
  name: "waiting",
  sessions: null,
  async run(context) {
    if (!measurable) return [];
    const server = await launchPostgres({
      binaries: await findBinaries(18),
      settings: { max_connections: WAITERS + 20, superuser_reserved_connections: 3, deadlock_timeout: "60s" },
      tcp: true,
    });
    const held: pg.Client[] = [];
    try {
      await (await session(server, held)).query("select pg_advisory_lock(1)");
      while (held.length <= WAITERS) {
        const batch = await Promise.all(Array.from({ length: BATCH }, () => session(server, held)));
        for (const one of batch) one.query("select pg_advisory_lock(1)").catch(() => {});
      }
      return await costs({ ...context, server });
    } finally {
      for (const one of held) one.end().catch(() => {});
      await server.stop();
    }
  },
};

async function costs(context: Context): Promise<Result[]> {
  const between = await relay(context.server);
  const terminal = dashboard(context, between);
  try {
    await terminal.waitFor(context.firstData, READY_MS);
    terminal.type("2");
    await terminal.waitFor(/blocked 1,?000/, READY_MS);
    // Code that has not been compiled yet, and the first samples, which ask more than the later ones.
    await pause(WARM_UP_MS);
    return await measured(context, terminal.pid, between);
  } finally {
    await quit(terminal);
    between.close();
  }
}

async function measured(context: Context, pid: number, between: Relay): Promise<Result[]> {
  const own = await ownBackend(context);
  const seen: { clientMs: number; serverMs: number; kilobytes: number }[] = [];
  between.onRefresh = () =>
    seen.push({ clientMs: cpuMs(pid), serverMs: cpuMs(own), kilobytes: between.bytes() / 1000 });
  await pause(context.windowSeconds * 1000);
  between.onRefresh = () => {};
  const each = (key: keyof (typeof seen)[number]): number[] =>
    seen.slice(1).map((now, i) => now[key] - (seen[i]?.[key] ?? 0));
  return [
    {
      what: "client CPU per refresh, 1,000 in one queue, tree shown",
      unit: "ms",
      target: 30,
      values: each("clientMs"),
    },
    { what: "server CPU per refresh, 1,000 in one queue", unit: "ms", target: null, values: each("serverMs") },
    { what: "from the server per refresh, 1,000 in one queue", unit: "kB", target: null, values: each("kilobytes") },
  ];
}

async function session({ host, port }: Context["server"], held: pg.Client[]): Promise<pg.Client> {
  const one = new pg.Client({ host, port, user: "postgres", database: "postgres", application_name: "worker" });
  one.on("error", () => {});
  await one.connect();
  held.push(one);
  return one;
}

const WAITERS = 1_000;
const BATCH = 20;
const WARM_UP_MS = 10_000;
