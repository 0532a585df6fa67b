import { behind, blocking, type Behind } from "../analysis/blocking.ts";
import { lastResult } from "../analysis/last-result.ts";
import { waitingDdl } from "../analysis/waiting-ddl.ts";
import type { Backend } from "../model/backend.ts";
import type { PreparedXact } from "../model/horizon.ts";
import type { LockQueue } from "../model/lock-queue.ts";
import type { Sample } from "../model/reading.ts";

/** Sessions that wait, one behind the other, for the same one to be done. */
export interface Pile {
  /** Those that wait for nobody, the one with the most behind it first. Empty where prepared transactions alone hold the lock. */
  readonly roots: readonly Backend[];
  /** Transactions without a session that hold it: one of them, where there are several. */
  readonly prepared: readonly PreparedXact[];
  /** Whether a prepared transaction is in the way at all, its name known or not. */
  readonly heldByPrepared: boolean;
  readonly waiters: readonly Backend[];
  readonly longestSeconds: number | null;
  /** The waiting DDL with the most behind it, that itself has changed nothing; null: none makes others wait. */
  readonly ddl: { readonly backend: Backend; readonly kind: string; readonly behind: number } | null;
  /** What is waited for, the longest queue first. */
  readonly queues: readonly LockQueue[];
}

const LEAST = 5;
/** Looked at; whoever has more than these has more than one trouble at a time. */
const MOST_ROOTS = 20;

/** The piles of five and more, the largest first: roots in whose way the same sessions are make one. */
export const piles = lastResult((sample: Sample): readonly Pile[] => {
  const { blocks } = blocking(sample);
  if (blocks.size === 0) return [];
  const rows = new Map(sample.backends.map((backend) => [backend.pid, backend]));
  const roots = [...blocks.keys()]
    .filter((pid) => pid === PREPARED || (rows.has(pid) && rows.get(pid)!.blockedBy.length === 0))
    .sort((a, b) => blocks.get(b)! - blocks.get(a)! || a - b);
  const found: { pids: number[]; behind: Behind; reached: ReadonlySet<Backend> }[] = [];
  for (const pid of roots.slice(0, MOST_ROOTS)) {
    if (blocks.get(pid)! < LEAST) break;
    const those = behind(sample, [pid]);
    const { waiters } = those;
    const same = found.find(({ reached }) => waiters.filter((one) => reached.has(one)).length * 2 > waiters.length);
    if (same === undefined) found.push({ pids: [pid], behind: those, reached: new Set(waiters) });
    else same.pids.push(pid);
  }
  return found.map((pile) =>
    pileOf(sample, pile.pids, pile.pids.length === 1 ? pile.behind : behind(sample, pile.pids), rows),
  );
});

function pileOf(
  sample: Sample,
  pids: readonly number[],
  { waiters, longestSeconds }: Behind,
  rows: ReadonlyMap<number, Backend>,
): Pile {
  const waiting = new Set(waiters.map(({ pid }) => pid));
  const queues = sample.queues.filter((queue) => queue.waiters.some((pid) => waiting.has(pid)));
  const heldByPrepared = pids.includes(PREPARED);
  return {
    roots: pids.flatMap((pid) => rows.get(pid) ?? []),
    prepared: heldByPrepared ? preparedOf(sample, waiters, queues) : [],
    heldByPrepared,
    waiters,
    longestSeconds,
    ddl: ddlOf(sample, waiters),
    queues: queues.toSorted((a, b) => b.waiters.length - a.waiters.length),
  };
}

/** Where more than one holds the lock that is waited for, they are not told apart. */
function preparedOf({ holdouts }: Sample, waiters: readonly Backend[], queues: readonly LockQueue[]): PreparedXact[] {
  const stopped = new Set(waiters.filter(({ blockedBy }) => blockedBy.includes(PREPARED)).map(({ pid }) => pid));
  const xids = new Set(
    queues
      .filter((queue) => queue.waiters.some((pid) => stopped.has(pid)))
      .flatMap(({ preparedHolders }) => preparedHolders.map(({ xid }) => xid)),
  );
  return (holdouts?.prepared ?? []).filter(({ xid }) => xids.has(xid));
}

function ddlOf(sample: Sample, waiters: readonly Backend[]): Pile["ddl"] {
  const { blocks } = blocking(sample);
  let most: Pile["ddl"] = null;
  for (const backend of waiters) {
    const count = blocks.get(backend.pid) ?? 0;
    if (count <= (most?.behind ?? 0)) continue;
    const ddl = waitingDdl(backend);
    if (ddl?.changedNothing === true) most = { backend, kind: ddl.kind, behind: count };
  }
  return most;
}

/** As pg_blocking_pids names it. */
const PREPARED = 0;
