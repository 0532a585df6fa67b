import type pg from "pg";
import { client, pidOf, testServer, withUser, type TestServer } from "./server.ts";

export interface FullServer extends TestServer {
  /** Sessions of an ordinary role that leaks: all the app slots. */
  readonly leakers: readonly { readonly session: pg.Client; readonly pid: number }[];
  /** Superusers on what is left, the reserves. */
  readonly superusers: readonly pg.Client[];
  /** As this role. */
  as(role: string): string;
  close(): Promise<void>;
}

export const MAX_CONNECTIONS = 10;
export const SUPERUSER_RESERVED = 2;

/**
 * A server on which not one connection slot is free, the reserved ones neither. Its roles: `app` leaks, `rescue` has the least rights
 * with which one can look and end (REPLICATION, pg_monitor, pg_signal_backend), `monitor` has no REPLICATION.
 */
export async function fullServer(
  major: number,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<FullServer> {
  const server = await testServer(major, {
    max_connections: MAX_CONNECTIONS,
    superuser_reserved_connections: SUPERUSER_RESERVED,
    ...(major >= 16 && { reserved_connections: 1 }),
    max_wal_senders: 3,
    ...settings,
  });
  const superusers = [await client(server.url, { application_name: "dba" })];
  await superusers[0]!.query("create role app login");
  await superusers[0]!.query("create role rescue login replication in role pg_monitor, pg_signal_backend");
  await superusers[0]!.query("create role monitor login in role pg_monitor, pg_signal_backend");
  const leakers = await fill(withUser(server.url, "app"), "leaky");
  superusers.push(...(await fill(server.url, "dba")).map(({ session }) => session));
  return {
    ...server,
    leakers,
    superusers,
    as: (role) => withUser(server.url, role),
    async close() {
      await Promise.allSettled([...superusers, ...leakers.map(({ session }) => session)].map((one) => one.end()));
      await server.stop();
    },
  };
}

/** One after the other until the server refuses. */
export async function fill(url: string, application: string): Promise<{ session: pg.Client; pid: number }[]> {
  const opened: { session: pg.Client; pid: number }[] = [];
  for (;;) {
    try {
      const session = await client(url, { application_name: application });
      opened.push({ session, pid: await pidOf(session) });
    } catch (error) {
      if ((error as { code?: string }).code === "53300") return opened;
      throw error;
    }
  }
}
