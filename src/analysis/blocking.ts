import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { lastResult } from "./last-result.ts";
import { slots } from "./slots.ts";
import { waitsForLock } from "./states.ts";

/** Who waits for whom, over the waiters whose blockers the sample holds (a bounded number of them). */
export interface Blocking {
  /** Backends that wait for a lock, resolved or not. */
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
  /** How long the query of the one that has waited longest has been running; null when nobody waits. */
  readonly longestSeconds: number | null;
}

/** Whether who waits for whom is known of everybody: nobody is hidden from our role, and nobody was left unasked. */
export function seesAllWaiters(sample: Sample): boolean {
  return sample.waitersNotResolved === 0 && slots(sample).hidden === 0;
}

export function behind(sample: Sample, pids: readonly number[]): Behind {
  const reached = reachedFrom(pids, blocking(sample).direct);
  for (const pid of pids) reached.delete(pid);
  const waiters = sample.backends.filter((backend) => reached.has(backend.pid));
  const ages = waiters.map((waiter) => secondsSince(waiter.queryStartSeconds, sample) ?? 0);
  return { waiters, longestSeconds: ages.length === 0 ? null : ages.reduce((most, age) => Math.max(most, age)) };
}

// Several panels ask the same question of the same sample in one paint.
export const blocking = lastResult((sample: Sample): Blocking => assess(sample.backends));

function assess(backends: readonly Backend[]): Blocking {
  const waitsFor = new Map<number, readonly number[]>();
  const direct = new Map<number, number[]>();
  let waiting = 0;
  for (const backend of backends) {
    if (waitsForLock(backend)) waiting++;
    if (backend.blockedBy.length === 0) continue;
    waitsFor.set(backend.pid, backend.blockedBy);
    for (const blocker of backend.blockedBy) {
      const list = direct.get(blocker);
      if (list === undefined) direct.set(blocker, [backend.pid]);
      else list.push(backend.pid);
    }
  }
  const blocks = new Map<number, number>();
  for (const pid of direct.keys()) blocks.set(pid, reachedFrom([pid], direct).size - 1);
  const blocker = new Map<number, number>();
  for (const [pid, list] of waitsFor) blocker.set(pid, list.find((other) => !waitsFor.has(other)) ?? list[0]!);
  return { waiting, blocks, blocker, direct };
}

/** These pids and everybody behind them once, cycles included: a deadlock in flight must not hang us. */
function reachedFrom(pids: readonly number[], direct: ReadonlyMap<number, readonly number[]>): Set<number> {
  const seen = new Set<number>(pids);
  const queue = [...pids];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const waiter of direct.get(next) ?? []) {
      if (seen.has(waiter)) continue;
      seen.add(waiter);
      queue.push(waiter);
    }
  }
  return seen;
}
