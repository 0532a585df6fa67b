import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { Tuning } from "../model/tuning.ts";
import { autovacuumWorkersAllowed } from "./autovacuum.ts";
import { measuredBytes, RESTING_BYTES, type Processes } from "./private-memory.ts";
import { memorySettings, type MemorySettings } from "./setting.ts";
import { numberOf } from "./setting-read.ts";

/** What so many sessions, all of them at work at the same time, may take: an upper estimate, and no ceiling. */
export interface Demand {
  readonly sessions: number;
  readonly sharedBytes: number;
  /** What sessions have before they sort anything. */
  readonly restingBytes: number;
  readonly othersBytes: number;
  /** Sorts and hashes of the sessions themselves. */
  readonly workBytes: number;
  readonly parallel: { readonly workers: number; readonly bytes: number };
  readonly maintenanceBytes: number;
  /** All of these together. */
  readonly totalBytes: number;
  /** Not in the sum: a session takes it bit by bit as it reads and writes temporary tables, and most never do. */
  readonly temporaryBytes: number;
}

/** What the sums rest on, made once for a sample and asked for several numbers of sessions. */
export interface DemandFacts {
  readonly tuning: Tuning;
  readonly operations: number;
  readonly sharedBytes: number;
  readonly isStandby: boolean;
  readonly processes: Processes;
  readonly present: Present;
  /** What one that is not here yet may take. */
  readonly absent: Load;
}

/** The sessions that are here. */
interface Present {
  readonly sessions: number;
  readonly restingBytes: readonly number[];
  readonly restingSum: number;
  readonly workSum: number;
  readonly loads: readonly Load[];
}

/** Of `sessions` of one kind, each: so much for its sorts and hashes, and for those of each of its workers. */
interface Load {
  readonly sessions: number;
  readonly restingBytes: number;
  readonly workBytes: number;
  readonly temporaryBytes: number;
  readonly perGather: number;
}

/** One CREATE INDEX, VACUUM or the like by hand. Its parallel workers share the maintenance_work_mem that it has. */
export const MAINTENANCE_COMMANDS = 1;

export function demandFacts(
  sample: Sample,
  tuning: Tuning,
  given: Pick<DemandFacts, "operations" | "sharedBytes" | "processes">,
): DemandFacts {
  const { operations, processes } = given;
  const settingsOf = memorySettings(tuning);
  const kinds = new Map<MemorySettings, number>();
  const restingBytes: number[] = [];
  let [restingSum, workSum] = [0, 0];
  for (const backend of processes.sessions) {
    const settings = settingsOf(backend.user, backend.database);
    kinds.set(settings, (kinds.get(settings) ?? 0) + 1);
    const { resting, beyond } = restingOf(backend, sample);
    restingBytes.push(resting);
    restingSum += resting;
    workSum += Math.max(workOf(settings, operations), beyond);
  }
  const loads = [...kinds].map(([settings, sessions]) => load(settings, sessions, operations));
  const present = { sessions: processes.sessions.length, restingBytes, restingSum, workSum, loads };
  return {
    ...given,
    tuning,
    isStandby: sample.server.role === "standby",
    present,
    absent: absentLoad(load(settingsOf(null, null), 1, operations), present, processes),
  };
}

/**
 * A session at work has its sorts among what it is measured with: what it has beyond RESTING_BYTES.high counts as these, so that they count
 * once. One that rests may keep what it has, and sort beside it.
 */
function restingOf(backend: Backend, sample: Sample): { resting: number; beyond: number } {
  const measured = measuredBytes(backend, sample);
  if (measured === null) return { resting: RESTING_BYTES.high, beyond: 0 };
  if (backend.state !== "active") return { resting: measured, beyond: 0 };
  const resting = Math.min(measured, RESTING_BYTES.high);
  return { resting, beyond: measured - resting };
}

/** Any of its operations may be a hash. */
function workOf({ workMemBytes, hashMemMultiplier }: MemorySettings, operations: number): number {
  return operations * workMemBytes * Math.max(1, hashMemMultiplier);
}

function load(settings: MemorySettings, sessions: number, operations: number): Load {
  return {
    sessions,
    restingBytes: RESTING_BYTES.high,
    workBytes: workOf(settings, operations),
    temporaryBytes: settings.tempBuffersBytes,
    perGather: settings.perGather,
  };
}

/** As those that are here are on average, and never less than what is set for everybody. */
function absentLoad(common: Load, { sessions, loads }: Present, { sessionMemory }: Processes): Load {
  const mean = (of: (one: Load) => number): number =>
    loads.reduce((sum, one) => sum + one.sessions * of(one), 0) / Math.max(1, sessions);
  return {
    ...common,
    restingBytes: Math.max(common.restingBytes, sessionMemory.measured?.medianBytes ?? 0),
    workBytes: Math.max(common.workBytes, Math.ceil(mean((one) => one.workBytes))),
  };
}

/** Of more sessions than there are, those that are missing are `absent`; of fewer, those count that may take the most. */
export function demand(facts: DemandFacts, sessions: number): Demand {
  const { present, absent, tuning, sharedBytes } = facts;
  const missing = Math.max(0, sessions - present.sessions);
  const loads = theMost(sessions, [...present.loads, { ...absent, sessions: missing }]);
  const sum = (of: (one: Load) => number): number => loads.reduce((sum, one) => sum + one.sessions * of(one), 0);
  const all = sessions >= present.sessions;
  const parts = {
    sharedBytes,
    restingBytes: (all ? present.restingSum : largest(present.restingBytes, sessions)) + missing * absent.restingBytes,
    othersBytes: facts.processes.others.highBytes,
    workBytes: all ? present.workSum + missing * absent.workBytes : sum((one) => one.workBytes),
    parallel: parallel(facts, loads),
    maintenanceBytes: maintenance(facts, tuning),
  };
  const totalBytes =
    sharedBytes +
    parts.restingBytes +
    parts.othersBytes +
    parts.workBytes +
    parts.parallel.bytes +
    parts.maintenanceBytes;
  return { sessions, ...parts, totalBytes, temporaryBytes: sum((one) => one.temporaryBytes) };
}

/** So many sessions, those with the most work_mem first. */
function theMost(sessions: number, loads: readonly Load[]): readonly Load[] {
  let left = sessions;
  return [...loads]
    .sort((a, b) => b.workBytes - a.workBytes)
    .map((one) => {
      const taken = Math.min(left, one.sessions);
      left -= taken;
      return { ...one, sessions: taken };
    });
}

function largest(bytes: readonly number[], n: number): number {
  return [...bytes]
    .sort((a, b) => b - a)
    .slice(0, n)
    .reduce((sum, one) => sum + one, 0);
}

/** max_parallel_workers is for all sessions together: at the worst they work for those with the most work_mem. */
function parallel({ tuning, processes }: DemandFacts, loads: readonly Load[]): Demand["parallel"] {
  let left = mostParallelWorkers(tuning);
  let bytes = 0;
  let workers = 0;
  for (const { sessions, perGather, workBytes } of loads) {
    const taken = Math.min(left, sessions * perGather);
    left -= taken;
    workers += taken;
    bytes += taken * (RESTING_BYTES.high + workBytes);
  }
  return { workers, bytes: Math.max(bytes, processes.parallelWorkers.measured?.sumBytes ?? 0) };
}

/** Background workers of all kinds are no more than max_worker_processes. */
export function mostParallelWorkers(tuning: Tuning): number {
  return Math.min(tuning.maxParallelWorkers, numberOf(tuning, "max_worker_processes") ?? Infinity);
}

/** A standby has no autovacuum, and nobody can give it such a command. */
function maintenance({ isStandby, processes }: DemandFacts, tuning: Tuning): number {
  if (isStandby) return 0;
  const each = RESTING_BYTES.high + tuning.autovacuumWorkMemBytes;
  const measured = processes.autovacuumWorkers.measured?.sumBytes ?? 0;
  return (
    Math.max(autovacuumWorkersAllowed(tuning) * each, measured) + MAINTENANCE_COMMANDS * tuning.maintenanceWorkMemBytes
  );
}
