import { isConnectionString, parseConnectionString } from "./connection-string.ts";
import { conninfo, type Conninfo } from "./conninfo.ts";
import { ConninfoError, type Environment, type Settings } from "./parameters.ts";
import type { TlsWishes } from "./tls-wishes.ts";

/**
 * The conninfo of --rescue: as a rule another role on the same server, so that what it does not say is as in the normal one: host,
 * port, database, TLS, and how the server may ask. A password goes with the role that it was given for, and is not taken over by another.
 *
 * @throws ConninfoError when it makes no sense
 */
export function rescueConninfo(text: string, to: Conninfo, env: Environment): Conninfo {
  // A URI without its scheme would pass for a database's name, which is repeated in sentences, and its password with it.
  if (!isConnectionString(text) && /[@:/]/.test(text))
    throw new ConninfoError("--rescue takes a connection string such as user=dba or postgres://dba@db1/postgres");
  const said: Settings = isConnectionString(text) ? parseConnectionString(text) : {};
  const another = said.host !== undefined || said.hostaddr !== undefined || said.service !== undefined;
  const { PGHOSTADDR: _, PGSERVICE: __, PGPASSWORD: password, ...rest } = env;
  const defaults = { ...rest, PGDATABASE: to.database, PGUSER: to.user };
  if (another) {
    // A service may name a role as well: whose password it is shows only then.
    const found = conninfo({ words: [text] }, defaults);
    const own = found.user === to.user && password !== undefined && password !== "";
    return own && found.password === null ? { ...found, password, passwordFrom: "PGPASSWORD" } : found;
  }
  const host = to.hosts.map((one) => one.host).join(",");
  const ports = to.hosts.map((one) => one.port).join(",");
  const found = conninfo({ host, port: ports, words: [text] }, { ...defaults, ...tlsDefaults(said, to.tls) });
  const sameUser = found.user === to.user;
  return {
    ...found,
    hosts: found.hosts.map((one, i) => ({ ...one, hostaddr: to.hosts[i]?.hostaddr ?? null })),
    tls: Object.keys(said).some((name) => name.startsWith("ssl")) ? found.tls : to.tls,
    requireAuth: said.require_auth === undefined ? to.requireAuth : found.requireAuth,
    channelBindingRequired:
      said.channel_binding === undefined ? to.channelBindingRequired : found.channelBindingRequired,
    ...(sameUser && found.password === null && { password: to.password, passwordFrom: to.passwordFrom }),
  };
}

/** A certificate of its own, say, does not mean that the server's is not looked at any more. */
function tlsDefaults(said: Settings, { mode, direct, rootcert, crl }: TlsWishes): Environment {
  const newMode = said.sslmode !== undefined && said.sslmode !== mode;
  return {
    ...(said.sslrootcert !== "system" && { PGSSLMODE: mode }),
    ...(!(newMode && rootcert === "system") && { PGSSLROOTCERT: rootcert }),
    PGSSLCRL: crl,
    PGSSLNEGOTIATION: direct && !newMode ? "direct" : "postgres",
  };
}
