import { clean } from "../text/clean.ts";
import type { Conninfo } from "./conninfo.ts";
import { AuthForbiddenError } from "./auth-gate.ts";
import { ConnectError, UnsuitableError } from "./connect.ts";
import { PasswordWantedError, TooOldError } from "./session.ts";
import { isSocket, placeOf, type Host } from "./hosts.ts";
import { TlsFileError } from "./tls-file-error.ts";

interface DriverError {
  readonly message?: string;
  readonly code?: string;
  readonly routine?: string;
  readonly errors?: readonly unknown[];
}

/** Why we were not let in, in plain sentences: one for each host that was tried, when there were several. */
export function refusal(error: unknown, to: Conninfo): string {
  if (!(error instanceof ConnectError)) return hostRefusal(error, to.hosts[0]!, to);
  const said = error.failures.map((failure) => hostRefusal(failure.error, failure.host, to));
  if (said.length === 1) return said[0]!;
  return `None of ${said.length} hosts let us in. ${said.join(" ")}`;
}

/**
 * Decided by SQLSTATE and routine, never by the text, which comes in the server's language; the server's own words are
 * quoted where they add something.
 */
function hostRefusal(error: unknown, host: Host, to: Conninfo): string {
  const where = clean(isSocket(host) ? `the socket ${placeOf(host)}` : placeOf(host));
  const name = clean(host.host);
  if (error instanceof TooOldError) {
    if (error.version === null)
      return `${where} does not say which version it is: is it PostgreSQL? pgtriage needs 10 or later.`;
    return `${where} is too old: server_version ${clean(error.version)}; pgtriage needs PostgreSQL 10 or later.`;
  }
  if (error instanceof UnsuitableError)
    return `${where} is not what target_session_attrs=${to.targetSessionAttrs} asks for: ${error.message}.`;
  if (error instanceof AuthForbiddenError) return `${where} may not be answered: ${error.message}.`;
  if (error instanceof TlsFileError) return clean(error.message);
  if (error instanceof PasswordWantedError) {
    const why = error.why === null ? "" : ` (${clean(error.why)})`;
    return `${where} wants a password for role "${clean(to.user)}": set PGPASSWORD, write it into ~/.pgpass, or type it when pgtriage asks on a terminal${why}.`;
  }
  const { code = "", routine = "", message = "" } = first(error);
  const said = clean(message);
  switch (code) {
    case "ECONNREFUSED":
      return `Nothing listens on ${where}: is PostgreSQL running there, and is the port right?`;
    case "ENOENT":
      return `There is no ${where.replace(/^the /, "")}: is PostgreSQL running, and is the directory right?`;
    case "EACCES":
      return `This operating system user may not use ${where}.`;
    case "EINVAL":
      if (isSocket(host)) return `The path of ${where} is too long for a socket.`;
      return `No host can have the name ${name}.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `No host is named ${name}: is the name right, and does name resolution work?`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `There is no way to ${where} (${code}): network, VPN or firewall?`;
    case "ETIMEDOUT":
      return `${where} did not answer: network, VPN or firewall?`;
    case "ECONNRESET":
    case "EPIPE":
      return `${where} closed the connection (${code}): is PostgreSQL behind it, and does it accept connections?`;
    case "28P01":
      return `Wrong password for role "${clean(to.user)}" on ${where}; it came from ${clean(to.password === null ? to.passfile : to.passwordFrom)}.`;
    case "28000":
      if (routine === "InitializeSessionUserId")
        return `${where} does not let role "${clean(to.user)}" in: ${said}. Is the role right, and may it LOGIN?`;
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
  return certificateRefused(error, code, host, where, to) ?? otherwise(said, to, where, code);
}

/** What Node says of a certificate, by its codes. */
function certificateRefused(error: unknown, code: string, host: Host, where: string, to: Conninfo): string | null {
  const roots = to.tls.rootcert === "system" ? "the public authorities" : clean(to.tls.rootcert);
  switch (code) {
    case "ERR_TLS_CERT_ALTNAME_INVALID": {
      const { cert } = error as { cert?: { subjectaltname?: string; subject?: { CN?: string } } };
      const names = cert?.subjectaltname?.replace(/\b(DNS|IP Address):/g, "") ?? cert?.subject?.CN ?? "no name";
      return `The certificate of ${where} is made out for ${clean(names)}, not for ${clean(host.host)}: connect by a name that it bears; sslmode=verify-ca would accept any name.`;
    }
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return `The certificate of ${where} is not signed by ${roots}: is that the right authority, or is somebody in between?`;
    case "CERT_HAS_EXPIRED":
      return `The certificate of ${where} has expired: renew it on the server (sslmode=require without root certificates does not look).`;
    case "CERT_NOT_YET_VALID":
      return `The certificate of ${where} is not valid yet: are both clocks right?`;
    case "CERT_REVOKED":
      return `The certificate of ${where} has been revoked, says ${clean(to.tls.crl)}.`;
  }
  return null;
}

/** Why a session that stood gives no more samples. Short: it stands in the header beside the picture that has grown old. */
export function interruption(error: unknown, doing: "sample" | "order" = "sample"): string {
  const { what, next } = broken(error);
  // An order is never tried again.
  return doing === "order" || next === "" ? what : `${what}${next}`;
}

function broken(error: unknown): { readonly what: string; readonly next: string } {
  const { code = "", message = "" } = first(error);
  const said = clean(message);
  const again = ": connecting again";
  switch (code) {
    case "57014":
      return { what: "the server cancelled our statement (statement_timeout, or somebody)", next: ": trying again" };
    case "57P01":
      return { what: "the server ended our session (administrator command, or shutdown)", next: again };
    case "57P02":
      return { what: "the server crashed or was told to stop at once", next: again };
    case "ECONNRESET":
    case "EPIPE":
      return { what: `the connection broke (${code})`, next: again };
  }
  if (/Query read timeout/.test(said))
    return { what: "no answer: the network or the server hangs", next: "; connecting again" };
  if (/Connection terminated|not queryable|connection error/i.test(said))
    return { what: "the connection broke", next: again };
  return { what: said === "" ? "no sample" : said, next: "" };
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
  if (/does not support SSL/.test(said)) return `${where} offers no TLS, and sslmode=${to.tls.mode} asks for it.`;
  if (/Unknown authenticationOk message type/.test(said))
    return `${where} asks who we are by GSSAPI, SSPI or another way that pgtriage cannot answer.`;
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
  if (/certificate|self.signed/i.test(said) || code.includes("CERT"))
    return `The TLS certificate of ${where} is not trusted: ${said}.`;
  const tls = /SSL routines:[^:]*:([^:]+)/.exec(said)?.[1];
  if (tls !== undefined || /^ERR_(SSL|OSSL|TLS)/.test(code))
    return `${where} and we cannot agree on TLS: ${tls ?? said}.`;
  // A SQLSTATE: it has been reached, and it has answered.
  if (/^[0-9A-Z]{5}$/.test(code)) return `${where} does not let us in: ${said} (${code}).`;
  return `${where} cannot be reached: ${said === "" ? "no reason given" : said}${code === "" ? "" : ` (${code})`}.`;
}

/** A host name with several addresses fails with one error for each: the first tells enough. */
function first(error: unknown): DriverError {
  const given = (typeof error === "object" && error !== null ? error : { message: String(error) }) as DriverError;
  return given.errors !== undefined && given.errors.length > 0 ? (given.errors[0] as DriverError) : given;
}
