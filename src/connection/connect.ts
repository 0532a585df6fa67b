import { createRequire } from "node:module";
import { isIP } from "node:net";
import type { Client, ClientConfig } from "pg";
import { authGate } from "./auth-gate.ts";
import type { Conninfo, SessionAttrs } from "./conninfo.ts";
import { isSocket, type Host } from "./hosts.ts";
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
}

/** PostgreSQL before 10 has another pg_stat_activity: no backend_type, so no honest count. */
export const OLDEST_MAJOR = 10;

export class TooOldError extends Error {}

/** The server wants a password and none is known. `why` says what stood in the way of the password file, if something did. */
export class PasswordWantedError extends Error {
  readonly why: string | null;
  constructor(why: string | null) {
    super("no password");
    this.why = why;
  }
}

/** A session would stand, but not of the kind that target_session_attrs asks for. */
export class UnsuitableError extends Error {}

/** Nobody let us in: which host said what, in the order in which they were tried. */
export class ConnectError extends Error {
  readonly failures: readonly Failure[];
  constructor(failures: readonly Failure[]) {
    super("not connected", { cause: failures.at(-1)?.error });
    this.failures = failures;
  }
}

export interface Failure {
  readonly host: Host;
  readonly error: unknown;
}

/**
 * Opens the one connection that is kept: the hosts in their order and each with all its addresses, until one lets us in and is of
 * the kind that was asked for. As with libpq, a server that answers with a refusal ends the search, unless it is only starting.
 *
 * @throws ConnectError, which refusals.ts puts into words
 */
export async function connect(to: Conninfo): Promise<Session> {
  const failures: Failure[] = [];
  const hosts = to.shuffleHosts ? shuffled(to.hosts) : to.hosts;
  const rounds: readonly SessionAttrs[] =
    to.targetSessionAttrs === "prefer-standby" ? ["standby", "any"] : [to.targetSessionAttrs];
  for (const attrs of rounds) {
    failures.length = 0;
    for (const host of hosts) {
      try {
        return await connectTo(to, host, attrs);
      } catch (error) {
        failures.push({ host, error });
        if (endsSearch(error)) throw new ConnectError(failures);
      }
    }
  }
  throw new ConnectError(failures);
}

async function connectTo(to: Conninfo, host: Host, attrs: SessionAttrs): Promise<Session> {
  const addresses = await addressesOf(host);
  for (const [i, address] of addresses.entries()) {
    let session: Session;
    try {
      session = await encrypted(to, host, address);
    } catch (error) {
      if (i + 1 < addresses.length && !endsSearch(error)) continue;
      throw error;
    }
    const wrong = await unsuitable(session, attrs, to.connectTimeoutSeconds);
    if (wrong === null) return session;
    session.client.end().catch(() => undefined);
    throw new UnsuitableError(wrong);
  }
  throw new Error(`no address for ${host.host}`);
}

/** All addresses that a name has, as the machine prefers them; a socket's directory and an address stand for themselves. */
async function addressesOf(host: Host): Promise<readonly string[]> {
  if (host.hostaddr !== null) return [host.hostaddr];
  if (isSocket(host) || isIP(host.host) !== 0) return [host.host];
  const { lookup } = await import("node:dns/promises");
  return (await lookup(host.host, { all: true })).map(({ address }) => address);
}

/** 57P03: it is starting, stopping or recovering; another host may be ready. */
function endsSearch(error: unknown): boolean {
  if (error instanceof PasswordWantedError || error instanceof TooOldError) return true;
  const { code = "", severity } = error as { code?: string; severity?: string };
  return severity !== undefined && /^[0-9A-Z]{5}$/.test(code) && code !== "57P03";
}

/** With TLS or without it, as sslmode has it. A Unix socket is never encrypted. */
async function encrypted(to: Conninfo, host: Host, address: string): Promise<Session> {
  const { mode } = to.tls;
  if (mode === "disable" || isSocket(host)) return open(to, host, address, undefined);
  const tls = async (): Promise<Session> => {
    // Loaded only here: a first frame needs no TLS.
    const { tlsOptions } = await import("./tls-options.ts");
    return open(to, host, address, tlsOptions(to.tls, host));
  };
  const plain = (): Promise<Session> => open(to, host, address, undefined);
  if (mode === "allow")
    return plain().catch((error: unknown) => (mayBeOtherwise(error) ? tls() : Promise.reject(error)));
  if (mode === "prefer")
    return tls().catch((error: unknown) => (mayBeOtherwise(error) ? plain() : Promise.reject(error)));
  return tls();
}

/**
 * Whether the other way, in plain or by TLS, may succeed where this one failed: pg_hba.conf has no line for it (28000), the
 * server has no TLS, or the two could not agree on it. A server that does not answer at all will not do so otherwise.
 */
function mayBeOtherwise(error: unknown): boolean {
  if (error instanceof PasswordWantedError || error instanceof TooOldError) return false;
  const {
    code,
    severity,
    message = "",
    library,
  } = error as {
    code?: string;
    severity?: string;
    message?: string;
    library?: string;
  };
  if (severity !== undefined) return code === "28000";
  return (
    library !== undefined ||
    /^EPROTO$|^ERR_(SSL|TLS)|CERT|SELF_SIGNED|UNABLE_TO_/.test(code ?? "") ||
    /does not support SSL|establishing an SSL|secure TLS connection/.test(message)
  );
}

/** By require(): to import it, Node first reads each of the driver's files through for what it may export. */
const load = createRequire(import.meta.url);

async function open(to: Conninfo, host: Host, address: string, ssl: ClientConfig["ssl"]): Promise<Session> {
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
    throw new TooOldError(`server_version ${parameters.get("server_version") ?? "unknown"}`);
  }
  return {
    client,
    versionNum,
    host,
    onLost(call) {
      listener = call;
      if (lost !== null) call(lost);
    },
  };
}

async function passwordFor(to: Conninfo, host: Host): Promise<string> {
  if (to.password !== null) return to.password;
  const { password, ignored } = passwordFromFile(to.passfile, { ...host, database: to.database, user: to.user });
  if (password === null) throw new PasswordWantedError(ignored);
  return password;
}

/** What is wrong with this session, as target_session_attrs has it; null when nothing is. */
async function unsuitable({ client }: Session, attrs: SessionAttrs, timeoutSeconds: number): Promise<string | null> {
  if (attrs === "any") return null;
  const { rows } = await client.query<{ standby: boolean; readonly: string }>({
    text: "select pg_catalog.pg_is_in_recovery() as standby, pg_catalog.current_setting('transaction_read_only') as readonly",
    // As long as a connection may take; the driver knows this, its types do not.
    ...{ query_timeout: timeoutSeconds * 1000 },
  });
  const { standby, readonly } = rows[0]!;
  switch (attrs) {
    case "read-write":
      return readonly === "on" ? "its sessions are read-only" : null;
    case "read-only":
      return readonly === "on" ? null : "its sessions are not read-only";
    case "primary":
      return standby ? "it is a standby" : null;
    default:
      return standby ? null : "it is a primary";
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** "18.4" and "17.10 (Debian …)" as 180004 and 170010; "9.6.24" as 90624; 0 when it is no version. */
export function parseVersion(text: string): number {
  const [, major, minor, patch] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text) ?? [];
  if (major === undefined) return 0;
  const first = Number(major) * 10_000;
  return Number(major) >= 10 ? first + Number(minor ?? 0) : first + Number(minor ?? 0) * 100 + Number(patch ?? 0);
}
