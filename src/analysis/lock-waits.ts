import type { Backend } from "../model/backend.ts";
import type { PreparedXact } from "../model/horizon.ts";
import type { LockQueue } from "../model/lock-queue.ts";
import type { Sample } from "../model/reading.ts";
import { lastResult } from "./last-result.ts";
import { modesConflict } from "./lock-modes.ts";
import { waitsForLock } from "./states.ts";

/**
 * Who waits for whom, of everybody who waits. Sessions go by their pid, a parallel group by the pid of its leader, as pg_blocking_pids
 * names it, prepared transactions by -1, -2, …: they have none; 0 is one of which the server does not say which it is.
 *
 * Only the first waiters are asked for their blockers. The others stand in queues: whoever waits for the same lock in the same mode waits
 * for the same holders.
 */
export interface LockWaits {
  /** Waiter -> whom it waits for; nobody where that is not told. */
  readonly blockers: ReadonlyMap<number, readonly number[]>;
  /** Blocker -> who waits for it directly. */
  readonly direct: ReadonlyMap<number, readonly number[]>;
  /** Waiter -> the queue it stands in, as far as that is told. */
  readonly places: ReadonlyMap<number, Place>;
  readonly prepared: ReadonlyMap<number, PreparedXact>;
  /** Leader -> its parallel workers that wait. */
  readonly workers: ReadonlyMap<number, readonly number[]>;
  readonly byPid: ReadonlyMap<number, Backend>;
}

export interface Place {
  readonly queue: LockQueue;
  /** 0 is the first one. */
  readonly at: number;
}

export const lockWaits = lastResult((sample: Sample): LockWaits => {
  const { backends, queues } = sample;
  if (queues.length === 0 && !backends.some((b) => b.blockedBy.length > 0 || waitsForLock(b))) return NOBODY_WAITS;
  const byPid = new Map<number, Backend>();
  for (const backend of backends) byPid.set(backend.pid, backend);
  const placesByPid = placesIn(queues);
  const prepared = preparedIn(sample);
  const queueBlockers = ofQueues((pid) => byPid.get(pid)?.blockedBy ?? [], placesByPid);

  const blockers = new Map<number, readonly number[]>();
  const places = new Map<number, Place>();
  const workers = new Map<number, number[]>();
  for (const backend of backends) {
    const place = placesByPid.get(backend.pid);
    if (place === undefined && backend.blockedBy.length === 0 && !stillWaits(backend, sample)) continue;
    const leader = leaderOf(backend, byPid);
    const id = leader ?? backend.pid;
    if (leader !== null) push(workers, leader, backend.pid);
    if (place !== undefined && (leader === null || !places.has(id))) places.set(id, place);
    const pids = backend.blockedBy.length > 0 || place === undefined ? backend.blockedBy : queueBlockers(place.queue);
    const ids = pids.includes(0) ? pids.flatMap((pid) => (pid === 0 ? prepared.holding(place?.queue) : pid)) : pids;
    // Nobody of the first ones was asked, but of a prepared transaction the queue itself tells.
    const all = pids.length > 0 || place === undefined ? ids : prepared.holding(place.queue).filter((one) => one < 0);
    const before = blockers.get(id);
    blockers.set(id, before === undefined && !all.includes(id) ? all : united(before ?? [], all, id));
  }
  const direct = new Map<number, number[]>();
  for (const [waiter, ids] of blockers) for (const id of ids) push(direct, id, waiter);
  return { blockers, direct, places, prepared: prepared.byId, workers, byPid };
});

const NOBODY_WAITS: LockWaits = {
  blockers: new Map(),
  direct: new Map(),
  places: new Map(),
  prepared: new Map(),
  workers: new Map(),
  byPid: new Map(),
};

/**
 * Waits for a lock, though in no queue and for nobody. Everybody was asked: then it has had its lock by the time the queues were read.
 * Not so the startup process of a standby, which waits for locks without a place in their queue.
 */
function stillWaits(backend: Backend, { waitersNotResolved, server }: Sample): boolean {
  if (!waitsForLock(backend)) return false;
  return waitersNotResolved > 0 || server.lane === "host" || backend.backendType === "startup";
}

function placesIn(queues: readonly LockQueue[]): Map<number, Place> {
  const places = new Map<number, Place>();
  for (const queue of queues) {
    for (const [at, pid] of queue.waiters.entries()) if (!places.has(pid)) places.set(pid, { queue, at });
  }
  return places;
}

/** Workers of a parallel query share its locks; a parallel apply worker of a subscription has a leader, too, and locks of its own. */
function leaderOf(backend: Backend | undefined, byPid: ReadonlyMap<number, Backend>): number | null {
  if (backend?.backendType !== "parallel worker" || backend.leaderPid === null) return null;
  return byPid.has(backend.leaderPid) ? backend.leaderPid : null;
}

/**
 * Whom everybody in a queue waits for: the blockers of its first waiter that was asked, without those who only stand in the same queue.
 * Where there are no others, as when each of two holders wants more of the same lock, any of them will do.
 */
function ofQueues(asked: (pid: number) => readonly number[], places: ReadonlyMap<number, Place>) {
  const known = new Map<LockQueue, readonly number[]>();
  return (queue: LockQueue): readonly number[] => {
    const before = known.get(queue);
    if (before !== undefined) return before;
    let found: readonly number[] = [];
    for (const waiter of queue.waiters) {
      const all = asked(waiter);
      const holders = all.filter((pid) => places.get(pid)?.queue !== queue);
      if (found.length === 0) found = all;
      if (holders.length === 0) continue;
      found = holders;
      break;
    }
    known.set(queue, found);
    return found;
  };
}

/** Prepared transactions by the queues before which they stand, in the modes that are in the way of the one that is wanted there. */
function preparedIn({ queues, holdouts }: Sample) {
  const byId = new Map<number, PreparedXact>();
  const idOf = new Map<number, number>();
  const holders = new Map<LockQueue, readonly number[]>();
  const xacts = new Map(holdouts?.prepared.map((one) => [one.xid, one]));
  for (const queue of queues) {
    const ids = new Set<number>();
    for (const { xid, mode } of queue.preparedHolders) {
      // A subtransaction has an xid of its own, and none in pg_prepared_xacts.
      const xact = xacts.get(xid);
      if (xact === undefined || !modesConflict(queue.mode, mode)) continue;
      const id = idOf.get(xid) ?? -1 - idOf.size;
      idOf.set(xid, id);
      byId.set(id, xact);
      ids.add(id);
    }
    if (ids.size > 0) holders.set(queue, [...ids]);
  }
  const holding = (queue: LockQueue | undefined): readonly number[] =>
    (queue === undefined ? undefined : holders.get(queue)) ?? UNTOLD;
  return { byId, holding };
}

const UNTOLD: readonly number[] = [0];

function united(some: readonly number[], others: readonly number[], without: number): readonly number[] {
  return [...new Set([...some, ...others])].filter((one) => one !== without);
}

function push(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
