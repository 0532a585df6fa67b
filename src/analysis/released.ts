import type { LockQueue } from "../model/lock-queue.ts";
import type { Sample } from "../model/reading.ts";
import { reachedFrom } from "./counts-behind.ts";
import { oneAtATime } from "./lock-modes.ts";
import { lockWaits } from "./lock-waits.ts";

/** What becomes of those behind somebody when that one ends. */
export interface Released {
  /** Get what they wait for as soon as it has ended. */
  readonly atOnce: number;
  /** Wait for nobody else but for those who get on before them. */
  readonly inTurn: number;
  /** Wait for others as well, and go on waiting. */
  readonly held: number;
}

/** @param id as in LockWaits */
export function releasedBy(sample: Sample, id: number): Released {
  const { blockers, direct, places } = lockWaits(sample);
  const reached = reachedFrom([id], direct);
  // How many of those that it waits for are in its way still.
  const left = new Map([...reached].map((one) => [one, blockers.get(one)?.length ?? 0]));
  const served = new Set<LockQueue>();
  const released = [id];
  let atOnce = 0;
  for (const one of released) {
    for (const waiter of direct.get(one) ?? []) {
      const more = left.get(waiter)! - 1;
      left.set(waiter, more);
      if (more > 0 || waiter === id) continue;
      released.push(waiter);
      const queue = places.get(waiter)?.queue;
      if (one !== id || (queue !== undefined && served.has(queue))) continue;
      atOnce++;
      // The others in it wait for the first one then.
      if (queue !== undefined && oneAtATime(queue.mode)) served.add(queue);
    }
  }
  return { atOnce, inTurn: released.length - 1 - atOnce, held: reached.size - released.length };
}
