/**
 * How many sessions were really at work at the same time: active, or in a fastpath call, and waiting neither for a lock nor for
 * their client. That is what wants a processor or a disk, and what a pool of connections needs a backend for. Who waits for a lock
 * would get no further with a backend more, and who waits for its client is slow by itself.
 */
export interface Concurrency {
  readonly average: number;
  /** In 95 of 100 samples it was no more than that. */
  readonly p95: number;
  readonly most: number;
  readonly samples: number;
  /** Between the first of them and the last, on the server's clock: what is said is no better than that. */
  readonly seconds: number;
  /** Sessions in a transaction that rest, on average: pool_mode = transaction keeps a backend for each of them. */
  readonly inTransaction: number;
  /** On average, and at the most, beside the sessions. */
  readonly parallelWorkers: { readonly average: number; readonly most: number };
  /** What some of the sessions do nobody tells us, so that any of them may be at work; null: of all it is told. */
  readonly unseen: Unseen | null;
}

export interface Unseen {
  /** Those there are now; there may have been others. */
  readonly sessions: number;
  /** Hidden from our role, or with track_activities off. */
  readonly why: "hidden" | "not tracked";
}

/**
 * Backends that a pool in front of the server needs: as many as were at work in 95 of 100 samples, half as many again for what happens between
 * samples, and one for each session that rests in a transaction. Null: what was seen says nothing of it, and a number that is too small
 * makes everybody wait.
 */
export function poolSize(concurrency: Concurrency | null): number | null {
  if (concurrency === null || concurrency.unseen !== null || isTooShort(concurrency)) return null;
  return Math.max(LEAST_POOL, neededSize(concurrency));
}

/** By what was seen alone: a quiet server would need hardly any. */
export function neededSize({ p95, inTransaction }: Concurrency): number {
  return Math.ceil(p95 * RESERVE) + Math.ceil(inTransaction);
}

/** A quiet hour is not the day, and in a pool of a few backends as many slow queries stop everybody. */
export const LEAST_POOL = 10;

const RESERVE = 1.5;

/** Of 95 in 100 samples nothing can be said. */
function isTooShort({ seconds, samples }: Concurrency): boolean {
  return seconds < LEAST_SECONDS || samples < LEAST_SAMPLES;
}

export const LEAST_SECONDS = 300;
const LEAST_SAMPLES = 20;

/** So short a look tells nothing of the day: the peak may be at another hour. */
export function isShort({ seconds }: Concurrency): boolean {
  return seconds < SHORT_SECONDS;
}

const SHORT_SECONDS = 600;
