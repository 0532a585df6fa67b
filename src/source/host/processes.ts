import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";

/** What the kernel says of a process in /proc/PID/stat, which everybody may read. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** The name of its program, cut to 15 bytes. */
  readonly program: string;
  /** It has ended, and its parent has not looked yet. */
  readonly zombie: boolean;
  /** Since boot, in ticks: with the pid, what names this process for ever. */
  readonly startTicks: number;
  /** What it has spent on processors, for itself and within the kernel, in ticks. */
  readonly cpuTicks: number;
  /** Bytes of its arguments and environment, over which a title is written; null where we may not look. */
  readonly titleBytes: number | null;
}

/** Null when there is no such process (any more). */
export function statOf(pid: number): ProcessStat | null {
  const text = smallFile(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

/** The program's name stands in parentheses, and may have some of its own and blanks as well: the last one counts. */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open === -1 || close < open) return null;
  const fields = text.slice(close + 2).split(" ");
  // Numbered as in proc(5), where the first one behind the name is the third.
  const field = (n: number): number => Number(fields[n - 3] ?? Number.NaN);
  const [argumentsStart, environmentEnd, startTicks] = [field(48), field(51), field(22)];
  const cpuTicks = field(14) + field(15);
  if (!Number.isFinite(startTicks) || !Number.isFinite(cpuTicks)) return null;
  return {
    pid: Number(text.slice(0, open)),
    parent: field(4),
    program: text.slice(open + 1, close),
    zombie: fields[0] === "Z" || fields[0] === "X",
    startTicks,
    cpuTicks,
    titleBytes: environmentEnd > argumentsStart && argumentsStart > 1 ? environmentEnd - argumentsStart : null,
  };
}

/**
 * Changes whenever the process has run, however shortly: the nanoseconds that it was on a processor and how many times. A process
 * that rests changes nothing here, so whoever has the same counters has done nothing in between. Null when neither kernel nor
 * rights let us look.
 */
export function runCounters(pid: number): string | null {
  const schedstat = smallFile(`/proc/${pid}/schedstat`);
  if (schedstat !== null && !schedstat.startsWith("0 0 0")) return schedstat;
  // A kernel without schedstat counts context switches all the same, in a file that costs twice as much.
  const status = smallFile(`/proc/${pid}/status`);
  const switches = status?.match(/^(?:non)?voluntary_ctxt_switches:.*$/gm);
  return switches == null ? null : switches.join(" ");
}

/** The arguments of a process, or what it has written over them, without the padding; null when it cannot be read. */
export function commandLine(pid: number): Buffer | null {
  const n = fill(`/proc/${pid}/cmdline`);
  return n === null ? null : unpadded(Buffer.from(room.subarray(0, n)));
}

/** The arguments that a process was started with, as long as it has not written a title over them. */
export function argumentsOf(pid: number): readonly string[] {
  return (contentOf(`/proc/${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
}

/** The rest of the place is filled with NUL. Blanks at the end stay: they count where a title is as long as its place. */
export function unpadded(title: Buffer): Buffer {
  let end = title.length;
  while (end > 0 && title[end - 1] === 0) end--;
  return title.subarray(0, end);
}

export interface ProcessStatus {
  readonly uid: number;
  /** Its pids from our namespace inwards: more than one in a container. */
  readonly namespacePids: readonly number[];
}

export function statusOf(pid: number | "self"): ProcessStatus | null {
  const status = smallFile(`/proc/${pid}/status`);
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(status ?? "")?.[1];
  if (status === null || uid === undefined) return null;
  const inside = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/).map(Number);
  return { uid: Number(uid), namespacePids: inside ?? [] };
}

/** Pids of all processes that we may see. */
export function allPids(): readonly number[] {
  return entriesOf("/proc").filter(isNumber).map(Number);
}

/**
 * Children of a process. The kernel's list of them may leave one out when another ends in the very moment of reading: whoever was
 * there before has to be looked at singly before it is said to have gone.
 */
export function childrenOf(pid: number): readonly number[] {
  const list = contentOf(`/proc/${pid}/task/${pid}/children`);
  if (list !== null) return list.split(" ").filter(isNumber).map(Number);
  return allPids().filter((other) => statOf(other)?.parent === pid);
}

/** Names in a directory; none when it cannot be read. */
export function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Inodes of the sockets that a process has open; null where we may not look. */
export function socketsOf(pid: number): ReadonlySet<number> | null {
  let descriptors: readonly string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return null;
  }
  const links = descriptors.map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  // The same user in another group may list them, and not follow one.
  if (links.every((link) => link === null)) return null;
  const inodes = links.map((link) => /^socket:\[(\d+)\]$/.exec(link ?? "")?.[1]);
  return new Set(inodes.filter((inode) => inode !== undefined).map(Number));
}

/** Where a symbolic link leads; null where we may not look. */
export function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** A whole file; null when it is not there or not for us. */
export function contentOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Seconds since the epoch, on our clock, at which the kernel began to count ticks. Uptime is told in hundredths: half of one is added. */
export function bootSeconds(): number {
  const uptime = Number((contentOf("/proc/uptime") ?? "").split(" ")[0]);
  return Date.now() / 1000 - uptime - 0.005;
}

/** When a process began, from the boot: a tick is cut off, so half of one is added. */
export function startSeconds(bootSeconds: number, startTicks: number): number {
  return bootSeconds + (startTicks + 0.5) / TICKS_PER_SECOND;
}

/** What the kernel calls a tick towards programs, whatever its own clock does: 100 on every machine that PostgreSQL is packaged for. */
export const TICKS_PER_SECOND = 100;

/** Longer than any of the files read this way; of a command line, the beginning. */
const room = Buffer.allocUnsafe(4096);

/**
 * Synchronous on purpose: eight microseconds each, a quarter of what the thread pool costs. The files read this way take no lock
 * that another process could hold.
 */
export function smallFile(path: string): string | null {
  const n = fill(path);
  return n === null ? null : room.toString("latin1", 0, n);
}

function fill(path: string): number | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return null;
  }
  try {
    return readSync(fd, room, 0, room.length, 0);
  } catch {
    // It ended between the two.
    return null;
  } finally {
    closeSync(fd);
  }
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);
