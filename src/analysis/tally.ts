import { isClient, mayBeClient, type Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { slots } from "./slots.ts";
import { states } from "./states.ts";
import { turnover } from "./turnover.ts";

/** The few numbers of a sample that sparklines and charts draw; kept beside it, so that a paint never rescans history. */
export interface Tally {
  /** Slots surely used. */
  readonly used: number;
  readonly active: number;
  readonly waiting: number;
  /** Of the active ones, those that want a processor or a disk; and beside them parallel workers. */
  readonly working: number;
  readonly parallelWorkers: number;
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
  const { byState, waitingForLock, working, parallelWorkers } = states(sample);
  const change = before === null ? null : rates(before, sample);
  return {
    used: slots(sample).used.low,
    active: byState.active.count,
    waiting: waitingForLock.count,
    working,
    parallelWorkers,
    idle: byState.idle.count,
    idleInTransaction: byState["idle in transaction"].count,
    aborted: byState["idle in transaction (aborted)"].count,
    starting: byState.starting.count,
    openedPerSecond: change?.opened ?? null,
    gonePerSecond: change?.gone ?? null,
  };
}

function rates(before: Sample, after: Sample): { opened: number; gone: number } | null {
  const seconds = after.serverSeconds - before.serverSeconds;
  if (seconds <= 0) return null;
  const { came, gone } = turnover(before, after);
  const sessions = (backends: Iterable<Backend>): number =>
    [...backends].filter((b) => isClient(b) || mayBeClient(b)).length;
  return { opened: sessions(came) / seconds, gone: sessions(gone) / seconds };
}
