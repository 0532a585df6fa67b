import { readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/connection/connect.ts";
import { conninfo, type Conninfo } from "../../src/connection/conninfo.ts";
import type { Refusal } from "../../src/connection/refusal.ts";
import { decoded } from "../../src/connection/refusals.ts";
import { eventually } from "../servers/deadline.ts";
import { halfOpen, type HalfOpen } from "../servers/half-open.ts";
import { client, pidOf, sessions, testServer, type TestServer } from "../servers/server.ts";

const HBA = `
host all locked 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
`;

// Eight slots, two for superusers, from 16 on one more for pg_use_reserved_connections; and two walsenders.
const SETTINGS = { max_connections: 8, superuser_reserved_connections: 2, max_wal_senders: 2 };
/** Few, so that a flood may be small: the processes that the postmaster would start are twice the sum of all these. */
const FEW_WORKERS = { autovacuum_max_workers: 1, max_worker_processes: 2 };
const FLOOD = 40;

const LET_IN: Refusal = { kind: "other", sentence: "let in", stillIn: null };

describe.each([18, 17, 15, 12, 11, 10])("PostgreSQL %i has no place for us", (major) => {
  const reservedRole = major >= 16;
  /** Walsenders take a slot of their own kind. */
  const ownPool = major >= 12;
  /** A server before 16 does not name who may use the rest: only its version could tell whether walsenders share it. */
  const walsenders = "walsenders (roles with REPLICATION)";
  const since12 = `${walsenders} from PostgreSQL 12 on`;
  let server: TestServer;
  let where: string;
  let standing: pg.Client;
  const open: pg.Client[] = [];
  let flood: HalfOpen | null = null;

  beforeAll(async () => {
    const reserved = reservedRole ? { reserved_connections: 1 } : {};
    server = await testServer(major, { ...SETTINGS, ...FEW_WORKERS, ...reserved }, { hba: HBA });
    where = `127.0.0.1:${server.port}`;
    standing = await client(server.url);
    await standing.query("set password_encryption = 'scram-sha-256'");
    await standing.query("create role app login; create role locked login password 'right'");
    await standing.query("create role repl login replication; create role report login replication connection limit 1");
    await standing.query("create role oncall login");
    if (reservedRole) {
      await standing.query("grant pg_use_reserved_connections to oncall");
    }
    await standing.query("create database narrow connection limit 1");
    await standing.query("create database closed allow_connections false");
    await standing.query("create database private");
    await standing.query("revoke connect on database private from public");
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.end()));
    flood?.close();
    flood = null;
    // What has ended may not have been buried yet; after the last test it is the server.
    const settled = ({ kind, sentence }: Refusal): boolean => sentence === LET_IN.sentence || kind === "unreachable";
    await eventually("a superuser gets in again", () => said("postgres"), settled);
  });
  afterAll(async () => {
    await standing?.end();
    await server?.stop();
  });

  /** What that role is told who would come in now. */
  async function said(
    role: string,
    { database = "postgres", as = null as Conninfo["replication"] } = {},
  ): Promise<Refusal> {
    const url = `postgres://${role}@${server.host}:${server.port}/${database}`;
    const to = { ...conninfo({ words: [url] }, {}), replication: as };
    try {
      const session = await connect(to);
      await session.client.end();
      return LET_IN;
    } catch (error) {
      return decoded(error, to);
    }
  }
  const walsender = (role: string, database = "postgres"): Promise<Refusal> => said(role, { database, as: "database" });

  async function fill(role: string, count: number): Promise<void> {
    const url = `postgres://${role}@${server.host}:${server.port}/postgres`;
    open.push(...(await sessions(url, count)).clients);
  }
  async function walsenderOf(role: string): Promise<void> {
    const url = `postgres://${role}@${server.host}:${server.port}/postgres?replication=database`;
    open.push(await client(url));
  }
  const ordinary = reservedRole ? 4 : 5;

  test("ordinary roles have no slot", async () => {
    await fill("app", ordinary);
    expect(await said("app")).toEqual(
      reservedRole
        ? {
            kind: "app-slots",
            sentence: `No slot is left for ordinary roles on ${where}.`,
            stillIn: `members of pg_use_reserved_connections, superusers, and ${walsenders}`,
          }
        : {
            kind: "reserved-slots",
            sentence: `No slot is left on ${where} but those reserved for superusers.`,
            stillIn: `superusers, and ${since12}`,
          },
    );
    // All of whom it says so.
    expect(await said("postgres")).toEqual(LET_IN);
    if (reservedRole) expect(await said("oncall")).toEqual(LET_IN);
    expect(await walsender("repl")).toEqual(
      ownPool
        ? LET_IN
        : {
            kind: "walsenders-share-slots",
            sentence: `On ${where}, a server before PostgreSQL 12, walsenders take ordinary slots, and what is left is reserved for superusers.`,
            stillIn: "superusers, by an ordinary connection",
          },
    );
  });

  test("the slots of pg_use_reserved_connections are taken as well; before 16 the role is one like any other", async () => {
    await fill("app", ordinary);
    if (!reservedRole) return expect(await said("oncall")).toMatchObject({ kind: "reserved-slots" });
    await fill("oncall", 1);
    const refusal = {
      kind: "reserved-slots",
      sentence: `No slot is left on ${where} but those reserved for superusers.`,
      stillIn: `superusers, and ${walsenders}`,
    };
    expect(await said("app")).toEqual(refusal);
    expect(await said("oncall")).toEqual(refusal);
    expect(await said("postgres")).toEqual(LET_IN);
    expect(await walsender("repl")).toEqual(LET_IN);
  });

  test("every slot is taken", async () => {
    await fill("postgres", 7);
    const refusal = {
      kind: "every-slot",
      sentence: `Every connection slot of ${where} is taken, the reserved ones too.`,
      stillIn: since12,
    };
    expect(await said("app")).toEqual(refusal);
    expect(await said("postgres")).toEqual(refusal);
    expect(await walsender("repl")).toEqual(
      ownPool
        ? LET_IN
        : {
            kind: "walsenders-share-slots",
            sentence: `On ${where}, a server before PostgreSQL 12, walsenders take ordinary slots, and every one is taken, the reserved ones too.`,
            stillIn: null,
          },
    );
  });

  test("every slot is taken by connections that have not said their password, which no row tells of before 18", async () => {
    flood = await halfOpen(server, 12, "locked");
    await eventually(
      "every slot taken",
      () => said("postgres"),
      ({ kind }) => kind === "every-slot",
    );
    const { rows } = await standing.query<{ clients: number }>(
      "select count(*)::int as clients from pg_stat_activity where backend_type = 'client backend'",
    );
    expect(rows[0]?.clients).toBe(major >= 18 ? 8 : 1);
  });

  test("sockets that never say anything: nobody gets in, by no lane", async () => {
    flood = await halfOpen(server, FLOOD);
    const refusal = {
      kind: "half-open",
      sentence: `${where} is flooded with connections that do not log in, and starts no process for another one: nobody gets in until authentication_timeout (60 s, as a rule) ends them.`,
      stillIn: null,
    };
    await eventually("refused", () => said("postgres"), same(refusal));
    expect(await said("app")).toEqual(refusal);
    expect(await walsender("repl")).toEqual(refusal);
  });

  test("max_wal_senders is reached", async () => {
    await walsenderOf("repl");
    await walsenderOf("repl");
    const refusal = {
      kind: "walsenders-full",
      sentence: `Every walsender of ${where} is taken (max_wal_senders).`,
      stillIn: null,
    };
    expect(await walsender("repl")).toEqual(refusal);
    expect(await walsender("postgres")).toEqual(refusal);
    expect(await said("app")).toEqual(LET_IN);
  });

  test("a role without REPLICATION is no walsender", async () => {
    expect(await walsender("app")).toEqual({
      kind: "no-replication-right",
      sentence: `Role "app" may not connect as a walsender on ${where}: ALTER ROLE app REPLICATION lets it.`,
      stillIn: null,
    });
  });

  test("a role is at its limit, which counts walsenders on old servers", async () => {
    await fill("report", 1);
    const refusal = {
      kind: "role-limit",
      sentence: `Role "report" is at its own CONNECTION LIMIT on ${where}.`,
      stillIn: "other roles, and superusers",
    };
    expect(await said("report")).toEqual(refusal);
    expect(await walsender("report")).toEqual(major <= 12 ? refusal : LET_IN);
    expect(await said("app")).toEqual(LET_IN);
  });

  test("a database is at its limit, which counts walsenders on old servers", async () => {
    open.push(await client(`postgres://app@${server.host}:${server.port}/narrow`));
    const refusal = {
      kind: "database-limit",
      sentence: `Database "narrow" is at its own CONNECTION LIMIT on ${where}.`,
      stillIn: "sessions in other databases, and superusers",
    };
    expect(await said("app", { database: "narrow" })).toEqual(refusal);
    expect(await walsender("repl", "narrow")).toEqual(major <= 12 ? refusal : LET_IN);
    expect(await said("postgres", { database: "narrow" })).toEqual(LET_IN);
    expect(await said("app")).toEqual(LET_IN);
  });

  test("a database that accepts nobody, not even a superuser", async () => {
    const refusal = {
      kind: "closed-database",
      sentence: `Database "closed" on ${where} accepts no connections: name another one with -d.`,
      stillIn: null,
    };
    expect(await said("postgres", { database: "closed" })).toEqual(refusal);
    expect(await walsender("repl", "closed")).toEqual(refusal);
  });

  test("a database to which the role may not connect", async () => {
    expect(await said("app", { database: "private" })).toEqual({
      kind: "no-connect-right",
      sentence: `Role "app" may not connect to database "private" on ${where}: GRANT CONNECT ON DATABASE private TO app lets it in.`,
      stillIn: null,
    });
  });

  test("it recovers from a crash, and then it stops: nobody gets in, by no lane", async () => {
    const [crashed, held] = (await sessions(server.url, 2)).clients;
    const heldPid = await pidOf(held!);
    // The others are told to end; that one does not, so that there is time to look.
    process.kill(heldPid, "SIGSTOP");
    process.kill(await pidOf(crashed!), "SIGKILL");
    await eventually("recovering", () => said("postgres"), notReady("the database system is in recovery mode"));
    expect(await walsender("repl")).toMatchObject({ kind: "not-ready" });
    process.kill(heldPid, "SIGCONT");
    await eventually("recovered", () => said("postgres"), same(LET_IN));

    standing = await client(server.url);
    process.kill(postmasterOf(server), "SIGTERM");
    await eventually("shutting down", () => said("postgres"), notReady("the database system is shutting down"));
    expect(await walsender("repl")).toMatchObject({ kind: "not-ready" });
    await server.stop();
    expect(await said("postgres")).toMatchObject({ kind: "unreachable" });
  });

  function notReady(words: string): (refusal: Refusal) => boolean {
    return same({
      kind: "not-ready",
      sentence: `${where} is starting up, shutting down, recovering, or a standby without hot_standby: ${words}.`,
      stillIn: null,
    });
  }
});

function same(refusal: object): (other: Refusal) => boolean {
  return (other) => JSON.stringify(other) === JSON.stringify(refusal);
}

function postmasterOf({ dataDir }: TestServer): number {
  return Number(readFileSync(path.join(dataDir, "postmaster.pid"), "utf8").split("\n")[0]);
}
