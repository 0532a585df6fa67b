import { PROGRAMS, type FoundPostmaster } from "./postmasters.ts";
import { remotesOf } from "./half-open.ts";
import {
  childrenOf,
  commandLine,
  linkOf,
  runCounters as countersOf,
  socketsOf,
  startSeconds,
  statOf,
  type ProcessStat,
} from "./processes.ts";
import { seen, type Seen } from "./processes-shown.ts";
import { inSlices } from "./slices.ts";
import {
  HALF_OPEN,
  knownNames,
  parseTitle,
  speaksAs10,
  titlePrefix,
  titleText,
  type KnownNames,
  type Title,
  type TitleContext,
} from "./title.ts";
import { titleReader } from "./title-reader.ts";

/** All processes of one server, as they are now. */
export interface Children {
  readonly byPid: ReadonlyMap<number, Seen>;
  /** What the kernel says of whoever has run since the last time, or may have. */
  readonly ran: ReadonlyMap<number, { readonly stat: ProcessStat; readonly atMs: number }>;
  /** Milliseconds of the machine's time that reading has taken. */
  readonly busyMs: number;
  /** Its titles are of a kind that only 10 has. */
  readonly speaksAs10: boolean;
}

export interface ChildrenReader {
  /** What has been read last is looked at again only where the process has run since. */
  read(rules: TitleRules, atSeconds: number): Promise<Children>;
  /** Reads one process anew, synchronously and by itself: the look before a signal. */
  look(pid: number, rules: TitleRules): Look | null;
}

/** What the server's files tell of how its titles are to be understood. */
export type TitleRules = Pick<TitleContext, "major" | "frozen">;

export interface Look {
  readonly stat: ProcessStat;
  /** Null when it cannot be read. */
  readonly title: Title | null;
  /** Read after the title: whoever has the counters of the sample had its title as well. */
  readonly counters: string | null;
  /**
   * Of one that is half open: it has a connection of its own and the postmaster's directory, which another server begun as its
   * child has not.
   */
  readonly connected: boolean;
}

export function childrenReader(
  postmaster: Pick<FoundPostmaster, "pid">,
  bootSeconds: number,
  {
    runCounters = countersOf,
    settled = () => false,
  }: {
    readonly runCounters?: (pid: number) => string | null;
    /** Whose title nobody needs to know anew, though it may have changed. */
    readonly settled?: (title: Title) => boolean;
  } = {},
): ChildrenReader {
  const titles = titleReader();
  let known: ReadonlyMap<number, Seen> = new Map();
  let lastSeconds: number | null = null;
  let prefix = "postgres: ";
  /** The rules that what is known was understood by. */
  let understoodBy = "";
  const room = statOf(postmaster.pid)?.titleBytes ?? null;
  // A postmaster has no title: this stays what it is.
  const own = commandLine(postmaster.pid);

  /** Some systems that call themselves Linux show numbers that never change: then nobody can be known to have rested. */
  let counts: boolean | null = null;

  async function counting(): Promise<boolean> {
    const before = runCounters(process.pid);
    await new Promise((resolve) => setTimeout(resolve, 2));
    return runCounters(process.pid) !== before;
  }

  async function read(rules: TitleRules, atSeconds: number, anew = false): Promise<Children> {
    counts ??= await counting();
    const stay = new Map<number, Seen>();
    const ran = new Map<number, { readonly stat: ProcessStat; readonly atMs: number }>();
    const asked: { readonly stat: ProcessStat; readonly counters: string | null }[] = [];
    let busyMs = await inSlices(pids(), (pid) => {
      const before = known.get(pid);
      const counters = counts === true ? runCounters(pid) : null;
      if (!anew && before !== undefined && counters !== null && before.counters === counters)
        return void stay.set(pid, before);
      const stat = statOf(pid);
      if (stat === null || !isOurs(stat)) return;
      ran.set(pid, { stat, atMs: performance.now() });
      const same = !anew && before?.startTicks === stat.startTicks;
      if (same && settled(before.title)) stay.set(pid, { ...before, counters });
      else asked.push({ stat, counters });
    });
    const answers = await titles.read(asked.map(({ stat }) => stat.pid));
    busyMs += answers.size * TITLE_MS;
    const texts = new Map([...answers].map(([pid, bytes]) => [pid, titleText(bytes)]));
    const all = [...[...stay.values()].map(({ titleText }) => titleText), ...texts.values()];
    prefix = titlePrefix(all);
    const by = JSON.stringify([prefix, rules.major, rules.frozen]);
    const asBefore = by === understoodBy && !anew;
    understoodBy = by;
    // Whoever has done nothing since has been understood in another way.
    if (!asBefore && stay.size > 0 && !anew) return read(rules, atSeconds, true);
    const context: TitleContext = { prefix, ...rules, room, known: once(() => knownNames(all, prefix)) };
    const halfOpen = [...answers].filter(([, bytes]) => own?.equals(bytes) === true).map(([pid]) => pid);
    const remotes = await remotesOf(halfOpen);
    busyMs += await inSlices(asked, ({ stat, counters }) => {
      const { pid, startTicks } = stat;
      const bytes = answers.get(pid);
      const before = known.get(pid);
      // Whoever did not answer is as it was, and with its old counters it is asked again.
      if (bytes === undefined) return void (before?.startTicks === startTicks && stay.set(pid, before));
      const text = texts.get(pid)!;
      const startedSeconds = startSeconds(bootSeconds, startTicks);
      const title =
        own?.equals(bytes) === true
          ? { ...HALF_OPEN, ...remotes.get(pid) }
          : before?.titleText === text && asBefore
            ? before.title
            : parseTitle(bytes, context);
      const now = { pid, startTicks, startedSeconds, counters, titleText: text, title };
      stay.set(pid, seen(now, before, atSeconds, lastSeconds));
    });
    known = new Map([...stay].sort(([a], [b]) => a - b));
    lastSeconds = atSeconds;
    return { byPid: known, ran, busyMs, speaksAs10: speaksAs10(all) };
  }

  /** Others may be its children as well: what it runs in a shell, and in a container, where it is process 1, every orphan. */
  function isOurs({ parent, program, zombie }: ProcessStat): boolean {
    return parent === postmaster.pid && PROGRAMS.includes(program) && !zombie;
  }

  function isConnected(pid: number): boolean {
    const [inherited, own] = [socketsOf(postmaster.pid), socketsOf(pid)];
    const directory = linkOf(`/proc/${pid}/cwd`);
    if (inherited === null || own === null || directory !== linkOf(`/proc/${postmaster.pid}/cwd`)) return false;
    return [...own].some((inode) => !inherited.has(inode));
  }

  /** Those in the kernel's list, and whoever was there before: one that is still a child is found out when it is looked at. */
  function pids(): ReadonlySet<number> {
    return new Set([...childrenOf(postmaster.pid), ...known.keys()]);
  }

  return {
    read: (rules, atSeconds) => read(rules, atSeconds),
    look(pid, rules) {
      const stat = statOf(pid);
      if (stat === null) return null;
      const bytes = commandLine(pid);
      const context: TitleContext = { prefix, ...rules, room, known: () => NO_NAMES };
      const title = bytes === null ? null : own?.equals(bytes) === true ? HALF_OPEN : parseTitle(bytes, context);
      const counters = counts === true ? runCounters(pid) : null;
      return { stat, title, counters, connected: title === HALF_OPEN && isConnected(pid) };
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

const NO_NAMES: KnownNames = { users: new Set(), databases: new Set() };

/** What one title costs by way of the thread pool, measured. */
const TITLE_MS = 0.02;
