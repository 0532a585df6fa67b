import { didYouMean } from "../text/nearest.ts";
import { ConninfoError, isParameter, PARAMETERS, type ParameterName, type Settings } from "./parameters.ts";

/** As libpq tells a connection string from a database's name: a URI, or an equals sign in it. */
export function isConnectionString(text: string): boolean {
  return isUri(text) || text.includes("=");
}

/** `postgres://user@host:port/database?name=value` or `host=… dbname='…'`. */
export function parseConnectionString(text: string): Settings {
  return isUri(text) ? parseUri(text) : parsePairs(text);
}

function isUri(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text);
}

type Mutable = Partial<Record<ParameterName, string>>;

/** `name = value`, parted by blanks; a value with blanks stands in single quotes, and a backslash takes the next character as it is. */
function parsePairs(text: string): Settings {
  const settings: Mutable = {};
  // A value that was not quoted may spill into the next name, and half a password is a secret as well.
  const mayName = !/password/i.test(text);
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const [name = ""] = /^[^=\s]*/.exec(text.slice(at))!;
    at = skipBlanks(text, at + name.length);
    if (text[at] !== "=") {
      throw new ConninfoError(
        `the connection string has ${mayName ? `"${name}" without a value` : "a name without a value"}: write name=value, and quote a value that has blanks: name='two words'`,
      );
    }
    const value = readValue(text, skipBlanks(text, at + 1));
    if (!isParameter(name)) throw new ConninfoError(unknownParameter("the connection string", name, mayName));
    settings[name] = value.text;
    at = skipBlanks(text, value.end);
  }
  return settings;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}

function readValue(text: string, from: number): { readonly text: string; readonly end: number } {
  const quoted = text[from] === "'";
  let at = quoted ? from + 1 : from;
  let value = "";
  for (; at < text.length; at++) {
    if (quoted ? text[at] === "'" : /\s/.test(text[at]!)) return { text: value, end: quoted ? at + 1 : at };
    if (text[at] === "\\" && at + 1 < text.length) at++;
    else if (text[at] === "\\") continue;
    value += text[at];
  }
  if (quoted) throw new ConninfoError("the connection string has a quote ' that is never closed");
  return { text: value, end: at };
}

/**
 * As libpq reads it: everything before the first @ is user and password (unless a / comes first), then hosts with their ports,
 * several parted by commas, an IPv6 address in brackets; then the database, then parameters.
 */
function parseUri(text: string): Settings {
  const rest = text.slice(text.indexOf("://") + 3);
  const settings: Mutable = {};
  const put = (name: ParameterName, value: string | undefined): void => {
    if (value !== undefined && value !== "") settings[name] = decode(value);
  };
  const userinfo = /^([^@/]*)@/.exec(rest);
  const colon = userinfo === null ? -1 : userinfo[1]!.indexOf(":");
  if (userinfo !== null) {
    put("user", colon < 0 ? userinfo[1] : userinfo[1]!.slice(0, colon));
    if (colon >= 0) put("password", userinfo[1]!.slice(colon + 1));
  }
  const address = rest.slice(userinfo?.[0].length ?? 0);
  const [, places = "", path, query] = /^((?:\[[^\]]*\]|[^/?])*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(address) ?? [];
  // A password with an @ of its own has been cut there, and its rest stands where a host is expected: to be repeated nowhere.
  // The same with a / in it: then the @ stands in the database's name.
  if (places.includes("@") || path?.includes("@") === true) {
    throw new ConninfoError("an @ in the user or the password of a connection URI is written %40, and a / %2F");
  }
  const parts = places.split(",").map(parsePlace);
  put("host", parts.map(({ host }) => host).join(","));
  const ports = parts.map(({ port }) => port).join(",");
  if (/\d/.test(ports)) put("port", ports);
  put("dbname", path);
  if (query !== undefined) parseQuery(query, settings);
  return settings;
}

function parsePlace(text: string): { readonly host: string; readonly port: string } {
  const match = /^(\[[^\]]+\]|[^:[\]]*)(?::(\d*))?$/.exec(text);
  if (match === null) {
    throw new ConninfoError(
      "that is no connection URI: postgres://user@host:port/database?name=value (an IPv6 address in brackets, a special character as % and two digits)",
    );
  }
  return { host: match[1]!.replace(/^\[|\]$/g, ""), port: match[2] ?? "" };
}

function parseQuery(query: string, settings: Mutable): void {
  // With an @ in it, it may be the rest of a password that was not percent-encoded.
  const mayName = !query.includes("@");
  for (const pair of query === "" ? [] : query.split("&")) {
    const [name = "", value, ...more] = pair.split("=");
    if (value === undefined || more.length > 0) {
      throw new ConninfoError(
        `a parameter of the connection URI is written name=value, ${value === undefined ? "with" : "and with one"} =`,
      );
    }
    const known = decode(name);
    // JDBC's way to ask for TLS, which libpq takes too.
    if (known === "ssl" && decode(value) === "true") settings.sslmode = "require";
    else if (isParameter(known)) settings[known] = decode(value);
    else throw new ConninfoError(unknownParameter("the connection URI", known, mayName));
  }
}

function decode(text: string): string {
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new ConninfoError("the connection URI has a % that is no percent-encoding");
  if (text.includes("%00")) throw new ConninfoError("the connection URI has a %00, which no name or password can have");
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConninfoError("the connection URI has percent-encoded bytes that are no UTF-8");
  }
}

function unknownParameter(where: string, name: string, mayName: boolean): string {
  if (!mayName || !/^\w{1,40}$/.test(name))
    return `${where} has a parameter that there is not; libpq's are listed in PostgreSQL's manual`;
  const meant = ALIASES[name.toLowerCase()];
  const near =
    meant === undefined ? didYouMean(name, Object.keys(PARAMETERS), (known) => known) : `: did you mean ${meant}?`;
  return `${where} has a parameter "${name}" that there is not${near}`;
}

/** What other drivers call it. */
const ALIASES: Readonly<Record<string, string>> = {
  database: "dbname",
  db: "dbname",
  username: "user",
  pwd: "password",
  pass: "password",
  server: "host",
  timeout: "connect_timeout",
  ssl: "sslmode",
  schema: "options",
};
