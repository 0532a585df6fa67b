import { createRequire } from "node:module";
import type { Socket } from "node:net";
import type { Client, ClientConfig } from "pg";
import { authGate } from "./auth-gate.ts";
import type { Conninfo } from "./conninfo.ts";
import type { Host } from "./hosts.ts";
import { passwordFromFile } from "./password-file.ts";
import { wireOf } from "./wire.ts";

/** A session that stands, and what the server said of itself on the way. */
export interface Session {
  readonly client: Client;
  readonly versionNum: number;
  /** Which of the hosts let us in. */
  readonly host: Host;
  /** Called once when the connection breaks or the server ends it. */
  onLost(listener: (error: Error) => void): void;
  /** Ends the connection by a TCP reset: what was written and has not been delivered yet never will be. */
  reset(): void;
}

/** PostgreSQL before 10 has another pg_stat_activity: no backend_type, so no honest count. */
export const OLDEST_MAJOR = 10;

export class TooOldError extends Error {
  /** As the server says it; null when it does not. */
  readonly version: string | null;
  constructor(version: string | null) {
    super(`server_version ${version ?? "unknown"}`);
    this.version = version;
  }
}

/** The server wants a password and none is known. `why` says what stood in the way of the password file, if something did. */
export class PasswordWantedError extends Error {
  readonly why: string | null;
  constructor(why: string | null) {
    super("no password");
    this.why = why;
  }
}

/** By require(): to import it, Node first reads each of the driver's files through for what it may export. */
const load = createRequire(import.meta.url);

/**
 * One attempt: this host at this address, with TLS or without (`ssl` undefined).
 *
 * @throws the driver's own errors, PasswordWantedError, TooOldError, AuthForbiddenError
 */
export async function openSession(
  to: Conninfo,
  host: Host,
  address: string,
  ssl: ClientConfig["ssl"],
): Promise<Session> {
  // Loaded here and not on top: the first frame is painted while this is read from disk.
  // Node 20 has no `navigator`, by which the driver tells where it runs; without it, it loads Node's whole HTTP client to
  // find out, which takes as long as all the rest of it.
  if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { userAgent: "Node.js" } });
  const pg = load("pg") as typeof import("pg");
  const client = new pg.Client({
    host: address,
    port: host.port,
    database: to.database,
    user: to.user,
    application_name: to.applicationName,
    keepAlive: to.keepalives,
    keepAliveInitialDelayMillis: to.keepalivesIdleSeconds * 1000,
    connectionTimeoutMillis: to.connectTimeoutSeconds * 1000,
    enableChannelBinding: to.channelBindingRequired && ssl !== undefined,
    // Asked only when the server wants one: not every way in needs it.
    password: () => passwordFor(to, host),
    ssl: ssl ?? false,
    // Said in any case, or the driver would look into the environment for itself.
    ...{ sslnegotiation: ssl !== undefined && to.tls.direct ? "direct" : "postgres" },
    ...(to.options === null ? {} : { options: to.options }),
    ...(to.replication === null ? {} : { replication: to.replication }),
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
  const wire = wireOf(client);
  // With TLS the driver puts another stream in its place, which knows no reset.
  const socket = wire.stream;
  // The server reports its version while it lets us in: no round trip of its own. The driver keeps that message to itself.
  wire.on("parameterStatus", ({ parameterName, parameterValue }) => parameters.set(parameterName, parameterValue));
  authGate(client, wire, to);
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
  const versionNum = parseVersion(parameters.get("server_version") ?? "");
  if (versionNum < OLDEST_MAJOR * 10_000) {
    client.end().catch(() => undefined);
    throw new TooOldError(parameters.get("server_version") ?? null);
  }
  return {
    client,
    versionNum,
    host,
    onLost(call) {
      listener = call;
      if (lost !== null) call(lost);
    },
    reset: () => reset(socket),
  };
}

function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    // A Unix socket has no network in which anything could be under way.
    socket.destroy();
  }
}

async function passwordFor(to: Conninfo, host: Host): Promise<string> {
  if (to.password !== null) return to.password;
  const { password, ignored } = passwordFromFile(to.passfile, { ...host, database: to.database, user: to.user });
  // As libpq: an empty one is none.
  if (password === null || password === "") throw new PasswordWantedError(ignored);
  return password;
}

/** "18.4" and "17.10 (Debian …)" as 180004 and 170010; "9.6.24" as 90624; 0 when it is no version. */
export function parseVersion(text: string): number {
  const [, major, minor, patch] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text) ?? [];
  if (major === undefined) return 0;
  const first = Number(major) * 10_000;
  return Number(major) >= 10 ? first + Number(minor ?? 0) : first + Number(minor ?? 0) * 100 + Number(patch ?? 0);
}
