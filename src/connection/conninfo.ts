import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { isConnectionString, parseConnectionString } from "./connection-string.ts";
import { home } from "./home.ts";
import { hostList, placeOf, type Host } from "./hosts.ts";
import { SOCKET_DIRECTORIES } from "./password-file.ts";
import {
  choice,
  ConninfoError,
  integer,
  isParameter,
  refuseImpossible,
  variableOf,
  withEnvironment,
  type Environment,
  type ParameterName,
  type Settings,
} from "./parameters.ts";
import { serviceSettings } from "./service-file.ts";
import { tlsWishes, type TlsWishes } from "./tls-wishes.ts";

/** Where to connect and as whom. A password is in here: this value is never printed, logged or put into an error. */
export interface Conninfo {
  /** Tried in this order; at least one. */
  readonly hosts: readonly Host[];
  readonly database: string;
  readonly user: string;
  /** As the connection string, the service or PGPASSWORD says it; null: the password file is asked, when the server wants one. */
  readonly password: string | null;
  /** Where the password came from, for a sentence about a wrong one. */
  readonly passwordFrom: string;
  readonly passfile: string;
  readonly tls: TlsWishes;
  readonly targetSessionAttrs: SessionAttrs;
  readonly shuffleHosts: boolean;
  /** For each address; 0 waits for ever. */
  readonly connectTimeoutSeconds: number;
  readonly applicationName: string;
  /** Settings for the session as PGOPTIONS has them: `-c work_mem=1MB`. */
  readonly options: string | null;
  readonly replication: string | null;
  readonly keepalives: boolean;
  readonly keepalivesIdleSeconds: number;
  /** How the server may ask who we are; null is by any way. */
  readonly requireAuth: RequireAuth | null;
  readonly channelBindingRequired: boolean;
}

export const SESSION_ATTRS = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const;
export type SessionAttrs = (typeof SESSION_ATTRS)[number];

export const AUTH_METHODS = ["password", "md5", "scram-sha-256", "gss", "sspi", "oauth", "none"] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

export interface RequireAuth {
  readonly methods: readonly AuthMethod[];
  /** The methods are those that are not allowed. */
  readonly negated: boolean;
}

/** What the command line says, raw. */
export interface Given {
  /** What stands there without a flag: a connection string or a database's name, then a role. */
  readonly words?: readonly (string | undefined)[];
  readonly host?: string | undefined;
  readonly port?: string | number | undefined;
  readonly username?: string | undefined;
  readonly dbname?: string | undefined;
  /** The connection string of a named connection: every flag wins over it. */
  readonly named?: string | undefined;
}

/**
 * psql's rules: a connection string over the flags, both over the service, over the PG* environment, over the defaults.
 *
 * @throws ConninfoError when it makes no sense
 */
export function conninfo(given: Given, env: Environment): Conninfo {
  const said = commandLine(given);
  const service = said.service ?? env["PGSERVICE"];
  const file = said.servicefile ?? env["PGSERVICEFILE"];
  const ofService = service === undefined ? {} : serviceSettings(service, file, env);
  const named = { ...ofService, ...said };
  try {
    return understood(withEnvironment(named, env), env, said, ofService);
  } catch (error) {
    throw error instanceof ConninfoError ? fromEnvironment(error, named, env) : error;
  }
}

/** A variable that was set long ago, somewhere else, is not what one thinks of: it is named, with what is in it. */
function fromEnvironment(error: ConninfoError, named: Settings, env: Environment): ConninfoError {
  const name = /^(\w+) is /.exec(error.message)?.[1] ?? "";
  const variable = isParameter(name) && named[name] === undefined ? variableOf(name) : null;
  const value = variable === null ? undefined : env[variable];
  return value === undefined ? error : new ConninfoError(`${variable}=${value}: ${error.message}`, { cause: error });
}

function understood(settings: Settings, env: Environment, said: Settings, ofService: Settings): Conninfo {
  refuseImpossible(settings);
  const user = filled(settings.user) ?? systemUser();
  return {
    hosts: hostList(settings, defaultHost),
    user,
    database: filled(settings.dbname) ?? user,
    password: filled(settings.password) ?? null,
    passwordFrom: filled(said.password)
      ? "the connection string"
      : ofService.password
        ? "the service file"
        : "PGPASSWORD",
    passfile: filled(settings.passfile) ?? path.join(home(env), ".pgpass"),
    tls: tlsWishes(settings, env),
    targetSessionAttrs: choice("target_session_attrs", settings.target_session_attrs ?? "any", SESSION_ATTRS),
    shuffleHosts:
      choice("load_balance_hosts", settings.load_balance_hosts ?? "disable", ["disable", "random"]) === "random",
    connectTimeoutSeconds: timeout(settings.connect_timeout),
    // A fallback_application_name is the word of a program, and here the program is this one.
    applicationName: filled(settings.application_name) ?? "pgtriage",
    options: filled(settings.options) ?? null,
    replication: filled(settings.replication) ?? null,
    keepalives: integer("keepalives", settings.keepalives ?? "1") !== 0,
    keepalivesIdleSeconds: Math.max(0, integer("keepalives_idle", settings.keepalives_idle ?? "0")),
    requireAuth: requireAuth(settings.require_auth),
    channelBindingRequired:
      choice("channel_binding", settings.channel_binding ?? "prefer", ["disable", "prefer", "require"]) === "require",
  };
}

/** The words fill what no flag has said, the database first, as with psql. What is in a connection string wins over flags. */
function commandLine(given: Given): Settings {
  const words = (given.words ?? []).filter((word) => word !== undefined);
  const dbname = given.dbname ?? (given.named === undefined ? words.shift() : undefined);
  const username = given.username ?? words.shift();
  if (words.length > 0) {
    throw new ConninfoError(
      `what is ${words.length === 1 ? "the last word" : `are the last ${words.length} words`} on the command line for? It takes a connection string or a database, and a role`,
    );
  }
  const { named } = given;
  const base = named === undefined ? {} : isConnectionString(named) ? parseConnectionString(named) : { dbname: named };
  const settings: Partial<Record<ParameterName, string>> = { ...base };
  const put = (name: ParameterName, value: string | number | undefined): void => {
    if (value !== undefined && value !== "") settings[name] = String(value);
  };
  put("host", given.host);
  // The address belonged to the named connection's own host.
  if (filled(given.host) !== undefined) delete settings.hostaddr;
  put("port", given.port);
  put("user", username);
  if (dbname !== undefined && isConnectionString(dbname)) Object.assign(settings, parseConnectionString(dbname));
  else if (dbname?.includes("://") === true)
    throw new ConninfoError("that is no connection URI: it begins with postgres:// or postgresql://");
  else put("dbname", dbname);
  return settings;
}

/** libpq waits for ever unless told otherwise: nobody who is woken at night wants that. */
const DEFAULT_TIMEOUT_SECONDS = 10;

function timeout(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_SECONDS;
  const seconds = integer("connect_timeout", text);
  if (seconds <= 0) return 0;
  // As libpq: one second is too short to tell anything.
  return Math.max(2, seconds);
}

function requireAuth(text: string | undefined): RequireAuth | null {
  if (text === undefined || text === "") return null;
  const words = text.split(",").map((word) => word.trim());
  const negated = words[0]!.startsWith("!");
  if (words.some((word) => word.startsWith("!") !== negated))
    throw new ConninfoError("require_auth either allows or forbids methods (with !), not both");
  return { negated, methods: words.map((word) => choice("require_auth", word.replace(/^!/, ""), AUTH_METHODS)) };
}

function filled(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

/** As psql: the Unix socket. Where it is depends on how libpq was built, so it is looked for; without one there is localhost. */
function defaultHost(port: number): string {
  return SOCKET_DIRECTORIES.find((directory) => existsSync(`${directory}/.s.PGSQL.${port}`)) ?? "localhost";
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    throw new ConninfoError("this operating system user has no name: say which role with -U");
  }
}

/** All the places to try, as one would say them. */
export function placesOf(to: Conninfo): string {
  return to.hosts.map(placeOf).join(",");
}
