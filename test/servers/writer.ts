import type pg from "pg";
import { client, pidOf, withUser } from "./server.ts";

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
