import { clean } from "../text/clean.ts";
import type { Conninfo } from "./conninfo.ts";
import { TooOldError } from "./connect.ts";

interface DriverError {
  readonly message?: string;
  readonly code?: string;
  readonly routine?: string;
  readonly errors?: readonly unknown[];
}

/**
 * Why we were not let in, in one plain sentence that says what to do. Decided by SQLSTATE and routine, never by the text, which
 * comes in the server's language; the server's own words are quoted where they add something.
 */
export function refusal(error: unknown, to: Conninfo): string {
  const host = to.host.includes(":") ? `[${clean(to.host)}]` : clean(to.host);
  const where = host.startsWith("/") ? `the socket ${host}/.s.PGSQL.${to.port}` : `${host}:${to.port}`;
  if (error instanceof TooOldError)
    return `${where} is too old: ${clean(error.message)}; pgtriage needs PostgreSQL 10 or later.`;
  const { code = "", routine = "", message = "" } = first(error);
  const said = clean(message);
  switch (code) {
    case "ECONNREFUSED":
      return `Nothing listens on ${where}: is PostgreSQL running there, and is the port right?`;
    case "ENOENT":
      return `There is no ${where.replace(/^the /, "")}: is PostgreSQL running, and is the directory right?`;
    case "EACCES":
      return `This operating system user may not use ${where}.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `No host is named ${host}: is the name right, and does name resolution work?`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `There is no way to ${where} (${code}): network, VPN or firewall?`;
    case "ETIMEDOUT":
      return `${where} did not answer: network, VPN or firewall?`;
    case "ECONNRESET":
    case "EPIPE":
      return `${where} closed the connection (${code}): is PostgreSQL behind it, and does it accept connections?`;
    case "28P01":
      return `Wrong password for role "${clean(to.user)}" on ${where}: set PGPASSWORD or write it into ~/.pgpass.`;
    case "28000":
      return `${where} does not let role "${clean(to.user)}" in: ${said}. Is the role right, and does pg_hba.conf have a line for it?`;
    case "3D000":
      return `There is no database "${clean(to.database)}" on ${where}: name one with -d.`;
    case "53300":
      return slotsGone(routine, to, where, said);
    case "55000":
      return `Database "${clean(to.database)}" on ${where} accepts no connections: name another one with -d.`;
    case "57P03":
      return `${where} is starting up, shutting down or recovering: ${said}. Try again in a moment.`;
  }
  return otherwise(said, to, where, code);
}

/** Why a session that stood gives no more samples. Short: it stands in the header beside the picture that has grown old. */
export function interruption(error: unknown): string {
  const { code = "", message = "" } = first(error);
  const said = clean(message);
  switch (code) {
    case "57014":
      return "the server cancelled our sample (statement_timeout, or somebody): trying again";
    case "57P01":
      return "the server ended our session (administrator command, or shutdown): connecting again";
    case "57P02":
      return "the server crashed or was told to stop at once: connecting again";
    case "ECONNRESET":
    case "EPIPE":
      return `the connection broke (${code}): connecting again`;
  }
  if (/Query read timeout/.test(said)) return "no answer: the network or the server hangs; connecting again";
  if (/Connection terminated|not queryable|connection error/i.test(said))
    return "the connection broke: connecting again";
  return said === "" ? "no sample" : said;
}

function slotsGone(routine: string, to: Conninfo, where: string, said: string): string {
  switch (routine) {
    case "InitializeSessionUserId":
      return `Role "${clean(to.user)}" is at its own CONNECTION LIMIT on ${where}; other roles still get in.`;
    case "CheckMyDatabase":
      return `Database "${clean(to.database)}" is at its own CONNECTION LIMIT on ${where}; other databases still let us in.`;
    case "InitPostgres":
      return `No slot is left for ordinary roles on ${where}; a superuser or a member of pg_use_reserved_connections still gets in.`;
    case "InitProcess":
      return `Every connection slot of ${where} is taken, the reserved ones too.`;
  }
  return `No connection slot is free on ${where}: ${said}.`;
}

/** Faults that the driver gives no code: told apart by its own English words, which are no server's. */
function otherwise(said: string, to: Conninfo, where: string, code: string): string {
  if (/timeout expired/.test(said))
    return `${where} did not answer within ${to.connectTimeoutSeconds} s: is it PostgreSQL, and is the network up?`;
  if (/does not support SSL/.test(said)) return `${where} offers no TLS, and sslmode=${to.sslmode} asks for it.`;
  if (/Connection terminated/.test(said)) {
    return `${where} closed the connection before it answered: is PostgreSQL behind it, and does it speak its protocol?`;
  }
  if (
    /establishing an SSL|Connection terminated|Unknown message|Received unexpected|invalid response|wrong version number/i.test(
      said,
    )
  ) {
    return `What answers on ${where} does not speak PostgreSQL's protocol.`;
  }
  if (/password must be a string|no password/i.test(said)) {
    return `${where} wants a password for role "${clean(to.user)}": set PGPASSWORD or write it into ~/.pgpass.`;
  }
  if (/certificate|self.signed/i.test(said) || code.includes("CERT"))
    return `The TLS certificate of ${where} is not trusted: ${said}.`;
  return `${where} cannot be reached: ${said === "" ? "no reason given" : said}${code === "" ? "" : ` (${code})`}.`;
}

/** A host name with several addresses fails with one error for each: the first tells enough. */
function first(error: unknown): DriverError {
  const given = (typeof error === "object" && error !== null ? error : { message: String(error) }) as DriverError;
  return given.errors !== undefined && given.errors.length > 0 ? (given.errors[0] as DriverError) : given;
}
