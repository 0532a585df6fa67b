import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres } from "../../src/demo/postgres/launch.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { Bench, Context, Result } from "./bench.ts";
import { firstSeen, quit } from "./dashboard.ts";
import { cpuMs, measurable } from "./process.ts";

/** From the command to the sessions on the screen where no slot is free: by the walsender lane, and by the host lane. */
export const lanes: Bench = {
  name: "lanes",
  sessions: null,
  async run(context) {
    const server = await launchPostgres({
      binaries: await findBinaries(18),
      settings: { max_connections: SESSIONS, superuser_reserved_connections: 3 },
      tcp: true,
    });
    const held: pg.Client[] = [];
    try {
      while (await one(server, held));
      const walsender: number[] = [];
      const host: number[] = [];
      for (let i = 0; i < TIMES; i++) {
        walsender.push(await first(context, server, ["--lane", "auto"], /WALSENDER LANE/));
        host.push(await first(context, server, ["--lane", "host"], /HOST VIEW/));
      }
      return [
        {
          what: `exec to holders, ${SESSIONS} of ${SESSIONS} slots taken`,
          unit: "ms",
          target: 2000,
          values: walsender,
        },
        { what: `exec to holders, host lane, ${SESSIONS} processes`, unit: "ms", target: 2000, values: host },
        ...(await hostCosts(context, server)),
      ];
    } finally {
      await Promise.allSettled(held.map((session) => session.end()));
      await server.stop();
    }
  },
};

type Place = { readonly host: string; readonly port: number };

async function one({ host, port }: Place, held: pg.Client[]): Promise<boolean> {
  const session = new pg.Client({ host, port, user: "postgres", database: "postgres", application_name: "held" });
  session.on("error", () => {});
  try {
    await session.connect();
    held.push(session);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "53300") return false;
    throw error;
  }
}

function start({ command: [program, ...args] }: Context, { host, port }: Place, more: readonly string[]): Terminal {
  const connection = ["-h", host, "-p", String(port), "-U", "postgres", "-d", "postgres", "-i", "1"];
  return new Terminal(program, [...args, ...connection, ...more], { columns: 200, rows: 50 });
}

async function first(context: Context, place: Place, more: readonly string[], what: RegExp): Promise<number> {
  const began = performance.now();
  const terminal = start(context, place, more);
  try {
    return (await firstSeen(terminal, what)) - began;
  } finally {
    await quit(terminal);
  }
}

async function hostCosts(context: Context, place: Place): Promise<Result[]> {
  const what = `client CPU per refresh, host lane, ${SESSIONS} processes`;
  if (!measurable) return [];
  const terminal = start(context, place, ["--lane", "host"]);
  try {
    await firstSeen(terminal, /HOST VIEW/);
    await pause(WARM_UP_MS);
    const values: number[] = [];
    for (let i = 0; i < context.windowSeconds; i++) {
      const before = cpuMs(terminal.pid);
      await pause(1000);
      values.push(cpuMs(terminal.pid) - before);
    }
    return [{ what, unit: "ms", target: null, values }];
  } finally {
    await quit(terminal);
  }
}

const SESSIONS = 300;
const TIMES = 8;
const WARM_UP_MS = 5_000;
