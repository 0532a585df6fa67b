import { isIP } from "node:net";
import { ConninfoError, type Settings } from "./parameters.ts";

/** One of the places to try. */
export interface Host {
  /** A name, an address, or the directory of a Unix socket. */
  readonly host: string;
  /** Where to go without looking the name up; null looks it up. */
  readonly hostaddr: string | null;
  readonly port: number;
}

export const DEFAULT_PORT = 5432;

export function isSocket(host: Pick<Host, "host" | "hostaddr">): boolean {
  return host.hostaddr === null && host.host.startsWith("/");
}

/** `db1:5432`, `[::1]:5432`, or the socket's path: as one would say it. */
export function placeOf({ host, port }: Pick<Host, "host" | "port">): string {
  if (host.startsWith("/")) return `${host}/.s.PGSQL.${port}`;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * host, hostaddr and port are lists parted by commas. One port serves all; else there are as many as hosts.
 *
 * @param defaultHost what is meant where neither a host nor an address is named
 * @throws ConninfoError when the lists do not match, or a port is none
 */
export function hostList(
  { host = "", hostaddr = "", port = "" }: Settings,
  defaultHost: (port: number) => string,
): Host[] {
  const names = host.split(",");
  const addresses = hostaddr.split(",");
  if (host !== "" && hostaddr !== "" && names.length !== addresses.length)
    throw new ConninfoError(`${names.length} hosts and ${addresses.length} addresses (hostaddr) do not match`);
  const count = Math.max(names.length, addresses.length);
  const ports = port.split(",");
  if (ports.length !== 1 && ports.length !== count)
    throw new ConninfoError(`${ports.length} ports and ${count === 1 ? "one host" : `${count} hosts`} do not match`);
  return Array.from({ length: count }, (_, i) => {
    const number = portNumber(ports[ports.length === 1 ? 0 : i]!);
    const address = addresses[i] ?? "";
    if (address !== "" && isIP(address.replace(/%.*$/, "")) === 0)
      throw new ConninfoError("hostaddr is an address such as 10.0.0.7; a name goes into host");
    const name = names[i] ?? "";
    if (name.startsWith("@")) throw new ConninfoError("a socket without a file (host=@…) cannot be reached from here");
    return { host: name || address || defaultHost(number), hostaddr: address || null, port: number };
  });
}

function portNumber(text: string): number {
  if (text === "") return DEFAULT_PORT;
  const port = /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new ConninfoError("port is a number from 1 to 65535");
  return port;
}
