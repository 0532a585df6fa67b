import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, withUser } from "../servers/server.ts";
import { listed, selected } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

/** A session of an ordinary role with a transaction open that has written: ending it loses the row. */
export interface Writer {
  readonly session: pg.Client;
  readonly pid: number;
  /** Settles when the connection is over. */
  readonly ended: Promise<void>;
  /** Whether its row is there after COMMIT: it is alive, and so is its transaction. */
  commits(): Promise<boolean>;
}

let rows = 0;

/** The table that writers write to, and the roles. Once a server. */
export async function prepareWriters(url: string): Promise<void> {
  const session = await client(url);
  await session.query("create role app login; create role etl login");
  await session.query("create table written (n int primary key, by_pid int)");
  await session.query("grant all on written to app, etl");
  await session.end();
}

export async function writer(url: string, application: string, role = "app"): Promise<Writer> {
  const session = await client(withUser(url, role), { application_name: application });
  const ended = new Promise<void>((resolve) => session.once("end", () => resolve()));
  const n = ++rows;
  await session.query("begin");
  await session.query("insert into written values ($1, pg_backend_pid())", [n]);
  return {
    session,
    pid: await pidOf(session),
    ended,
    async commits() {
      await session.query("commit");
      const found = await session.query("select from written where n = $1", [n]);
      return found.rowCount === 1;
    },
  };
}

/** Somebody at a keyboard: a key at a time, and slower than a paste. */
export async function typeByHand(terminal: Terminal, text: string): Promise<void> {
  for (const char of text) {
    terminal.type(char === "\n" ? "\r" : char);
    await pause(25);
  }
}

/** Puts the cursor on the session of this pid, by filtering for it. */
export async function select(terminal: Terminal, pid: number): Promise<void> {
  terminal.press("/", "Ctrl-U");
  terminal.type(`pid:${pid}`);
  terminal.press("Enter");
  await terminal.waitFor(() => selected(terminal) === pid && listed(terminal).length === 1);
}

/** Opens the question for that session and waits until it is on the screen, and long enough to be answered. */
export async function ask(terminal: Terminal, key: "c" | "x", pid: number): Promise<void> {
  await select(terminal, pid);
  terminal.press(key);
  await terminal.waitFor(/then Enter:/);
  await pause(READ_MS);
}

/** As long as the dashboard takes nobody for having read its question. */
const READ_MS = 200;

/** Until this session is gone from the server. */
export async function gone(watcher: pg.Client, pid: number): Promise<void> {
  await eventually(
    `${pid} has ended`,
    async () => (await watcher.query("select 1 from pg_stat_activity where pid = $1", [pid])).rowCount,
    (count) => count === 0,
  );
}
