import { client } from "../servers/server.ts";

/** A table whose rows somebody deletes, and VACUUM, which says how many of them it had to keep. */
export interface Doomed {
  query(text: string): Promise<unknown>;
  /** A thousand rows and one. */
  refill(): Promise<void>;
  /** A thousand rows die; so many of them VACUUM keeps. */
  kept(): Promise<number>;
  /** Of the rows of that table that are dead already. */
  keptBy(table: string, options?: string): Promise<number>;
  close(): Promise<void>;
}

export async function doomedTable(url: string): Promise<Doomed> {
  const notices: string[] = [];
  const session = await client(url);
  session.on("notice", ({ message, detail }) => notices.push(`${message}\n${detail ?? ""}`));
  await session.query("create table doomed (n int)");

  async function keptBy(table: string, options = "verbose"): Promise<number> {
    notices.length = 0;
    await session.query(`vacuum (${options}) ${table}`);
    const said = notices.find((notice) => KEPT.test(notice) && notice.includes(`${table}"`));
    return Number(KEPT.exec(said ?? "")?.[1] ?? Number.NaN);
  }

  return {
    query: (text) => session.query(text),
    async refill() {
      await session.query("truncate doomed");
      await session.query("insert into doomed select generate_series(1, 1001)");
    },
    async kept() {
      // The last row stays, or VACUUM would wait for a lock to cut the table shorter.
      await session.query("delete from doomed where n <= 1000");
      return keptBy("doomed");
    },
    keptBy,
    close: () => session.end(),
  };
}

/** From 14 on in the one way, before in the other. */
const KEPT = /(\d+) (?:are dead but not yet removable|dead row versions cannot be removed yet)/;
