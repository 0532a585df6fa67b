import pg from "pg";
import type { Context } from "./bench.ts";

/** The dashboard's own server process. */
export async function ownBackend({ server: { host, port } }: Context): Promise<number> {
  const session = new pg.Client({ host, port, user: "postgres", database: "postgres" });
  await session.connect();
  try {
    const { rows } = await session.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'pgtriage' order by backend_start desc limit 1",
    );
    if (rows[0] === undefined) throw new Error("no session with application_name pgtriage on the server");
    return rows[0].pid;
  } finally {
    await session.end();
  }
}
