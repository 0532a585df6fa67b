import type { Sample } from "../model/reading.ts";
import type { Tuning } from "../model/tuning.ts";
import { demand, type Demand } from "./demand.ts";
import { assessMemory, OPERATIONS, type Memory } from "./memory.ts";
import { levelOf, slots, type Level, type Thresholds } from "./slots.ts";

/** What somebody thinks of changing; null: as it is. */
export interface WhatIf {
  /** max_connections. */
  readonly connections: number | null;
  readonly workMemBytes: number | null;
  /** max_parallel_workers. */
  readonly parallelWorkers: number | null;
  /** Server connections of a pooler through which all clients come; null: there is none. */
  readonly poolSize: number | null;
}

export type WhatIfField = keyof WhatIf;

export const WHAT_IF_FIELDS = [
  "connections",
  "workMemBytes",
  "parallelWorkers",
  "poolSize",
] as const satisfies readonly WhatIfField[];

export const NO_WISH: WhatIf = { connections: null, workMemBytes: null, parallelWorkers: null, poolSize: null };

/** How it is, or would be. */
export interface Outlook {
  /** max_connections, and those that ordinary roles can use. */
  readonly connections: number;
  readonly app: number;
  /** Sessions that hold slots: those there are, or those of the pool. */
  readonly used: number;
  readonly level: Level;
  readonly workMemBytes: number;
  readonly parallelWorkers: number;
  readonly tuning: Tuning;
  /** With every slot in use. */
  readonly memory: Memory & { readonly full: Demand };
  /** With all sessions of the pool at work; null without one. */
  readonly pooled: Demand | null;
}

/** Null: without SQL nobody knows what is set. */
export function outlook(sample: Sample, poolSize: number | null, thresholds: Thresholds): Outlook | null {
  const { settings, tuning } = sample.server;
  const { max, app, used } = slots(sample, thresholds);
  const memory = assessMemory(sample, OPERATIONS);
  const { full, facts } = memory;
  if (tuning === null || max === null || app === null || full === null || facts === null) return null;
  const holding = poolSize ?? used.low;
  return {
    connections: max,
    app,
    used: holding,
    level: levelOf(holding, settings, thresholds),
    workMemBytes: tuning.workMemBytes,
    parallelWorkers: tuning.maxParallelWorkers,
    tuning,
    memory: { ...memory, full },
    pooled: poolSize === null ? null : demand(facts, poolSize),
  };
}

/** What decides whether the machine has enough: with a pool, its sessions. */
export function mostAtWork({ pooled, memory }: Outlook): Demand {
  return pooled ?? memory.full;
}
