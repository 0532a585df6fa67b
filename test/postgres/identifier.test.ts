import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { identifier } from "../../src/text/identifier.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";

// What stands in a statement to be pasted is the name that was meant, also where somebody has called a role "all" or a table "order".

describe.each([18, 14, 10])("names in statements on PostgreSQL %i", (major) => {
  let server: TestServer;
  let session: pg.Client;

  beforeAll(async () => {
    server = await testServer(major);
    session = await client(server.url);
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  test("every word that the server itself would quote is quoted", async () => {
    const { rows } = await session.query<{ word: string; quoted: string }>(
      "select word, quote_ident(word) as quoted from pg_get_keywords()",
    );
    const bare = rows.filter(({ word, quoted }) => quoted !== word && identifier(word) !== quoted);
    expect(bare.map(({ word }) => word)).toEqual([]);
    expect(rows.filter(({ word }) => identifier(word) === word).length).toBeGreaterThan(200);
  });

  test("what is set for a role of the name all is not set for all roles", async () => {
    await session.query('create role "all"');
    await session.query(`alter role ${identifier("all")} set statement_timeout = '1min'`);
    const { rows } = await session.query("select setrole::regrole::text as role from pg_db_role_setting");
    expect(rows).toEqual([{ role: '"all"' }]);
  });
});
