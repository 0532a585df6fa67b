import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { literal } from "../../src/text/literal.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";

const TEXTS = [
  "order-4711",
  "o'clock",
  "''",
  "back\\slash\\",
  "\\'; select 1; --",
  "two\nlines\r\tand more",
  "\u001b[2J\u007f\u0001 0f",
  "\u009b2J\u202eabc\u2028",
  "e\u0301 größe 漢字",
  "👍0f",
  "{bold}$user :name %s",
];

describe.each([18, 10])("PostgreSQL %i", (major) => {
  let server: TestServer;
  let session: pg.Client;
  beforeAll(async () => {
    server = await testServer(major, { max_prepared_transactions: 20 });
    session = await client(server.url);
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  test.each(["on", "off"])(
    "reads a literal as the text it was made of, standard_conforming_strings %s",
    async (how) => {
      await session.query(`set standard_conforming_strings = ${how}`);
      await session.query("set escape_string_warning = off");
      for (const text of TEXTS) {
        const { rows } = await session.query<{ back: string }>(`select ${literal(text)}::text as back`);
        expect(rows[0]!.back, JSON.stringify(text)).toBe(text);
      }
      await session.query("reset standard_conforming_strings");
    },
  );

  test("ends the prepared transaction of that name and no other", async () => {
    await session.query("create table if not exists held (n int)");
    for (const [n, gid] of TEXTS.entries()) {
      await session.query("begin");
      await session.query(`insert into held values (${n})`);
      await session.query(`prepare transaction ${literal(gid)}`);
    }
    const left = async () =>
      (await session.query<{ gid: string }>("select gid from pg_prepared_xacts order by prepared")).rows.map(
        ({ gid }) => gid,
      );
    expect(await left()).toEqual(TEXTS);
    for (const [n, gid] of TEXTS.entries()) {
      await session.query(`ROLLBACK PREPARED ${literal(gid)}`);
      expect(await left()).toEqual(TEXTS.slice(n + 1));
    }
  });
});
