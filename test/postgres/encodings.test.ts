import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFilter } from "../../src/state/filter.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";
import { rawSession, type RawSession } from "../servers/raw-session.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

// pg_stat_activity shows the bytes of every session to every other one, whatever encoding either database has. The server's own
// functions and conversions fail the whole statement over one such byte (22021, 22P05).

const DATABASES = {
  ascii: "SQL_ASCII",
  latin1: "LATIN1",
  eucjp: "EUC_JP",
  win1252: "WIN1252",
  koi8r: "KOI8R",
} as const;

describe.each([18, 13, 10])("bytes that are no text in our encoding, on PostgreSQL %i", (major) => {
  let server: TestServer;
  const open: RawSession[] = [];

  beforeAll(async () => {
    server = await testServer(major, { track_activity_query_size: 2048 });
    const session = await client(server.url);
    for (const [name, encoding] of Object.entries(DATABASES)) {
      await session.query(
        `create database ${name} encoding '${encoding}' template template0 lc_collate 'C' lc_ctype 'C'`,
      );
    }
    await session.end();
    const admin = await speaking("ascii");
    await admin.query(latin1('create role "caf\xe9" login connection limit 5'));
    await admin.query(
      latin1("create database \"d\xe9p\xf4t\" encoding 'SQL_ASCII' template template0 connection limit 7"),
    );
    await run("ascii", "select 1, 'caf\xe9\x81 au lait' -- \xff\xfe\xe9");
    await run("ascii", `select 2 -- ${"\xe3".repeat(400)}`);
    await run("ascii", `select 3 -- ${"é".repeat(400)}`, Buffer.from);
    await run("latin1", "select 4, 'caf\xe9' -- \xfcber");
    await run("eucjp", "select 5, '\xa5\xc7\xa1\xbc\xa5\xbf'");
    await run("win1252", "select 6, '\x80 5'");
    await run("koi8r", "select 7, '\xd0\xd2\xc9\xd7\xc5\xd4'");
    await run("postgres", "select 8, 'データ é'", Buffer.from);
    await run("latin1", `select 9 -- ${"\xe9".repeat(400)}`);
    // 2047 bytes are kept, and 11 + 2036 of them leave half a character over.
    await run("postgres", `select 10 --${"漢".repeat(1000)}`, Buffer.from);
    const odd = await rawSession(server, {
      user: latin1("caf\xe9"),
      database: latin1("d\xe9p\xf4t"),
      application_name: latin1("\xe9t\xe9"),
      client_encoding: "SQL_ASCII",
    });
    open.push(odd);
    await odd.query(latin1("select 11"));
  });
  afterAll(async () => {
    for (const session of open) session.close();
    await server?.stop();
  });

  const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

  async function speaking(database: string): Promise<RawSession> {
    const encoding = DATABASES[database as keyof typeof DATABASES] ?? "UTF8";
    const session = await rawSession(server, { user: "postgres", database, client_encoding: encoding });
    open.push(session);
    return session;
  }

  async function run(database: string, query: string, bytes: (text: string) => Buffer = latin1): Promise<void> {
    await (await speaking(database)).query(bytes(query));
  }

  async function sampled(
    database: string,
    use: (source: Source, sample: Sample) => void | Promise<void>,
  ): Promise<void> {
    const source = await sourceOf(server.url.replace(/postgres$/, database));
    try {
      await source.read();
      await use(source, await source.read());
    } finally {
      source.close();
    }
  }

  const found = (sample: Sample, n: number) => {
    const match = sample.backends.find((backend) => new RegExp(`^select ${n}\\b`).test(backend.query));
    if (match === undefined) throw new Error(`no session ${n} among ${JSON.stringify(sample.backends)}`);
    return match;
  };

  test.each(["postgres", ...Object.keys(DATABASES)])(
    "watched from %s, every session is listed, each read as its own database writes",
    async (database) => {
      await sampled(database, (_, sample) => {
        expect(found(sample, 1).query).toBe("select 1, 'caf\ufffd au lait' -- \ufffd\ufffd\ufffd");
        expect(found(sample, 2).query).toMatch(/^select 2 -- \ufffd{280,}$/);
        expect(found(sample, 3).query).toBe(`select 3 -- ${"é".repeat(144)}`);
        expect(found(sample, 4).query).toBe("select 4, 'café' -- über");
        expect(found(sample, 5).query).toBe("select 5, 'データ'");
        expect(found(sample, 6).query).toBe("select 6, '€ 5'");
        expect(found(sample, 7).query).toBe("select 7, 'привет'");
        expect(found(sample, 8).query).toBe("select 8, 'データ é'");
        expect(found(sample, 9).query).toBe(`select 9 -- ${"é".repeat(288)}`);
        expect(found(sample, 10).query).toBe(`select 10 --${"漢".repeat(96)}`);
        expect(found(sample, 11).application).toBe(major >= 16 ? "\\xe9t\\xe9" : "?t?");
      });
    },
  );

  test.each([
    ["postgres", "caf\ufffd", "d\ufffdp\ufffdt"],
    ["latin1", "café", "dépôt"],
  ])("from %s, a role and a database are %s and %s", async (database, role, name) => {
    await sampled(database, (_, sample) => {
      expect(found(sample, 11)).toMatchObject({ user: role, database: name });
      expect(sample.server.limits).toEqual(
        expect.arrayContaining([
          { kind: "role", name: role, limit: 5 },
          { kind: "database", name, limit: 7 },
        ]),
      );
      const filter = parseFilter(`user:${role} db:"${name}"`);
      if (filter.kind === "wrong") throw new Error(filter.reason);
      expect(sample.backends.filter((backend) => filter.matches(backend, sample))).toEqual([found(sample, 11)]);
    });
  });

  test("the whole text of a query comes as well, and what the server cut within a character has no half one at its end", async () => {
    for (const database of ["postgres", ...Object.keys(DATABASES)]) {
      await sampled(database, async (source, sample) => {
        const whole = async (n: number): Promise<string | undefined> =>
          (await source.wholeQuery(found(sample, n)))?.query;
        expect(await whole(3)).toBe(`select 3 -- ${"é".repeat(400)}`);
        expect(await whole(9)).toBe(`select 9 -- ${"é".repeat(400)}`);
        expect(await whole(10), database).toBe(`select 10 --${"漢".repeat(678)}`);
      });
    }
  });
});
