import { readFileSync } from "node:fs";
import type { Client, ClientConfig } from "pg";
import type { Conninfo } from "./conninfo.ts";

/** A session that stands, and what the server said of itself on the way. */
export interface Session {
  readonly client: Client;
  readonly versionNum: number;
  /** Called once when the connection breaks or the server ends it. */
  onLost(listener: (error: Error) => void): void;
}

/** PostgreSQL before 10 has another pg_stat_activity: no backend_type, so no honest count. */
export const OLDEST_MAJOR = 10;

export class TooOldError extends Error {}

/** Opens the one connection that is kept. Rejects with the error of the driver; refusals.ts puts it into words. */
export async function connect(to: Conninfo): Promise<Session> {
  // A Unix socket never is encrypted.
  if (to.sslmode === "disable" || to.host.startsWith("/")) return open(to, undefined);
  if (to.sslmode === "allow") return open(to, undefined).catch(() => open(to, tls(to)));
  if (to.sslmode !== "prefer") return open(to, tls(to));
  try {
    return await open(to, tls(to));
  } catch (error) {
    // What "prefer" means: encrypted where the server can, plain where it says that it cannot.
    if (error instanceof Error && error.message === "The server does not support SSL connections")
      return open(to, undefined);
    throw error;
  }
}

async function open(to: Conninfo, ssl: ClientConfig["ssl"]): Promise<Session> {
  // Loaded here and not on top: the first frame is painted while this is read from disk.
  // Node 20 has no `navigator`, by which the driver tells where it runs; without it, it loads Node's whole HTTP client to
  // find out, which takes as long as all the rest of it.
  if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { userAgent: "Node.js" } });
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    host: to.host,
    port: to.port,
    database: to.database,
    user: to.user,
    application_name: to.applicationName,
    keepAlive: true,
    connectionTimeoutMillis: to.connectTimeoutSeconds * 1000,
    ...(to.password === null ? {} : { password: to.password }),
    ssl: ssl ?? false,
  });
  let lost: Error | null = null;
  let listener: ((error: Error) => void) | null = null;
  // Without a listener an ended session would end the process.
  client.on("error", (error) => {
    if (lost !== null) return;
    lost = error;
    listener?.(error);
  });
  const parameters = new Map<string, string>();
  listenToParameters(client, parameters);
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
  const versionNum = parseVersion(parameters.get("server_version") ?? "");
  if (versionNum < OLDEST_MAJOR * 10_000) {
    client.end().catch(() => undefined);
    throw new TooOldError(`server_version ${parameters.get("server_version") ?? "unknown"}`);
  }
  return {
    client,
    versionNum,
    onLost(call) {
      listener = call;
      if (lost !== null) call(lost);
    },
  };
}

/** The server reports its version while it lets us in: no round trip of its own. The driver keeps that message to itself. */
function listenToParameters(client: Client, into: Map<string, string>): void {
  const { connection } = client as unknown as {
    connection: {
      on(event: string, listener: (message: { parameterName: string; parameterValue: string }) => void): void;
    };
  };
  connection.on("parameterStatus", ({ parameterName, parameterValue }) => into.set(parameterName, parameterValue));
}

/** "18.4" and "17.10 (Debian …)" as 180004 and 170010; "9.6.24" as 90624; 0 when it is no version. */
export function parseVersion(text: string): number {
  const [, major, minor, patch] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text) ?? [];
  if (major === undefined) return 0;
  const first = Number(major) * 10_000;
  return Number(major) >= 10 ? first + Number(minor ?? 0) : first + Number(minor ?? 0) * 100 + Number(patch ?? 0);
}

/** As libpq means it: only verify-ca and verify-full look at the certificate. */
function tls(to: Conninfo): NonNullable<ClientConfig["ssl"]> {
  const ca = to.sslrootcert === null ? {} : { ca: readFileSync(to.sslrootcert, "utf8") };
  if (to.sslmode === "verify-full") return { ...ca, rejectUnauthorized: true };
  if (to.sslmode === "verify-ca") return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  return { ...ca, rejectUnauthorized: false };
}
