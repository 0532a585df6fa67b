import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchPostgres, type PostgresServer } from "../../src/demo/postgres/launch.ts";
import { germanBinaries, LOCALE } from "../servers/german-binaries.ts";
import { client, sessions } from "../servers/server.ts";
import { refused, SECRET, sourceOf } from "./pgtriage.ts";

const binaries = germanBinaries();
// Not every machine has one, and the texts themselves are in test/unit/server-refusal.test.ts.
const missing = typeof binaries === "string" ? binaries : null;
if (missing !== null) process.stderr.write(`[pg] refusals of a German server are NOT tested: ${missing}\n`);

describe.skipIf(missing !== null)("a server that speaks German is understood all the same", () => {
  let server: PostgresServer;
  let where: string;
  const open: pg.Client[] = [];

  beforeAll(async () => {
    if (typeof binaries === "string") return;
    server = await launchPostgres({
      binaries,
      tcp: true,
      settings: { lc_messages: LOCALE, max_connections: 8, superuser_reserved_connections: 2, max_wal_senders: 1 },
      hba: "local all postgres trust\nhost all locked 127.0.0.1/32 scram-sha-256\nhost all postgres,app,report,gone 127.0.0.1/32 trust\n",
    });
    where = `127.0.0.1:${server.port}`;
    const session = await client(as("postgres"));
    await session.query("set password_encryption = 'scram-sha-256'");
    await session.query("create role locked login password 'right'; create role report login connection limit 1");
    await session.query("create role app login; create role repl login replication");
    await session.query("create database closed allow_connections false");
    await session.end();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.end()));
  });
  afterAll(async () => {
    await server?.stop();
    if (typeof binaries !== "string") binaries.remove();
  });

  function as(role: string, { password = "", database = "postgres", more = "" } = {}): string {
    const secret = password === "" ? "" : `:${password}`;
    return `postgres://${role}${secret}@${where}/${database}${more}`;
  }

  /** What pgtriage says, without its name and the end of the line; and the server's own words for it. */
  async function both(url: string): Promise<{ said: string; server: string }> {
    const [said, server] = await Promise.all([
      refused(url),
      client(url).then(
        () => "let in",
        (error: Error) => error.message,
      ),
    ]);
    return { said: said.slice("pgtriage: ".length, -1), server };
  }

  test("a wrong password", async () => {
    expect(await both(as("locked", { password: SECRET }))).toEqual({
      said: `Wrong password for role "locked" on ${where}; it came from the connection string.`,
      server: "Passwort-Authentifizierung für Benutzer »locked« fehlgeschlagen",
    });
  });

  test("a database that is not there, or closed", async () => {
    expect(await both(as("app", { database: "shoop" }))).toEqual({
      said: `There is no database "shoop" on ${where}: name one with -d.`,
      server: "Datenbank »shoop« existiert nicht",
    });
    expect(await both(as("app", { database: "closed" }))).toEqual({
      said: `Database "closed" on ${where} accepts no connections: name another one with -d.`,
      server: "Datenbank »closed« akzeptiert gegenwärtig keine Verbindungen",
    });
  });

  test("a role that is not there, and one without a line in pg_hba.conf: in the server's own words", async () => {
    expect((await both(as("gone"))).said).toBe(
      `${where} does not let role "gone" in: Rolle »gone« existiert nicht. Is the role right, and may it LOGIN?`,
    );
    expect((await both(as("stranger"))).said).toMatch(
      /^127\.0\.0\.1:\d+ does not let role "stranger" in: kein pg_hba\.conf-Eintrag .*\. Is the role right, and does pg_hba\.conf have a line for it\?$/,
    );
  });

  test("the slots that are left are reserved for superusers, then none is left", async () => {
    open.push(...(await sessions(as("app"), 6)).clients);
    const { said, server } = await both(as("app"));
    expect(said).toMatch(
      new RegExp(`^No slot is left .*${where}.* reserved for superusers\\. Still let in: superusers, and`),
    );
    expect(server).toMatch(/^die verbleibenden Verbindungen sind für /);
    open.push(...(await sessions(as("postgres"), 2)).clients);
    expect(await both(as("postgres"))).toEqual({
      said: `Every connection slot of ${where} is taken, the reserved ones too. Still let in: walsenders (roles with REPLICATION) from PostgreSQL 12 on.`,
      server: "tut mir leid, schon zu viele Verbindungen",
    });
  });

  test("a view that was taken from everybody: the sample is read without it", async () => {
    const session = await client(as("postgres"));
    open.push(session);
    await session.query("revoke select on pg_stat_archiver from public");
    const source = await sourceOf(as("app"));
    try {
      expect(await source.read({ workings: true })).toMatchObject({
        counters: null,
        workings: { standbys: [] },
        refused: [{ statement: "counters", message: expect.stringMatching(/^keine Berechtigung für /) as string }],
      });
    } finally {
      source.close();
      await session.query("grant select on pg_stat_archiver to public");
    }
  });

  test("a role at its limit", async () => {
    open.push(...(await sessions(as("report"), 1)).clients);
    expect(await both(as("report"))).toEqual({
      said: `Role "report" is at its own CONNECTION LIMIT on ${where}. Still let in: other roles, and superusers.`,
      server: "zu viele Verbindungen von Rolle »report«",
    });
  });

  test("one walsender too many, and a role that may be none", async () => {
    open.push(await client(as("postgres", { more: "?replication=database" })));
    expect(await both(as("postgres", { more: "?replication=database" }))).toEqual({
      said: `Every walsender of ${where} is taken (max_wal_senders).`,
      server: "Anzahl angeforderter Standby-Verbindungen überschreitet max_wal_senders (aktuell 1)",
    });
    await Promise.all(open.splice(0).map((one) => one.end()));
    expect((await both(as("app", { more: "?replication=database" }))).said).toBe(
      `Role "app" may not connect as a walsender on ${where}: ALTER ROLE app REPLICATION lets it.`,
    );
  });
});
