import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { Tuning } from "../model/tuning.ts";
import { numberOf } from "./setting-read.ts";

/** Looking for a handful among thousands of sessions: once for each sample is enough. */
export function autovacuumWorkers(sample: Sample): readonly Backend[] {
  let known = WORKERS.get(sample);
  if (known === undefined)
    WORKERS.set(sample, (known = sample.backends.filter(({ backendType }) => backendType === "autovacuum worker")));
  return known;
}

const WORKERS = new WeakMap<Sample, readonly Backend[]>();

/** As many as can be at work at once: from 18 on there may be less room for them than are allowed. */
export function autovacuumWorkersAllowed(tuning: Tuning): number {
  return Math.min(tuning.autovacuumMaxWorkers, numberOf(tuning, "autovacuum_worker_slots") ?? Infinity);
}

/** A worker whom neither a lock that somebody wants nor autovacuum = off keeps from its table. */
export function preventsWraparound({ query }: Pick<Backend, "query">): boolean {
  return query.includes("to prevent wraparound");
}
