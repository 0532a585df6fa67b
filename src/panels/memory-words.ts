import { autovacuumWorkersAllowed } from "../analysis/autovacuum.ts";
import type { Demand } from "../analysis/demand.ts";
import { MAINTENANCE_COMMANDS } from "../analysis/demand.ts";
import type { Memory } from "../analysis/memory.ts";
import { SHARED_PER_CONNECTION } from "../analysis/memory.ts";
import { RESTING_BYTES, type PrivateMemory } from "../analysis/private-memory.ts";
import type { Sample } from "../model/reading.ts";
import type { Tuning } from "../model/tuning.ts";
import { bytes } from "../text/bytes.ts";
import { plural } from "../text/format.ts";

/** Why nobody can say what is set. */
export const NO_SETTINGS = "unknown, because without SQL nobody tells what is set";

/** Why private memory is not measured. */
function unmeasuredWords({ server, usage }: Sample): string {
  if (usage !== null) return "not measured yet";
  if (server.lane === "host" || server.tuning?.machineBytes != null) return "not measured yet";
  return "not measured, because the server runs elsewhere";
}

/** Why nobody knows how much memory the machine has. */
export function machineUnknown({ server }: Sample): string {
  if (server.tuning === null) return "unknown, because it is read with the settings, by SQL";
  return "unknown, because the server runs elsewhere";
}

/** "2.1 GB", or "426 MB to 2.1 GB" where it is not measured. */
export function privateBytes({ lowBytes, highBytes }: PrivateMemory): string {
  const [low, high] = [bytes(lowBytes), bytes(highBytes)];
  return low === high ? high : `${low} to ${high}`;
}

/** "213 measured, median 2.1 MB, largest 262 MB"; "3 of 213 measured …"; of none, what is taken for granted. */
export function measuredWords(memory: PrivateMemory, sample: Sample): string {
  const { processes, measured } = memory;
  if (measured === null) return `${processes} × ${restingRange()}: ${unmeasuredWords(sample)}`;
  const n = measured.processes === processes ? String(processes) : `${measured.processes} of ${processes}`;
  const how = measured.how === "measured" ? "measured" : "measured, as at most";
  const rest = measured.processes === processes ? "" : `, ${restingRange()} each for the others`;
  return `${n} ${how}: median ${bytes(measured.medianBytes)}, largest ${bytes(measured.largestBytes)}${rest}`;
}

export function restingRange(): string {
  return `${RESTING_BYTES.low / 2 ** 20} to ${bytes(RESTING_BYTES.high)}`;
}

export function sharedWords({ shared }: Memory): string {
  if (shared === null) return NO_SETTINGS;
  if (!shared.about) return "shared_memory_size";
  return `about: shared_buffers × 1.1 + ${bytes(SHARED_PER_CONNECTION)} each`;
}

/** "300 × 10 MB"; where some are measured, how many are and how many are not: a mean of both would look as if all were. */
export function restingWords({ sessions, restingBytes }: Demand, { sessions: { measured } }: Memory): string {
  if (measured === null) return `${sessions} × ${bytes(restingBytes / Math.max(1, sessions))}`;
  const { processes, medianBytes } = measured;
  const assumed = sessions - processes;
  if (assumed <= 0) return `${assumed < 0 ? `the ${sessions} largest of ` : ""}${processes} measured`;
  return `${processes} measured, ${assumed} assumed at ${bytes(Math.max(RESTING_BYTES.high, medianBytes))}`;
}

/** "300 × 2 × 4.0 MB × 2 if hashes". */
export function workWords({ sessions }: Demand, { operations, overrides }: Memory, tuning: Tuning): string {
  const own = overrides.length === 0 ? "" : ", or of their own";
  return `${sessions} × ${eachWords(operations, tuning)}${tuning.hashMemMultiplier > 1 ? " (hashes)" : ""}${own}`;
}

/** "2 × 4.0 MB × 2": operations, work_mem, hash_mem_multiplier. */
function eachWords(operations: number, { workMemBytes, hashMemMultiplier }: Tuning): string {
  return `${operations} × ${bytes(workMemBytes)}${hashMemMultiplier > 1 ? ` × ${hashMemMultiplier}` : ""}`;
}

export function parallelWords({ parallel }: Demand, { operations, overrides }: Memory, tuning: Tuning): string {
  if (parallel.workers === 0) return "none: no session may have any";
  const own = overrides.length === 0 ? "" : ", or more";
  return `${parallel.workers} for all × (${bytes(RESTING_BYTES.high)} + ${eachWords(operations, tuning)}${own})`;
}

export function maintenanceWords(sample: Sample, tuning: Tuning): string {
  if (sample.server.role === "standby") return "none on a standby";
  const { autovacuumWorkMemBytes, maintenanceWorkMemBytes } = tuning;
  const each = `(${bytes(RESTING_BYTES.high)} + ${bytes(autovacuumWorkMemBytes)})`;
  return `${autovacuumWorkersAllowed(tuning)} × ${each} + ${MAINTENANCE_COMMANDS} × ${bytes(maintenanceWorkMemBytes)} by hand`;
}

/** "144 MB + 1.0 GB + … = 3.2 GB": the parts of the sum in their order. */
export function sumWords(demand: Demand): string {
  const { sharedBytes, restingBytes, othersBytes, workBytes, parallel, maintenanceBytes, totalBytes } = demand;
  const parts = [sharedBytes, restingBytes, othersBytes, workBytes, parallel.bytes, maintenanceBytes];
  return `${parts.map(bytes).join(" + ")} = ${bytes(totalBytes)}`;
}

/** The formula of old with its numbers, and what it comes to with as many workers as there can be. */
export function seedWords({ seed, operations }: Memory, tuning: Tuning): string {
  if (seed === null) return NO_SETTINGS;
  const { processesOfQuery, connections, cappedBytes, workers } = seed;
  const product = `${bytes(tuning.workMemBytes)} × ${operations} × ${processesOfQuery} × ${connections}`;
  return `${product}; with ${plural(workers, "worker")} ${bytes(cappedBytes)}`;
}

/** "13 %", "19,140 times"; null: nobody knows of how much. */
export function ofMachine(value: number, { machine }: Memory): string | null {
  if (machine === null) return null;
  const share = value / machine.bytes;
  return isManyTimes(share) ? `${Math.round(share).toLocaleString("en-US")} times` : `${Math.round(share * 100)} %`;
}

/** "13 % of the machine", "19,140 times the machine". */
export function ofTheMachine(value: number, known: Memory): string | null {
  const share = ofMachine(value, known);
  if (share === null) return null;
  return `${share}${isManyTimes(value / known.machine!.bytes) ? "" : " of"} the ${known.machine!.is}`;
}

/** From ten times on nobody reads percents. */
function isManyTimes(share: number): boolean {
  return share >= 10;
}
