import { clean } from "../text/clean.ts";
import { AuthForbiddenError } from "./auth-gate.ts";
import { ConnectError, UnsuitableError } from "./connect.ts";
import type { Conninfo } from "./conninfo.ts";
import { firstOf } from "./driver-error.ts";
import { isSocket, placeOf, type Host } from "./hosts.ts";
import { told, type Refusal } from "./refusal.ts";
import { serverRefusal } from "./server-refusal.ts";
import { PasswordWantedError, TooOldError } from "./session.ts";
import { TlsFileError } from "./tls-file-error.ts";
import { tlsRefusal } from "./tls-refusal.ts";

export { interruption } from "./interruption.ts";

/** Why we were not let in, in plain sentences: one for each host that was tried, when there were several. */
export function refusal(error: unknown, to: Conninfo): string {
  const said = refusals(error, to).map(told);
  return said.length === 1 ? said[0]! : `None of ${said.length} hosts let us in. ${said.join(" ")}`;
}

/** Of several hosts what the last one said that answered at all: what to do next hangs on it. */
export function decoded(error: unknown, to: Conninfo): Refusal {
  const all = refusals(error, to);
  return all.findLast(({ kind }) => kind !== "unreachable") ?? all.at(-1)!;
}

function refusals(error: unknown, to: Conninfo): readonly Refusal[] {
  if (!(error instanceof ConnectError)) return [ofHost(error, to.hosts[0]!, to)];
  return error.failures.map((failure) => ofHost(failure.error, failure.host, to));
}

function ofHost(error: unknown, host: Host, to: Conninfo): Refusal {
  const where = clean(isSocket(host) ? `the socket ${placeOf(host)}` : placeOf(host));
  const ours = ownRefusal(error, to, where);
  if (ours !== null) return ours;
  const given = firstOf(error);
  const server = serverRefusal(given, to, where);
  if (server !== null) return server;
  const { code = "", message = "" } = given;
  const said = clean(message);
  const nobody = unreachable(code, host, where);
  if (nobody !== null) return { kind: "unreachable", sentence: nobody, stillIn: null };
  const tls = tlsRefusal(error, code, said, host, where, to);
  if (tls !== null) return { kind: "tls", sentence: tls, stillIn: null };
  return otherwise(said, to, where, code);
}

/** What we ourselves found, before or after the server said anything. */
function ownRefusal(error: unknown, to: Conninfo, where: string): Refusal | null {
  if (error instanceof TooOldError) {
    if (error.version === null)
      return other(`${where} does not say which version it is: is it PostgreSQL? pgtriage needs 10 or later.`);
    return other(`${where} is too old: server_version ${clean(error.version)}; pgtriage needs PostgreSQL 10 or later.`);
  }
  if (error instanceof UnsuitableError)
    return other(`${where} is not what target_session_attrs=${to.targetSessionAttrs} asks for: ${error.message}.`);
  if (error instanceof AuthForbiddenError) return other(`${where} may not be answered: ${error.message}.`);
  if (error instanceof TlsFileError) return { kind: "tls", sentence: clean(error.message), stillIn: null };
  if (error instanceof PasswordWantedError) {
    const why = error.why === null ? "" : ` (${clean(error.why)})`;
    const sentence = `${where} wants a password for role "${clean(to.user)}": set PGPASSWORD, write it into ~/.pgpass, or type it when pgtriage asks on a terminal${why}.`;
    return { kind: "password", sentence, stillIn: null };
  }
  return null;
}

/** What the network and the operating system say, by Node's codes; null when it is something else. */
function unreachable(code: string, host: Host, where: string): string | null {
  const name = clean(host.host);
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
  }
  return null;
}

/** Faults that the driver gives no code: told apart by its own English words, which are no server's. */
function otherwise(said: string, to: Conninfo, where: string, code: string): Refusal {
  if (/timeout expired/.test(said)) {
    const within = `within ${to.connectTimeoutSeconds} s`;
    return noServer(`${where} did not answer ${within}: is it PostgreSQL, and is the network up?`);
  }
  if (/Unknown authenticationOk message type/.test(said))
    return other(`${where} asks who we are by GSSAPI, SSPI or another way that pgtriage cannot answer.`);
  if (/Connection terminated/.test(said))
    return noServer(
      `${where} closed the connection before it answered: is PostgreSQL behind it, and does it speak its protocol?`,
    );
  if (/establishing an SSL|Unknown message|Received unexpected|invalid response|wrong version number/i.test(said))
    return noServer(`What answers on ${where} does not speak PostgreSQL's protocol.`);
  // A SQLSTATE: it has been reached, and it has answered.
  if (/^[0-9A-Z]{5}$/.test(code)) return other(`${where} does not let us in: ${said} (${code}).`);
  const why = said === "" ? "no reason given" : said;
  return noServer(`${where} cannot be reached: ${why}${code === "" ? "" : ` (${code})`}.`);
}

function other(sentence: string): Refusal {
  return { kind: "other", sentence, stillIn: null };
}

function noServer(sentence: string): Refusal {
  return { kind: "unreachable", sentence, stillIn: null };
}
