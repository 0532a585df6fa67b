import type { Backend } from "../model/backend.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import { lastResult } from "./last-result.ts";

/** The server's own processes are much younger than their postmaster. */
export interface YoungProcesses {
  /** When the first of them began, on the server's clock. */
  readonly atSeconds: number;
  /** When writes could go on: on a primary recovery had ended then. */
  readonly upSeconds: number;
  /** Of what kinds they are, in the words of pg_stat_activity. */
  readonly kinds: readonly string[];
  /** False: it may as well have been started, and have recovered all that time before it began them. */
  readonly crashed: boolean;
}

/**
 * One process that ends without cleaning up, by SIGKILL or a fault, makes the postmaster end all others and begin anew, and the start of the
 * postmaster stays what it was. Nothing else restarts checkpointer and background writer: the end of either alone is taken for a crash as
 * well. From 15 on they begin with the startup process, up to 14 on a primary only when it has recovered.
 *
 * Null: they are as old as the postmaster, or hidden from our role.
 *
 * @param longRecoverySeconds where it may have been a start as well, one that took less is nothing to speak of
 */
export const youngProcesses = lastResult((sample: Sample, longRecoverySeconds: number): YoungProcesses | null => {
  const { server } = sample;
  const starts = startsOf(sample.backends);
  const writer = starts.get("walwriter");
  const atSeconds = Math.min(...starts.values());
  if (!Number.isFinite(atSeconds) || (starts.size === 1 && writer !== undefined)) return null;
  const later = atSeconds - server.startedSeconds;
  const crashed = (majorOf(server) ?? 10) >= 15;
  const soon = speaksSql(server.lane) ? SOON_SECONDS : SOON_BY_KERNEL_SECONDS;
  if (later < (crashed ? soon : Math.max(soon, longRecoverySeconds))) return null;
  return { atSeconds, upSeconds: writer ?? atSeconds, kinds: [...starts.keys()], crashed };
});

/** Measured on a machine at work: within 50 ms. */
const SOON_SECONDS = 2;
/** For the kernel the postmaster begins before it has read its settings and loaded its libraries. */
const SOON_BY_KERNEL_SECONDS = 10;
function startsOf(backends: readonly Backend[]): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  for (const { backendType, backendStartSeconds } of backends)
    if (backendType !== null && backendStartSeconds !== null && KINDS.has(backendType))
      starts.set(backendType, backendStartSeconds);
  return starts;
}

const KINDS: ReadonlySet<string> = new Set(["checkpointer", "background writer", "walwriter"]);
