import { isClient, mayBeClient, type BackendKey } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { slots } from "./slots.ts";
import { states } from "./states.ts";

/** The few numbers of a sample that sparklines and charts draw; kept beside it, so that a paint never rescans history. */
export interface Tally {
  /** Slots surely used. */
  readonly used: number;
  readonly active: number;
  readonly waiting: number;
  readonly idle: number;
  readonly idleInTransaction: number;
  readonly aborted: number;
  readonly starting: number;
  /** Sessions per second that are here and were not in the sample before; null without a sample right before. */
  readonly openedPerSecond: number | null;
  readonly gonePerSecond: number | null;
}

/**
 * @param before the reading right before, or null: after a gap nobody can say how many came and went. Sessions that lived
 * shorter than the interval are not seen.
 */
export function tally(sample: Sample, before: Sample | null): Tally {
  const { byState, waitingForLock } = states(sample);
  const change = before === null ? null : turnover(before, sample);
  return {
    used: slots(sample).used.low,
    active: byState.active.count,
    waiting: waitingForLock.count,
    idle: byState.idle.count,
    idleInTransaction: byState["idle in transaction"].count,
    aborted: byState["idle in transaction (aborted)"].count,
    starting: byState.starting.count,
    openedPerSecond: change?.opened ?? null,
    gonePerSecond: change?.gone ?? null,
  };
}

function turnover(before: Sample, after: Sample): { opened: number; gone: number } | null {
  const seconds = after.serverSeconds - before.serverSeconds;
  if (seconds <= 0) return null;
  const earlier = sessions(before);
  const later = sessions(after);
  let opened = 0;
  for (const key of later) if (!earlier.has(key)) opened++;
  const gone = earlier.size - (later.size - opened);
  return { opened: opened / seconds, gone: gone / seconds };
}

// Built anew for each pair: kept per sample, the sets would outweigh the samples in history.
function sessions(sample: Sample): ReadonlySet<BackendKey> {
  const keys = new Set<BackendKey>();
  for (const backend of sample.backends) if (isClient(backend) || mayBeClient(backend)) keys.add(backend.key);
  return keys;
}
