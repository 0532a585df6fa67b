import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeadTuples } from "../../src/model/horizon.ts";
import { decodeDeadTuples } from "../../src/source/decode-dead-tuples.ts";
import { UTF8_EVERYWHERE } from "../../src/source/encodings.ts";
import { statement } from "../../src/source/statement.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";

describe.each([18, 14, 10])("dead rows of tables, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let session: pg.Client;

  beforeAll(async () => {
    server = await testServer(major, { autovacuum: "off" });
    session = await client(server.url);
    await session.query('create schema "Shop"; create table "Shop"."Größe" (n int); create table clean (n int)');
    await session.query("create table long (n int, text text); alter table long alter text set storage external");
    await session.query('insert into "Shop"."Größe" select generate_series(1, 500)');
    await session.query("insert into clean select generate_series(1, 10)");
    await session.query("insert into long select n, repeat('x', 6000) from generate_series(1, 100) n");
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  async function told(): Promise<readonly DeadTuples[]> {
    const { rows } = await session.query({ text: statement("dead-tuples", major), rowMode: "array", types: TEXT_ONLY });
    return decodeDeadTuples(rows as (string | null)[][], UTF8_EVERYWHERE);
  }

  /** Statistics arrive a moment later. */
  function eventuallyTold(what: string, holds: (tables: readonly DeadTuples[]) => boolean) {
    return eventually(what, told, holds);
  }

  test("the most first, by their names as psql writes them, TOAST apart; tables without any are not listed", async () => {
    await session.query('delete from "Shop"."Größe" where n <= 400');
    await session.query("delete from long where n <= 60");
    const ours = (tables: readonly DeadTuples[]): DeadTuples[] =>
      tables.filter(({ table }) => !table.startsWith("pg_"));
    const tables = ours(await eventuallyTold("three of them", (list) => ours(list).length === 3));
    const never = { vacuumSeconds: null, autovacuumSeconds: null };
    expect(tables).toEqual([
      { table: '"Shop"."Größe"', toast: false, live: 100, dead: 400, ...never },
      { table: "public.long", toast: true, live: 160, dead: 240, ...never },
      { table: "public.long", toast: false, live: 40, dead: 60, ...never },
    ]);
  });

  test("what VACUUM has removed is gone from the list; what it had to keep is listed with when it tried", async () => {
    const other = await client(server.url);
    await other.query("begin; create temp table pinned (n int)");
    await session.query("delete from clean where n <= 7");
    const cleanOne = (tables: readonly DeadTuples[]) => tables.find(({ table }) => table === "public.clean");
    // Before 15 what VACUUM reports may arrive before the deletes that it has seen, which then count twice.
    await eventuallyTold("the deletes", (list) => cleanOne(list)?.dead === 7);
    await session.query("vacuum clean");
    const clean = cleanOne(await eventuallyTold("vacuumed", (list) => cleanOne(list)?.vacuumSeconds != null));
    expect(clean).toMatchObject({ live: 3, dead: 7, toast: false, autovacuumSeconds: null });
    const { rows } = await session.query<{ now: number }>("select extract(epoch from now())::float8 as now");
    expect(rows[0]!.now - clean!.vacuumSeconds!).toBeLessThan(60);
    await other.query("rollback");
    await session.query("vacuum clean");
    await eventuallyTold("removed", (list) => cleanOne(list) === undefined);
    await other.end();
  });

  test("never more than eight", async () => {
    for (let i = 0; i < 12; i++) {
      await session.query(`create table many${i} (n int); insert into many${i} select generate_series(1, 900)`);
      await session.query(`delete from many${i}`);
    }
    const tables = await eventuallyTold("the most of them", (list) => list.every(({ dead }) => dead === 900));
    expect(tables).toHaveLength(8);
  });
});

const TEXT_ONLY = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;
