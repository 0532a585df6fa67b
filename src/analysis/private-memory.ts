import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { ProcessUsage } from "../model/usage.ts";
import { holdsSlot } from "./holder-groups.ts";

/**
 * What a session that rests has of its own, where it is not measured. Measured on 13 to 18: 1 to 2 MB when it has just begun, and
 * 11 to 13 MB when it has seen 1,500 tables.
 */
export const RESTING_BYTES = { low: 2 * 2 ** 20, high: 10 * 2 ** 20 };

/** Of several processes: those that are measured with what they have, each of the others with RESTING_BYTES. */
export interface PrivateMemory {
  readonly processes: number;
  readonly lowBytes: number;
  readonly highBytes: number;
  /** Null: none of them is. */
  readonly measured: Measured | null;
}

export interface Measured {
  readonly processes: number;
  readonly sumBytes: number;
  readonly medianBytes: number;
  readonly largestBytes: number;
  /** "at most" as soon as that is said of one of them. */
  readonly how: "measured" | "at most";
}

/** Whose memory is counted together. Our own session is one of the server's other processes: it sorts nothing. */
export interface Processes {
  readonly sessions: readonly Backend[];
  readonly sessionMemory: PrivateMemory;
  /** Neither sessions nor workers: what the server always has running, walsenders, extensions, and our own session. */
  readonly others: PrivateMemory;
  /** Workers come and go, and count with the work that they may do. */
  readonly parallelWorkers: PrivateMemory;
  readonly autovacuumWorkers: PrivateMemory;
}

export function processes(sample: Sample): Processes {
  const sessions: Backend[] = [];
  const kinds = { others: [] as Memory[], parallel: [] as Memory[], autovacuum: [] as Memory[] };
  const put = (type: string | null, memory: Memory): void => {
    const kind = type === "parallel worker" ? "parallel" : type === "autovacuum worker" ? "autovacuum" : "others";
    kinds[kind].push(memory);
  };
  const seen = new Set<number>();
  for (const backend of sample.backends) {
    seen.add(backend.pid);
    if (holdsSlot(backend) && backend.pid !== sample.server.ownPid) sessions.push(backend);
    else put(backend.backendType, memoryOf(backend.pid, sample));
  }
  // Those that no row tells of: the postmaster, the logger. Without usage only the postmaster is sure to be there.
  for (const { pid, kind, ...memory } of sample.usage?.processes.values() ?? [POSTMASTER])
    if (!seen.has(pid)) put(kind, memory);
  return {
    sessions,
    sessionMemory: together(sessions.map(({ pid }) => memoryOf(pid, sample))),
    others: together(kinds.others),
    parallelWorkers: together(kinds.parallel),
    autovacuumWorkers: together(kinds.autovacuum),
  };
}

type Memory = Pick<ProcessUsage, "memoryBytes" | "memoryHow">;

const UNKNOWN: Memory = { memoryBytes: null, memoryHow: null };
const POSTMASTER = { pid: -1, kind: "postmaster", ...UNKNOWN };

function memoryOf(pid: number, { usage }: Sample): Memory {
  return usage?.processes.get(pid) ?? UNKNOWN;
}

/** What it has of its own; null: not measured. */
export function measuredBytes({ pid }: Backend, { usage }: Sample): number | null {
  return usage?.processes.get(pid)?.memoryBytes ?? null;
}

function together(all: readonly Memory[]): PrivateMemory {
  const known: number[] = [];
  let atMost = false;
  for (const { memoryBytes, memoryHow } of all) {
    if (memoryBytes === null) continue;
    known.push(memoryBytes);
    if (memoryHow === "at most") atMost = true;
  }
  known.sort((a, b) => a - b);
  const sum = known.reduce((sum, one) => sum + one, 0);
  const unknown = all.length - known.length;
  return {
    processes: all.length,
    lowBytes: sum + unknown * RESTING_BYTES.low,
    highBytes: sum + unknown * RESTING_BYTES.high,
    measured:
      known.length === 0
        ? null
        : {
            processes: known.length,
            sumBytes: sum,
            medianBytes: known[Math.trunc(known.length / 2)]!,
            largestBytes: known.at(-1)!,
            how: atMost ? "at most" : "measured",
          },
  };
}

/** Those of the sessions that are measured with the most, the largest first. */
export function largestSessions(sample: Sample, n: number): readonly { backend: Backend; memoryBytes: number }[] {
  return sample.backends
    .flatMap((backend) => {
      const memoryBytes = holdsSlot(backend) ? measuredBytes(backend, sample) : null;
      return memoryBytes === null ? [] : [{ backend, memoryBytes }];
    })
    .sort((a, b) => b.memoryBytes - a.memoryBytes || a.backend.pid - b.backend.pid)
    .slice(0, n);
}
