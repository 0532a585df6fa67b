import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import type { Override, Setting, Tuning } from "../model/tuning.ts";
import { demand, demandFacts, mostParallelWorkers, type Demand, type DemandFacts } from "./demand.ts";
import { lastResult } from "./last-result.ts";
import { ownSettings } from "./own-settings.ts";
import { processes, type PrivateMemory } from "./private-memory.ts";
import { memoryOverrides } from "./setting.ts";
import { slots } from "./slots.ts";

/** What the server's processes have of memory, and what they may take of it. Null is not known: without SQL nobody tells what is set. */
export interface Memory {
  /** Sorts, hashes and the like of one query that are at work at the same time: nobody can see it, so it is assumed. */
  readonly operations: number;
  readonly shared: Shared | null;
  /** Our own session is among the others. */
  readonly sessions: PrivateMemory;
  /** Processes that are neither sessions nor workers of autovacuum or of a query. */
  readonly others: PrivateMemory;
  /** What the sessions there are may take if all of them are at work. */
  readonly now: Demand | null;
  /** The same with every slot in use: the worst case. Null also where nobody knows how many slots there are. */
  readonly full: Demand | null;
  readonly seed: Seed | null;
  readonly machine: { readonly bytes: number; readonly is: "machine" | "control group" } | null;
  /** Settings of roles and databases that the sums go by. */
  readonly overrides: readonly Override[];
  /** Settings that the sums take for everybody's, though only our own value is told. */
  readonly ours: readonly Setting[];
  /** For the same question about another number of sessions. */
  readonly facts: DemandFacts | null;
}

export interface Shared {
  readonly bytes: number;
  /** Before 15 the server does not tell it, and it is reckoned by shared_buffers and max_connections. */
  readonly about: boolean;
}

/**
 * The formula of old, work_mem × operations × processes of a query × connections, as if each connection had parallel workers of its own: there
 * are max_parallel_workers of them for all connections together.
 */
export interface Seed {
  readonly bytes: number;
  readonly connections: number;
  /** Of one query: its own and its parallel workers. */
  readonly processesOfQuery: number;
  /** The same product with no more workers than there can be. */
  readonly cappedBytes: number;
  readonly workers: number;
}

/** Of one query; a plan of many joins has more, most queries have fewer. */
export const OPERATIONS = 2;

export const memory = lastResult((sample: Sample, operations: number = OPERATIONS) => assessMemory(sample, operations));

/** Without a memory of its own: for a sample that is thought of, and not shown. */
export function assessMemory(sample: Sample, operations: number): Memory {
  const { tuning } = sample.server;
  const { max } = slots(sample);
  const all = processes(sample);
  const shared = tuning === null ? null : sharedOf(sample, tuning);
  const facts =
    tuning === null || shared === null
      ? null
      : demandFacts(sample, tuning, { operations, sharedBytes: shared.bytes, processes: all });
  return {
    operations,
    shared,
    sessions: all.sessionMemory,
    others: all.others,
    now: facts === null ? null : demand(facts, all.sessions.length),
    full: facts === null || max === null ? null : demand(facts, max),
    seed: tuning === null || max === null ? null : seed(tuning, operations, max),
    machine: tuning?.machineBytes == null ? null : { bytes: tuning.machineBytes, is: tuning.machineIs ?? "machine" },
    overrides: tuning === null ? [] : memoryOverrides(tuning),
    ours: ownSettings(tuning),
    facts,
  };
}

/** Measured from 13 to 18 with 100 and with 1,000 connections: 48 kB each, on 18 54 kB; with max_locks_per_transaction as it comes. */
export const SHARED_PER_CONNECTION = 54 * 1024;
/** What else there is in shared memory, by the size of the buffers that it tells where is what. */
const BEYOND_BUFFERS = 1.1;

function sharedOf({ server }: Sample, { sharedBytes }: Tuning): Shared {
  if ((majorOf(server) ?? SHARED_REPORTED_FROM) >= SHARED_REPORTED_FROM) return { bytes: sharedBytes, about: false };
  const connections = server.settings.maxConnections ?? 0;
  return { bytes: Math.round(sharedBytes * BEYOND_BUFFERS + connections * SHARED_PER_CONNECTION), about: true };
}

/** shared_memory_size. */
export const SHARED_REPORTED_FROM = 15;

function seed(tuning: Tuning, operations: number, connections: number): Seed {
  const { workMemBytes, maxParallelWorkersPerGather: perGather } = tuning;
  const workers = Math.min(mostParallelWorkers(tuning), perGather * connections);
  return {
    bytes: workMemBytes * operations * (1 + perGather) * connections,
    connections,
    processesOfQuery: 1 + perGather,
    cappedBytes: workMemBytes * operations * (connections + workers),
    workers,
  };
}
