import type { ProcessUsage } from "../../model/usage.ts";
import { readMemoryFile } from "./memory-file.ts";
import { parseRollup, statusMemory } from "./usage-files.ts";

/** A process whose memory is wished for. */
export interface Metered {
  readonly pid: number;
  readonly startTicks: number;
  /** They change when it runs; null where nobody counts. */
  readonly counters: string | null;
}

export type Memory = Pick<ProcessUsage, "memoryBytes" | "memoryHow">;

/** With the counters from before it was measured. */
export interface Measured extends Memory, Metered {
  readonly atSeconds: number;
}

export interface MemoryMeter {
  /**
   * Measures those that need it most, for about 20 ms of the machine's time; or, if it is to be complete, every one. Returns the
   * milliseconds that it took, of which few are on our event loop.
   */
  measure(processes: readonly Metered[], complete: boolean): Promise<number>;
  /** As it was measured last. */
  of(process: Metered): Memory;
}

/**
 * To add up the pages of one process takes the kernel 0.25 ms, and more where it has touched much of a large shared_buffers;
 * meanwhile the process cannot change the map of its memory. So this goes by a budget, and who has taken more than that has less
 * the next time.
 */
export function memoryMeter(): MemoryMeter {
  const measured = new Map<number, Measured>();
  /** Who has been asked and has not answered, in whichever sample that was. */
  const waiting = new Set<number>();
  let owedMs = 0;
  /** What one of them has cost lately. */
  let eachMs = BUDGET_MS;

  async function measure(processes: readonly Metered[], complete: boolean): Promise<number> {
    forgetOthers(processes);
    const began = performance.now();
    const cpu = process.cpuUsage();
    const allowedMs = complete ? Number.POSITIVE_INFINITY : BUDGET_MS - owedMs;
    const queue = inNeed(processes, measured, began / 1000, complete).filter(({ pid }) => !waiting.has(pid));
    let spentMs = 0;
    for (let next = 0; next < queue.length && spentMs < allowedMs && waiting.size < MOST_WAITING;) {
      const patienceMs = complete ? PATIENCE_MS : LATEST_MS - (performance.now() - began);
      if (patienceMs <= 0) break;
      const affordable = Math.max(1, Math.min(AT_ONCE, Math.floor((allowedMs - spentMs) / eachMs)));
      const some = queue.slice(next, next + affordable);
      await answers(some, patienceMs);
      const now = cpuMsSince(cpu);
      eachMs = (now - spentMs) / some.length;
      [next, spentMs] = [next + some.length, now];
    }
    if (!complete) owedMs = Math.max(0, spentMs - allowedMs);
    return spentMs;
  }

  function forgetOthers(processes: readonly Metered[]): void {
    const starts = new Map(processes.map(({ pid, startTicks }) => [pid, startTicks]));
    for (const [pid, { startTicks }] of measured) if (starts.get(pid) !== startTicks) measured.delete(pid);
  }

  /** Whoever takes longer is told the next time. */
  function answers(some: readonly Metered[], patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const impatience = setTimeout(resolve, patienceMs);
      let asked = some.length;
      for (const one of some) {
        waiting.add(one.pid);
        readMemoryFile(one.pid, "smaps_rollup", (content) => {
          waiting.delete(one.pid);
          measured.set(one.pid, { ...one, atSeconds: performance.now() / 1000, ...memory(one.pid, content) });
          if (--asked > 0) return;
          clearTimeout(impatience);
          resolve();
        });
      }
    });
  }

  return {
    measure,
    of({ pid, startTicks }) {
      const found = measured.get(pid);
      return found?.startTicks === startTicks ? found : NOT_MEASURED;
    },
  };
}

/**
 * First who has never been measured, then who has run since, then who was measured long ago: a process that rests keeps its memory,
 * but its share of what it has in common with others changes as they come and go. Among these, the oldest first.
 */
export function inNeed(
  processes: readonly Metered[],
  measured: ReadonlyMap<number, Measured>,
  nowSeconds: number,
  complete = false,
): readonly Metered[] {
  return processes
    .map((one) => {
      const before = measured.get(one.pid);
      const { atSeconds = Number.NEGATIVE_INFINITY, counters = null } = before ?? {};
      const ran = counters === null || counters !== one.counters;
      return { one, atSeconds, rests: before !== undefined && !ran };
    })
    .filter(({ atSeconds, rests }) => complete || !rests || nowSeconds - atSeconds >= RESTING_SECONDS)
    .sort((a, b) => Number(a.rests) - Number(b.rests) || older(a.atSeconds, b.atSeconds))
    .map(({ one }) => one);
}

function older(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Where we may not look closer, or the kernel does not, pages that it still shares with the postmaster count in full. */
function memory(pid: number, rollup: Buffer | null): Memory {
  const { anonymousBytes, pageTableBytes } = statusMemory(pid);
  const byShare = rollup === null ? null : parseRollup(rollup.toString("latin1"));
  const own = byShare ?? anonymousBytes;
  if (own === null || pageTableBytes === null) return NOT_MEASURED;
  return { memoryBytes: own + pageTableBytes, memoryHow: byShare === null ? "at most" : "measured" };
}

const NOT_MEASURED: Memory = { memoryBytes: null, memoryHow: null };

/** Of processors' time, most of it the kernel's; what else this process of ours does meanwhile counts as well. */
const BUDGET_MS = 20;
/** On a machine that has much to do, the time passes with less: a sample does not wait for longer. */
const LATEST_MS = 50;
const PATIENCE_MS = 500;
/** Enough that none of the threads which read files waits for our loop between two of them. */
const AT_ONCE = 8;
/** Each of them keeps one of those four threads. */
const MOST_WAITING = 2;
const RESTING_SECONDS = 30;
