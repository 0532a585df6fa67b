import type pg from "pg";
import { fileURLToPath } from "node:url";
import { client, pidOf } from "../servers/server.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";

/** The built dashboard in a terminal, on that server. */
export function dashboard(url: string, args: readonly string[] = [], options: TerminalOptions = {}): Terminal {
  return new Terminal(process.execPath, [BIN, url, "--interval", "0.5", ...args], options);
}

/** Until there is live data. */
export async function live(terminal: Terminal): Promise<void> {
  await terminal.waitFor(/PID[▲▼]? .*QUERY/);
}

/** The rows of the list: what stands under the column titles and begins with a mark and a pid. */
export function listed(terminal: Terminal): string[] {
  const lines = terminal.lines();
  const below = lines.slice(lines.findIndex((line) => /PID[▲▼]? .*QUERY/.test(line)) + 1);
  const end = below.findIndex((line) => !/^[>*+†=└ ] *\d+ /.test(line));
  return end < 0 ? below : below.slice(0, end);
}

export function pidsListed(terminal: Terminal): number[] {
  return listed(terminal).map((line) => Number(/\d+/.exec(line)![0]));
}

/** The pid on the row where the cursor stands; it is a bar as well as a mark. */
export function selected(terminal: Terminal): number | null {
  const y = terminal.lines().findIndex((_, row) => terminal.cell(1, row).bg === SELECTED_BACKGROUND);
  return y < 0 ? null : Number(/\d+/.exec(terminal.lines()[y]!)?.[0] ?? Number.NaN);
}

/** How many of our sessions the server has. */
export async function oursOn(session: pg.Client): Promise<number> {
  const { rows } = await session.query<{ n: number }>(
    "select count(*)::int as n from pg_stat_activity where application_name = 'pgtriage'",
  );
  return rows[0]!.n;
}

export interface Incident {
  /** Idle in a transaction, and one waits for it. */
  readonly blocker: number;
  readonly waiter: number;
  readonly idle: readonly number[];
  close(): Promise<void>;
}

/** One that has left a transaction open, one that waits behind it, and some idle ones. */
export async function incident(url: string, idle = 4): Promise<Incident> {
  const clients: pg.Client[] = [];
  const open = async (name: string): Promise<pg.Client> => {
    const session = await client(url, { application_name: name });
    clients.push(session);
    return session;
  };
  const resting: number[] = [];
  for (let i = 0; i < idle; i++) resting.push(await pidOf(await open(`web-${i}`)));
  const culprit = await open("culprit");
  await culprit.query("create table if not exists shelf (n int primary key, books int)");
  await culprit.query("insert into shelf values (1, 0) on conflict do nothing");
  const victim = await open("victim");
  const pids = { blocker: await pidOf(culprit), waiter: await pidOf(victim) };
  await culprit.query("begin");
  await culprit.query(`update shelf set books = books + 1 where n = 1 ${LONG_COMMENT}`);
  const waiting = victim.query("update shelf set books = 7 where n = 1").catch(() => {});
  return {
    ...pids,
    idle: resting,
    async close() {
      await culprit.end();
      await waiting;
      await Promise.all(clients.map((session) => session.end()));
    },
  };
}

/** Longer than what the list carries; its end is to be seen on the detail page. */
const LONG_COMMENT = `/* ${"because ".repeat(50)} of the very end */`;

export const BIN = fileURLToPath(new URL("../../bin/pgtriage.js", import.meta.url));

/** The theme's colour under the selected row. */
const SELECTED_BACKGROUND = 24;
