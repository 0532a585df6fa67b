import pg from "pg";
import type { FetchProgress } from "./postgres/binaries.ts";
import { findBinaries } from "./postgres/binaries.ts";
import type { PostgresServer } from "./postgres/launch.ts";
import { launchPostgres } from "./postgres/launch.ts";

export interface DemoConnection {
  readonly user: string;
  readonly database: string;
}

/** Whom the dashboard connects as: not a superuser, but what an on-call engineer should have. */
export const DEMO_CONNECTION: DemoConnection = { user: "monitor", database: "shop" };

/** The shop's server: PostgreSQL 18 with its roles and empty databases. */
export async function launchDemoServer(
  say: (sentence: string) => void,
  onFetch: (progress: FetchProgress) => void,
): Promise<PostgresServer> {
  const binaries = await findBinaries(MAJOR, onFetch);
  say(`starting PostgreSQL ${binaries.version.split("-")[0]}`);
  const server = await launchPostgres({ binaries, settings: SETTINGS, tcp: true, hba: HBA, stop: "immediate" });
  try {
    await createDatabases(server);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function createDatabases({ socketDir, port }: PostgresServer): Promise<void> {
  const session = new pg.Client({ host: socketDir, port, user: "postgres", database: "postgres" });
  session.on("error", () => {}); // the query in progress tells it too
  await session.connect();
  await session.query(ROLES);
  // One after the other: a database cannot be created in the implicit transaction of several statements.
  await session.query("create database shop owner app");
  await session.query("create database dwh owner etl");
  await session.end();
}

const MAJOR = 18;

const SETTINGS = {
  max_connections: 100,
  superuser_reserved_connections: 3,
  reserved_connections: 3,
  max_prepared_transactions: 10,
  track_activity_query_size: 4096,
  // As a server should run, since this one is looked at. Nothing is kept of it: it need not be written when it stops.
  fsync: "on",
  full_page_writes: "on",
  // Queries by their id, as pg_stat_statements would have it; slots of subscribers.
  compute_query_id: "on",
  wal_level: "logical",
  shared_buffers: "32MB",
  cluster_name: "shop-primary",
} as const;

/** Over TCP, which every user of this machine can reach, only those who can do no harm to it. */
const HBA = `
local all all                           trust
host  all app,report,etl 127.0.0.0/8    trust
`;

const ROLES = `
create role app login;
create role report login connection limit 10 in role pg_read_all_data;
create role etl login;
create role monitor login replication in role pg_monitor, pg_signal_backend;
`;
