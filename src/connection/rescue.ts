import { isConnectionString, parseConnectionString } from "./connection-string.ts";
import { conninfo, type Conninfo } from "./conninfo.ts";
import type { Environment, Settings } from "./parameters.ts";

/**
 * The conninfo of --rescue: as a rule another role on the same server, so that what it does not say is as in the normal one: host,
 * port, database, TLS. A password goes with the role that it was given for, and is not taken over by another.
 *
 * @throws ConninfoError when it makes no sense
 */
export function rescueConninfo(text: string, to: Conninfo, env: Environment): Conninfo {
  const said: Settings = isConnectionString(text) ? parseConnectionString(text) : {};
  const another = said.host !== undefined || said.hostaddr !== undefined || said.service !== undefined;
  const sameUser = said.user === undefined || said.user === to.user;
  const { PGHOSTADDR: _, PGSERVICE: __, PGPASSWORD: password, ...rest } = env;
  const defaults = {
    ...rest,
    ...(sameUser && password !== undefined && { PGPASSWORD: password }),
    PGDATABASE: to.database,
    PGUSER: to.user,
  };
  if (another) return conninfo({ words: [text] }, defaults);
  const host = to.hosts.map((one) => one.host).join(",");
  const ports = to.hosts.map((one) => one.port).join(",");
  const found = conninfo({ host, port: ports, words: [text] }, defaults);
  return {
    ...found,
    hosts: found.hosts.map((one, i) => ({ ...one, hostaddr: to.hosts[i]?.hostaddr ?? null })),
    tls: Object.keys(said).some((name) => name.startsWith("ssl")) ? found.tls : to.tls,
    ...(sameUser && found.password === null && { password: to.password, passwordFrom: to.passwordFrom }),
  };
}
