import { behind, blocking, type Behind, type WaitAge } from "../analysis/blocking.ts";
import { lastResult } from "../analysis/last-result.ts";
import { lockWaits } from "../analysis/lock-waits.ts";
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
  readonly longest: WaitAge | null;
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
  const { blockers, byPid } = lockWaits(sample);
  const roots = [...blocks.keys()]
    .filter((pid) => pid === PREPARED || (byPid.has(pid) && !blockers.has(pid)))
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
    pileOf(sample, pile.pids, pile.pids.length === 1 ? pile.behind : behind(sample, pile.pids)),
  );
});

function pileOf(sample: Sample, pids: readonly number[], { waiters, longest }: Behind): Pile {
  const { byPid } = lockWaits(sample);
  const waiting = new Set(waiters.map(({ pid }) => pid));
  const queues = sample.queues.filter((queue) => queue.waiters.some((pid) => waiting.has(pid)));
  const heldByPrepared = pids.includes(PREPARED);
  return {
    roots: pids.flatMap((pid) => byPid.get(pid) ?? []),
    prepared: heldByPrepared ? preparedOf(sample, waiters) : [],
    heldByPrepared,
    waiters,
    longest,
    ddl: ddlOf(sample, waiters),
    queues: queues.toSorted((a, b) => b.waiters.length - a.waiters.length),
  };
}

/** Those whose mode is in the way of what is waited for. Where more than one holds the lock, they are not told apart. */
function preparedOf(sample: Sample, waiters: readonly Backend[]): PreparedXact[] {
  const { blockers, prepared } = lockWaits(sample);
  const ids = new Set(waiters.flatMap(({ pid }) => blockers.get(pid) ?? []));
  return [...ids].flatMap((id) => prepared.get(id) ?? []);
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
