import type { Override, TimeoutName, Tuning } from "../model/tuning.ts";
import { bytesIn, secondsIn } from "../text/amount.ts";

/** Where a setting of a session comes from: for its role in its database, for its role, for its database, for everybody. */
function overrideFor(
  overrides: readonly Override[],
  name: string,
  role: string | null,
  database: string | null,
): Override | null {
  let best: Override | null = null;
  let rank = -1;
  for (const override of overrides) {
    if (override.name !== name) continue;
    if (override.role !== null && override.role !== role) continue;
    if (override.database !== null && override.database !== database) continue;
    const own = (override.role === null ? 0 : 2) + (override.database === null ? 0 : 1);
    if (own > rank) [best, rank] = [override, own];
  }
  return best;
}

/** Seconds; 0 is off; null: not known. */
export function timeoutFor(
  { overrides, timeouts }: Tuning,
  name: TimeoutName,
  role: string | null,
  database: string | null,
): number | null {
  const override = overrideFor(overrides, name, role, database);
  return override === null ? timeouts[name] : secondsIn(override.value);
}

/** What a session begins with; what it sets for itself nobody else can see. */
export interface MemorySettings {
  readonly workMemBytes: number;
  readonly hashMemMultiplier: number;
  readonly perGather: number;
  readonly tempBuffersBytes: number;
}

/** What a session of a role in a database begins with: one and the same object for one and the same pair. */
export function memorySettings(tuning: Tuning): (role: string | null, database: string | null) => MemorySettings {
  const { workMemBytes, hashMemMultiplier, maxParallelWorkersPerGather, tempBuffersBytes } = tuning;
  const common = { workMemBytes, hashMemMultiplier, perGather: maxParallelWorkersPerGather, tempBuffersBytes };
  const overrides = memoryOverrides(tuning);
  if (overrides.length === 0) return () => common;
  const known = new Map<string | null, Map<string | null, MemorySettings>>();
  return (role, database) => {
    let ofRole = known.get(role);
    if (ofRole === undefined) known.set(role, (ofRole = new Map()));
    let settings = ofRole.get(database);
    if (settings === undefined) ofRole.set(database, (settings = settingsFor(overrides, role, database, common)));
    return settings;
  };
}

/** Of roles and databases that have settings of their own, those that decide about memory. */
export function memoryOverrides({ overrides }: Tuning): readonly Override[] {
  return overrides.filter(({ name }) => name in READS);
}

/** One value as it was written; null: it cannot be read. */
const READS: Readonly<Record<string, (value: string) => number | null>> = {
  work_mem: bytesIn,
  hash_mem_multiplier: numberIn,
  max_parallel_workers_per_gather: numberIn,
  // In blocks, where it has no unit.
  temp_buffers: (value) => (/^\s*\d+\s*$/.test(value) ? Number(value) * 8192 : bytesIn(value)),
};

function settingsFor(
  overrides: readonly Override[],
  role: string | null,
  database: string | null,
  common: MemorySettings,
): MemorySettings {
  const read = (name: string): number | null => {
    const override = overrideFor(overrides, name, role, database);
    return override === null ? null : READS[name]!(override.value);
  };
  return {
    workMemBytes: read("work_mem") ?? common.workMemBytes,
    hashMemMultiplier: read("hash_mem_multiplier") ?? common.hashMemMultiplier,
    perGather: read("max_parallel_workers_per_gather") ?? common.perGather,
    tempBuffersBytes: read("temp_buffers") ?? common.tempBuffersBytes,
  };
}

function numberIn(value: string): number | null {
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
