import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { countsBehind, reachedFrom } from "./counts-behind.ts";
import { lastResult } from "./last-result.ts";
import { lockWaits, type LockWaits } from "./lock-waits.ts";
import { slots } from "./slots.ts";
import { waitsForLock } from "./states.ts";

/**
 * Who waits for whom, by pid; 0 stands for all prepared transactions, a leader for its parallel group. Waiters that were not asked for
 * their blockers count behind those who hold what their queue waits for, and not behind those who only stand ahead of them.
 */
export interface Blocking {
  /** Backends that wait for a lock, whether it is told for whom or not. */
  readonly waiting: number;
  /** pid -> how many wait behind it, directly and through others. Only pids that block somebody are in it. */
  readonly blocks: ReadonlyMap<number, number>;
  /** waiter's pid -> the blocker worth naming: one that itself waits for nobody, if there is one. 0: a prepared transaction. */
  readonly blocker: ReadonlyMap<number, number>;
  /** pid -> the pids that wait for it directly. */
  readonly direct: ReadonlyMap<number, readonly number[]>;
}

/** Those that wait behind some backends, directly and through others, each once; the backends themselves are not among them. */
export interface Behind {
  readonly waiters: readonly Backend[];
  /** How long the one that has waited longest has done so; null when nobody waits, or nobody's wait can be told. */
  readonly longest: WaitAge | null;
}

/** Whether who waits for whom is known of everybody: nobody is hidden from our role, and of nobody it is not told. */
export function seesAllWaiters(sample: Sample): boolean {
  return untoldWaiters(sample) === 0 && slots(sample).hidden === 0;
}

/** Those who wait for a lock, and it is not told for whom: nobody in their queue was asked. */
export function untoldWaiters(sample: Sample): number {
  let untold = 0;
  for (const ids of lockWaits(sample).blockers.values()) if (ids.length === 0) untold++;
  return untold;
}

/** Whom this one waits for directly, by pid; 0 is a prepared transaction. */
export function blockersOf(sample: Sample, pid: number): readonly number[] {
  return pidsOf(lockWaits(sample).blockers.get(pid) ?? []);
}

export function behind(sample: Sample, pids: readonly number[]): Behind {
  const waits = lockWaits(sample);
  const { direct, prepared } = waits;
  const reached = reachedFrom(pids.includes(0) ? [...pids, ...prepared.keys()] : pids, direct);
  for (const pid of pids) reached.delete(pid);
  const waiters = sample.backends.filter((backend) => reached.has(backend.pid));
  const longest = waiters.reduce<WaitAge | null>((most, { pid }) => longer(most, waitAge(sample, pid, waits)), null);
  return { waiters, longest };
}

export interface WaitAge {
  readonly seconds: number;
  /** Else it is its query's age, and it has waited for a part of that. */
  readonly exact: boolean;
}

/** How long somebody has been waiting; null when that is hidden from us. */
export function waitAge(sample: Sample, pid: number, { places, byPid } = lockWaits(sample)): WaitAge | null {
  const place = places.get(pid);
  const since = secondsSince(place?.queue.sinceSeconds[place.at] ?? null, sample);
  if (since !== null) return { seconds: since, exact: true };
  const seconds = secondsSince(byPid.get(pid)?.queryStartSeconds ?? null, sample);
  return seconds === null ? null : { seconds, exact: false };
}

export function longer(a: WaitAge | null, b: WaitAge | null): WaitAge | null {
  return a === null || (b !== null && b.seconds > a.seconds) ? b : a;
}

// Several panels ask the same question of the same sample in one paint.
export const blocking = lastResult((sample: Sample): Blocking => assess(sample, lockWaits(sample)));

function assess({ backends }: Sample, waits: LockWaits): Blocking {
  const blocks = countsBehind(waits.direct);
  const direct = new Map(waits.direct);
  const prepared = [0, ...waits.prepared.keys()].filter((id) => direct.has(id));
  if (prepared.length > 0) {
    blocks.set(0, reachedFrom(prepared, waits.direct).size - prepared.length);
    direct.set(0, [...new Set(prepared.flatMap((id) => waits.direct.get(id)!))]);
    for (const id of waits.prepared.keys()) {
      blocks.delete(id);
      direct.delete(id);
    }
  }
  const blocker = new Map<number, number>();
  for (const [waiter, ids] of waits.blockers) {
    if (ids.length === 0) continue;
    const named = Math.max(0, ids.find((id) => !waits.blockers.has(id)) ?? ids[0]!);
    for (const pid of [waiter, ...(waits.workers.get(waiter) ?? [])]) blocker.set(pid, named);
  }
  return { waiting: backends.filter(waitsForLock).length, blocks, blocker, direct };
}

function pidsOf(ids: readonly number[]): readonly number[] {
  return ids.every((id) => id >= 0) ? ids : [...new Set(ids.map((id) => Math.max(0, id)))];
}
