import type { ProcessUsage } from "../../model/usage.ts";
import { TICKS_PER_SECOND } from "./processes.ts";
import type { DiskBytes } from "./usage-files.ts";

/** What a process had used up when it was looked at. */
export interface Look {
  readonly startTicks: number;
  /** On a clock that only goes forward. */
  readonly atSeconds: number;
  readonly cpuTicks: number;
  /** Null where we may not look. */
  readonly disk: DiskBytes | null;
}

export type Rates = Pick<ProcessUsage, "cpuPercent" | "readBytesPerSecond" | "writtenBytesPerSecond">;

/** A look, and what it says beside the one before. */
export interface Looked {
  readonly look: Look;
  readonly rates: Rates;
}

/**
 * What has been used since the look before. `ageSeconds` is that of a process which was not there then: it is told since its start.
 * Null where nobody was looked at before, so that there is nothing to tell.
 *
 * Soon after the look before it stays with that: a tick more or less would be a large share of a short time.
 */
export function looked(before: Looked | undefined, look: Look, ageSeconds: number | null): Looked {
  if (before?.look.startTicks === look.startTicks) return since(before, look);
  // In some containers the uptime is that of the container, and starts are not.
  if (ageSeconds === null || ageSeconds < 0) return { look, rates: NOT_YET };
  const disk = look.disk === null ? null : { read: 0, written: 0 };
  const start = { ...look, atSeconds: look.atSeconds - ageSeconds, cpuTicks: 0, disk };
  return since({ look: start, rates: NOT_YET }, look);
}

function since(before: Looked, look: Look): Looked {
  const seconds = look.atSeconds - before.look.atSeconds;
  return seconds < SHORTEST_SECONDS ? before : { look, rates: ratesBetween(before.look, look, seconds) };
}

function ratesBetween(before: Look, now: Look, seconds: number): Rates {
  const each = (kind: keyof DiskBytes): number | null =>
    before.disk === null || now.disk === null ? null : Math.max(0, now.disk[kind] - before.disk[kind]) / seconds;
  return {
    // The kernel divides what a process has run into two numbers anew each time, and their sum may go back by a tick.
    cpuPercent: (Math.max(0, now.cpuTicks - before.cpuTicks) / TICKS_PER_SECOND / seconds) * 100,
    readBytesPerSecond: each("read"),
    writtenBytesPerSecond: each("written"),
  };
}

const NOT_YET: Rates = { cpuPercent: null, readBytesPerSecond: null, writtenBytesPerSecond: null };

/** Ten ticks. */
const SHORTEST_SECONDS = 0.1;
