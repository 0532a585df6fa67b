import path from "node:path";
import { accountName } from "./accounts.ts";
import { configuration, type Configuration } from "./configuration.ts";
import { wholeNumber } from "./configuration-text.ts";
import { lockFile, writtenBy, type LockFile } from "./lock-file.ts";
import {
  allPids,
  argumentsOf,
  bootSeconds,
  linkOf,
  socketsOf,
  startSeconds,
  statOf,
  statusOf,
  type ProcessStat,
} from "./processes.ts";
import { inSlices } from "./slices.ts";
import { listeningUnixSockets, tcpSockets } from "./sockets.ts";

/** A running server, found without asking it anything. */
export interface FoundPostmaster {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: with the pid, what names it for ever. */
  readonly startTicks: number;
  readonly osUser: string;
  readonly uid: number;
  readonly dataDirectory: string | null;
  /** Those known to be its own; empty when nobody tells. */
  readonly ports: readonly number[];
  readonly socketDirectories: readonly string[];
}

/** What finding the one that serves a place needs to know besides. */
export interface Candidate {
  readonly postmaster: FoundPostmaster;
  /** Inodes of its sockets; null where we may not look. */
  readonly sockets: ReadonlySet<number> | null;
}

/** All postmasters of this machine's /proc, without those of containers. Never throws: nothing found is []. */
export async function postmasters(): Promise<readonly FoundPostmaster[]> {
  const { here } = await candidates();
  return here.map(({ postmaster }) => postmaster);
}

/** Those that share our pids and network, and how many others there are, in containers. */
export async function candidates(): Promise<{ readonly here: readonly Candidate[]; readonly elsewhere: number }> {
  const found = await serverProcesses();
  const ours = found.filter(({ pid }) => inOurNamespaces(pid));
  const here = await Promise.all(ours.map(candidate));
  return { here: here.filter((one) => one !== null), elsewhere: found.length - ours.length };
}

/** How the server on its own machine is started: to tell where its configuration is. */
export async function configurationOf(pid: number): Promise<Configuration> {
  return configuration(argumentsOf(pid), linkOf(`/proc/${pid}/cwd`));
}

/**
 * A process of PostgreSQL's program whose parent is none. A session whose postmaster was killed has lost its parent as well, but it goes by a
 * title; and the program can do other things than serve.
 */
async function serverProcesses(): Promise<readonly ProcessStat[]> {
  const stats = new Map<number, ProcessStat>();
  await inSlices(allPids(), (pid) => {
    const stat = statOf(pid);
    if (stat !== null && PROGRAMS.includes(stat.program) && !stat.zombie) stats.set(pid, stat);
  });
  return [...stats.values()].filter(({ pid, parent }) => {
    if (stats.has(parent)) return false;
    const [program = "", ...words] = argumentsOf(pid);
    return PROGRAMS.includes(path.basename(program)) && !words.some((word) => NO_SERVER.test(word));
  });
}

async function candidate(stat: ProcessStat): Promise<Candidate | null> {
  const { pid, startTicks } = stat;
  const status = statusOf(pid);
  if (status === null) return null;
  const settings = await configurationOf(pid);
  const { dataDirectory } = settings;
  const self = { pid, startedSeconds: startSeconds(bootSeconds(), startTicks) };
  const lock = dataDirectory === null ? null : await lockFile(path.join(dataDirectory, "postmaster.pid"));
  const sockets = socketsOf(pid);
  const listens = sockets === null ? null : await listeningAt(sockets);
  const said = lock !== null && writtenBy(lock, self) ? saidBy(lock) : configured(settings);
  // It may have ended while we looked, and its pid be somebody else's.
  if (statOf(pid)?.startTicks !== startTicks) return null;
  const postmaster: FoundPostmaster = {
    pid,
    startTicks,
    uid: status.uid,
    osUser: accountName(status.uid),
    dataDirectory,
    ports: listens !== null && listens.ports.length > 0 ? listens.ports : said.ports,
    socketDirectories: listens !== null && listens.directories.length > 0 ? listens.directories : said.directories,
  };
  return { postmaster, sockets };
}

interface Places {
  readonly ports: readonly number[];
  readonly directories: readonly string[];
}

/** What its own descriptors say is beyond doubt. */
async function listeningAt(sockets: ReadonlySet<number>): Promise<Places> {
  const [tcp, unix] = await Promise.all([tcpSockets(), listeningUnixSockets()]);
  const paths = unix.filter(({ inode }) => sockets.has(inode)).map((socket) => socket.path);
  const ports = tcp
    .filter(({ state, inode }) => state === "listening" && sockets.has(inode))
    .map(({ localPort }) => localPort);
  return {
    ports: unique([
      ...ports,
      ...paths.flatMap((socket) => wholeNumber(/\.s\.PGSQL\.(\d+)$/.exec(socket)?.[1] ?? null) ?? []),
    ]),
    directories: unique(paths.map((socket) => path.dirname(socket))),
  };
}

function saidBy({ port, socketDirectory }: LockFile): Places {
  return { ports: [port], directories: socketDirectory === null ? [] : [socketDirectory] };
}

/** Without a word in its configuration it has PostgreSQL's usual port, but only when all of it could be read. */
function configured(settings: Configuration): Places {
  const port = wholeNumber(settings.value("port")) ?? (settings.complete ? USUAL_PORT : null);
  const directories = (settings.value("unix_socket_directories") ?? "").split(",").map((name) => name.trim());
  return { ports: port === null ? [] : [port], directories: directories.filter((name) => path.isAbsolute(name)) };
}

/** A container's processes are seen from outside, under other pids and with a network of their own. */
function inOurNamespaces(pid: number): boolean {
  const theirs = statusOf(pid)?.namespacePids.length;
  if (theirs !== statusOf("self")?.namespacePids.length) return false;
  return ["net", "pid"].every((kind) => {
    const namespace = linkOf(`/proc/${pid}/ns/${kind}`);
    return namespace === null || namespace === linkOf(`/proc/self/ns/${kind}`);
  });
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** What PostgreSQL's program is called; the last is EDB's. */
export const PROGRAMS: readonly string[] = ["postgres", "postmaster", "edb-postgres"];
/** What makes something else of it than a server. */
const NO_SERVER = /^(?:--(?:single|boot|check|describe-config|help|version|fork\w*)\b|-C|-V$|-\?$)/;
const USUAL_PORT = 5432;
