import { lookup } from "node:dns/promises";
import { existsSync, realpathSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { lockFile, writtenBy, type LockFile } from "./lock-file.ts";
import { candidates, type Candidate, type FoundPostmaster } from "./postmasters.ts";
import { bootSeconds, startSeconds } from "./processes.ts";
import { listeningUnixSockets, plainAddress, tcpSockets, type TcpSocket } from "./sockets.ts";

export interface Place {
  /** A socket's directory, a name or an address. */
  readonly host: string;
  readonly hostaddr: string | null;
  readonly port: number;
}

export type PostmasterAt =
  | { readonly kind: "found"; readonly postmaster: FoundPostmaster }
  /** Half a sentence. */
  | { readonly kind: "none"; readonly why: string };

/**
 * The one that serves this place. Whoever has the very socket open that listens there is the one; where we may not look into
 * processes, the only one of the socket's owner that can be meant. In doubt it is none: a wrong server's sessions must not be shown.
 */
export async function postmasterAt(place: Place): Promise<PostmasterAt> {
  if (process.platform !== "linux") return none("processes can be read on Linux alone");
  const listeners = await listenersAt(place);
  if (typeof listeners === "string") return none(listeners);
  const { here, elsewhere } = await candidates();
  const owning = here.filter(({ sockets }) => listeners.some(({ inode }) => sockets?.has(inode)));
  if (owning.length === 1) {
    const [{ sockets, postmaster }] = owning as [Candidate];
    if (listeners.every(({ inode }) => sockets!.has(inode))) return found(postmaster);
    return none(
      `PostgreSQL ${postmaster.pid} and something else listen at port ${place.port} of ${place.host}: which of them answers cannot be seen`,
    );
  }
  if (owning.length > 1) {
    return none(
      `${count(owning.length)} listen at port ${place.port} of ${place.host}: an address tells which one is meant`,
    );
  }
  // Of whom we see all sockets, we have just seen that none of these is his.
  const unseen = here.filter(({ sockets }) => sockets === null);
  const locks = await Promise.all(listeners.map(async ({ lock }) => (lock === null ? null : lockFile(lock))));
  const named = unseen.find(({ postmaster }) => locks.every((lock) => lock !== null && isLockOf(lock, postmaster)));
  if (named !== undefined) return found(named.postmaster);
  return byOwner(place, listeners, here, elsewhere);
}

interface Listener {
  readonly inode: number;
  readonly uid: number;
  /** The lock file beside a server's Unix socket, which a pooler does not have. */
  readonly lock: string | null;
}

/** Everything that listens at this place, or why nothing on this machine does. */
async function listenersAt({ host, hostaddr, port }: Place): Promise<readonly Listener[] | string> {
  if (hostaddr === null && path.isAbsolute(host)) {
    const listeners = await socketListeners(
      (directory) => directory !== null && directory === realDirectory(host),
      port,
    );
    return listeners.length > 0 ? listeners : `nothing listens at ${path.join(host, socketName(port))}`;
  }
  const addresses = await addressesOf(hostaddr ?? host);
  if (addresses.length === 0) return `${hostaddr ?? host} has no address`;
  const own = ownAddresses();
  if (!addresses.every((address) => own.has(address) || LOOPBACK.test(address)))
    return `${hostaddr ?? host} is another machine`;
  const tcp = (await tcpSockets()).filter(({ state, localPort }) => state === "listening" && localPort === port);
  const listening = [...new Set(addresses.flatMap((address) => listeningAt(address, tcp)))];
  if (listening.length === 0) return `nothing listens at port ${port} of this machine`;
  return listening.map(({ inode, uid }) => ({ inode, uid, lock: null }));
}

/** Who answers there: whoever listens at the very address, else who listens at all of them. Each address of a name has its own. */
export function listeningAt(address: string, tcp: readonly TcpSocket[]): readonly TcpSocket[] {
  const wider = isIP(address) === 4 ? ["0.0.0.0", "::"] : ["::"];
  const places = [address, ...wider].map((place) => tcp.filter(({ localAddress }) => localAddress === place));
  return places.find((listeners) => listeners.length > 0) ?? [];
}

/** Without a look at the processes' descriptors: who owns the socket, and whose port that can be. */
async function byOwner(
  { port }: Place,
  listeners: readonly Listener[],
  here: readonly Candidate[],
  elsewhere: number,
): Promise<PostmasterAt> {
  const unseen = here.filter(({ sockets }) => sockets === null).map(({ postmaster }) => postmaster);
  const owners = new Set(listeners.map(({ uid }) => uid));
  const fitting = unseen.filter(({ uid, ports }) => owners.has(uid) && (ports.length === 0 || ports.includes(port)));
  if (fitting.length === 0) {
    const container = elsewhere > 0 ? "; a PostgreSQL in a container is told from inside of it" : "";
    const servers =
      here.length === 0 ? "no PostgreSQL server that we can see" : `none of the ${count(here.length)} that run here`;
    return none(`what listens at port ${port} is ${servers}${container}`);
  }
  const one = fitting[0]!;
  const help = `as root or as ${one.osUser} it could be told which one`;
  if (fitting.length > 1) {
    return none(
      `${fitting.length} PostgreSQL servers of ${one.osUser} run here (${fitting.map(({ pid }) => pid).join(", ")}): ${help}`,
    );
  }
  if (one.ports.includes(port)) return found(one);
  if (await isServersSocket(listeners, one, port)) return found({ ...one, ports: [port] });
  return none(`whether PostgreSQL ${one.pid} listens at port ${port} cannot be seen: ${help}`);
}

/** A pooler may run as the same user and listen in the same way, but a lock file beside its socket is PostgreSQL's own habit. */
async function isServersSocket(
  listeners: readonly Listener[],
  { uid }: FoundPostmaster,
  port: number,
): Promise<boolean> {
  const sockets = listeners.some(({ lock }) => lock !== null) ? listeners : await socketListeners(() => true, port);
  return sockets.some((socket) => socket.uid === uid && socket.lock !== null && existsSync(socket.lock));
}

/** Unix sockets of that port which somebody listens at, in the directories that are meant. */
async function socketListeners(
  meant: (directory: string | null) => boolean,
  port: number,
): Promise<readonly Listener[]> {
  const sockets = await listeningUnixSockets();
  return sockets.flatMap(({ path: socket, inode }): readonly Listener[] => {
    if (path.basename(socket) !== socketName(port) || !path.isAbsolute(socket)) return [];
    if (!meant(realDirectory(path.dirname(socket)))) return [];
    try {
      return [{ inode, uid: statSync(socket).uid, lock: `${socket}.lock` }];
    } catch {
      // In a directory that is closed to us, or gone.
      return [{ inode, uid: -1, lock: null }];
    }
  });
}

function isLockOf(lock: LockFile, { pid, uid, startTicks }: FoundPostmaster): boolean {
  return lock.uid === uid && writtenBy(lock, { pid, startedSeconds: startSeconds(bootSeconds(), startTicks) });
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [plainAddress(host)];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => plainAddress(address));
  } catch {
    return [];
  }
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(
    Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).map(({ address }) => plainAddress(address)),
    ),
  );
}

/** One directory has several spellings: /var/run is /run. */
function realDirectory(directory: string): string | null {
  try {
    return realpathSync(directory);
  } catch {
    return null;
  }
}

function found(postmaster: FoundPostmaster): PostmasterAt {
  return { kind: "found", postmaster };
}

function none(why: string): PostmasterAt {
  return { kind: "none", why };
}

function count(servers: number): string {
  return servers === 1 ? "one PostgreSQL server" : `${servers} PostgreSQL servers`;
}

function socketName(port: number): string {
  return `.s.PGSQL.${port}`;
}

const LOOPBACK = /^(?:127\.|::1$)/;
