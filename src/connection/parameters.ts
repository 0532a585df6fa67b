/**
 * libpq's connection parameters, with the variable of the environment that stands in for each. Of those that ask for
 * something we cannot do, `cannot` says so for the value given: to ignore what somebody wrote for safety's sake would be a lie.
 */
interface Parameter {
  readonly env?: string;
  readonly cannot?: (value: string) => string | null;
}

const any =
  (reason: string) =>
  (value: string): string | null =>
    value === "" ? null : reason;
const only =
  (possible: readonly string[], reason: string) =>
  (value: string): string | null =>
    possible.includes(value) ? null : reason;

export const PARAMETERS = {
  host: { env: "PGHOST" },
  hostaddr: { env: "PGHOSTADDR" },
  port: { env: "PGPORT" },
  dbname: { env: "PGDATABASE" },
  user: { env: "PGUSER" },
  password: { env: "PGPASSWORD" },
  passfile: { env: "PGPASSFILE" },
  service: { env: "PGSERVICE" },
  servicefile: { env: "PGSERVICEFILE" },
  require_auth: { env: "PGREQUIREAUTH" },
  channel_binding: { env: "PGCHANNELBINDING" },
  connect_timeout: { env: "PGCONNECT_TIMEOUT" },
  // What we read is always UTF-8, whatever the user's own terminal speaks.
  client_encoding: { env: "PGCLIENTENCODING" },
  options: { env: "PGOPTIONS" },
  application_name: { env: "PGAPPNAME" },
  fallback_application_name: {},
  keepalives: {},
  keepalives_idle: {},
  // Node sets neither of these three; the sampler has deadlines of its own.
  keepalives_interval: {},
  keepalives_count: {},
  tcp_user_timeout: {},
  replication: {},
  gssencmode: {
    env: "PGGSSENCMODE",
    cannot: only(["disable", "prefer", ""], "encryption by GSSAPI (gssencmode) is not possible here: use TLS"),
  },
  gssdelegation: { env: "PGGSSDELEGATION" },
  krbsrvname: { env: "PGKRBSRVNAME" },
  gsslib: { env: "PGGSSLIB" },
  sslmode: { env: "PGSSLMODE" },
  sslnegotiation: { env: "PGSSLNEGOTIATION" },
  sslcompression: { env: "PGSSLCOMPRESSION" },
  sslcert: { env: "PGSSLCERT" },
  sslkey: { env: "PGSSLKEY" },
  sslpassword: {},
  sslcertmode: { env: "PGSSLCERTMODE" },
  sslrootcert: { env: "PGSSLROOTCERT" },
  sslcrl: { env: "PGSSLCRL" },
  sslcrldir: {
    env: "PGSSLCRLDIR",
    cannot: any("a directory of revocation lists (sslcrldir) is not supported: name one file by sslcrl"),
  },
  sslsni: { env: "PGSSLSNI" },
  ssl_min_protocol_version: { env: "PGSSLMINPROTOCOLVERSION" },
  ssl_max_protocol_version: { env: "PGSSLMAXPROTOCOLVERSION" },
  requirepeer: {
    env: "PGREQUIREPEER",
    cannot: any("who owns the server's process (requirepeer) cannot be asked from here"),
  },
  target_session_attrs: { env: "PGTARGETSESSIONATTRS" },
  load_balance_hosts: { env: "PGLOADBALANCEHOSTS" },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof PARAMETERS;

/** Parameters by name. Missing is "not said", and then somebody else may say it; empty is said, and means the default. */
export type Settings = Readonly<Partial<Record<ParameterName, string>>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What was asked for makes no sense: wrong usage, said in one sentence. Never quotes a connection string, which may hold a password. */
export class ConninfoError extends Error {}

export function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(PARAMETERS, name);
}

export function variableOf(name: ParameterName): string | null {
  const { env = null } = PARAMETERS[name] as Parameter;
  return env;
}

/** The environment's word for whatever has not been said. A variable that is set and empty has been said, as libpq has it. */
export function withEnvironment(said: Settings, env: Environment): Settings {
  const settings: Partial<Record<ParameterName, string>> = { ...said };
  for (const [name, parameter] of Object.entries(PARAMETERS) as [ParameterName, Parameter][]) {
    const value = parameter.env === undefined ? undefined : env[parameter.env];
    if (settings[name] === undefined && value !== undefined) settings[name] = value;
  }
  // From the days before sslmode; libpq still takes it.
  if (settings.sslmode === undefined && env["PGREQUIRESSL"]?.startsWith("1") === true) settings.sslmode = "require";
  return settings;
}

/** @throws ConninfoError when a parameter asks for what cannot be done here */
export function refuseImpossible(settings: Settings): void {
  for (const [name, parameter] of Object.entries(PARAMETERS) as [ParameterName, Parameter][]) {
    const value = settings[name];
    const reason = value === undefined ? null : (parameter.cannot?.(value) ?? null);
    if (reason !== null) throw new ConninfoError(reason);
  }
}

export function integer(name: string, text: string): number {
  if (!/^\s*[+-]?\d{1,9}\s*$/.test(text)) throw new ConninfoError(`${name} is a whole number`);
  return Number(text);
}

export function choice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((one) => one === text);
  if (found === undefined) throw new ConninfoError(`${name} is not one of ${choices.join(", ")}`);
  return found;
}
