import { existsSync } from "node:fs";
import { userInfo } from "node:os";

/** Where to connect and as whom. A password is in here: this value is never printed, logged or put into an error. */
export interface Conninfo {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly sslmode: SslMode;
  readonly sslrootcert: string | null;
  readonly connectTimeoutSeconds: number;
  readonly applicationName: string;
}

export const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** psql's flags; each wins over what the URI and the environment say. */
export interface ConninfoFlags {
  readonly host?: string | undefined;
  readonly port?: string | number | undefined;
  readonly username?: string | undefined;
  readonly dbname?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What was asked for makes no sense: wrong usage, said in one sentence. Never quotes a connection string, which may hold a password. */
export class ConninfoError extends Error {}

/** Flags over the URI (or bare database name), over the PG* environment, over the defaults of psql. */
export function conninfo(text: string | undefined, flags: ConninfoFlags, env: Environment): Conninfo {
  const uri = { ...parts(text), ...parts(flags.dbname) };
  const port = number("port", flags.port ?? uri["port"] ?? filled(env["PGPORT"]) ?? 5432, 1, 65_535);
  const host = flags.host ?? uri["host"] ?? filled(env["PGHOST"]) ?? defaultHost(port);
  const user = flags.username ?? uri["user"] ?? filled(env["PGUSER"]) ?? systemUser();
  const sslmode = uri["sslmode"] ?? filled(env["PGSSLMODE"]) ?? "prefer";
  if (!isSslMode(sslmode)) throw new ConninfoError(`sslmode is not one of ${SSL_MODES.join(", ")}`);
  return {
    host,
    port,
    user,
    database: uri["dbname"] ?? filled(env["PGDATABASE"]) ?? user,
    password: uri["password"] ?? filled(env["PGPASSWORD"]) ?? null,
    sslmode,
    sslrootcert: uri["sslrootcert"] ?? filled(env["PGSSLROOTCERT"]) ?? null,
    connectTimeoutSeconds: number(
      "connect_timeout",
      uri["connect_timeout"] ?? filled(env["PGCONNECT_TIMEOUT"]) ?? 10,
      0,
      3600,
    ),
    applicationName: uri["application_name"] ?? filled(env["PGAPPNAME"]) ?? "pgtriage",
  };
}

/** A URI in its parts; a bare database name is one part. */
function parts(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  return isUri(text) ? parseUri(text) : { dbname: bareName(text) };
}

const KNOWN = [
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "sslmode",
  "sslrootcert",
  "connect_timeout",
  "application_name",
];

function parseUri(text: string): Readonly<Record<string, string>> {
  const match =
    /^postgres(?:ql)?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[^\]]*\]|[^:@/?#]*)(?::(\d*))?(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(
      text,
    );
  if (match === null && /:\/\/[^/?#]*@[^/?#]*@/.test(text)) {
    throw new ConninfoError("an @ in the user or the password of a connection URI is written %40");
  }
  if (match === null)
    throw new ConninfoError("that is no connection URI: postgres://user@host:port/database?option=value");
  const [, user, password, host, port, dbname, query] = match;
  if (host?.includes(",") === true) throw new ConninfoError("several hosts in one URI are not supported yet: name one");
  const parts: Record<string, string> = {};
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== "") parts[name] = decode(value);
  };
  put("user", user);
  put("password", password);
  put("host", host?.replace(/^\[|\]$/g, ""));
  put("port", port);
  put("dbname", dbname);
  for (const option of query === undefined || query === "" ? [] : query.split("&")) {
    const [name, ...value] = option.split("=");
    // Not quoted: it may be a piece of a password that was not percent-encoded.
    if (!KNOWN.includes(name!)) {
      throw new ConninfoError(
        `the connection URI has an option that is not supported; supported are ${KNOWN.join(", ")}`,
      );
    }
    put(name!, value.join("="));
  }
  return parts;
}

function isUri(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text);
}

/** A database name is a name; a key=value string would silently be taken for one. */
function bareName(text: string): string {
  if (text.includes("="))
    throw new ConninfoError("key=value connection strings are not supported yet: use a URI or -h -p -U -d");
  if (text.includes("://"))
    throw new ConninfoError("that is no connection URI: it begins with postgres:// or postgresql://");
  return text;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConninfoError("the connection URI has a % that is no percent-encoding");
  }
}

function number(name: string, value: string | number, least: number, most: number): number {
  const n = Number(value);
  if (!Number.isInteger(n) || n < least || n > most)
    throw new ConninfoError(`${name} is a number from ${least} to ${most}`);
  return n;
}

function filled(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function isSslMode(text: string): text is SslMode {
  return (SSL_MODES as readonly string[]).includes(text);
}

/** As psql: a Unix socket where one is, else localhost. */
function defaultHost(port: number): string {
  return (
    ["/var/run/postgresql", "/tmp"].find((directory) => existsSync(`${directory}/.s.PGSQL.${port}`)) ?? "localhost"
  );
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    throw new ConninfoError("this operating system user has no name: say which role with -U");
  }
}
