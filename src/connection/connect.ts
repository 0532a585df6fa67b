import { isIP } from "node:net";
import type { Conninfo, SessionAttrs } from "./conninfo.ts";
import { isSocket, type Host } from "./hosts.ts";
import { TlsFileError } from "./tls-file-error.ts";
import { openSession, PasswordWantedError, TooOldError, type Session } from "./session.ts";

/** A session would stand, but not of the kind that target_session_attrs asks for. */
export class UnsuitableError extends Error {}

/** Nobody let us in: which host said what, in the order in which they were tried. */
export class ConnectError extends AggregateError {
  readonly failures: readonly Failure[];
  constructor(failures: readonly Failure[]) {
    super(
      failures.map(({ error }) => error),
      "not connected",
    );
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
  if (mode === "disable" || isSocket(host)) return openSession(to, host, address, undefined);
  const tls = async (): Promise<Session> => {
    // Loaded only here: a first frame needs no TLS.
    const { tlsOptions } = await import("./tls-options.ts");
    return openSession(to, host, address, tlsOptions(to.tls, host));
  };
  const plain = (): Promise<Session> => openSession(to, host, address, undefined);
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
  // As libpq: with prefer, a certificate or key of ours that cannot be used means to go without.
  if (error instanceof TlsFileError) return true;
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
