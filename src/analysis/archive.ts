import type { Counters } from "../model/counters.ts";
import type { Sample } from "../model/reading.ts";
import type { Server } from "../model/server.ts";
import { numberOf, wordOf } from "./setting-read.ts";

/** How the archive of WAL stands; null is not known. */
export interface Archive {
  /** The last attempt has failed, and is repeated until it succeeds. */
  readonly failing: boolean;
  /** Files that are full and not archived. */
  readonly filesWaiting: number | null;
  readonly bytesWaiting: number | null;
}

/**
 * Null: WAL is not archived here, or nobody tells. Whoever says how much waits asks here, so that all say the same: by positions of WAL, as counters
 * have them at any time, and by the files that were counted where positions tell nothing, as before the first one is archived.
 */
export function archive({
  counters,
  server,
  workings,
}: Pick<Sample, "counters" | "server"> & Partial<Pick<Sample, "workings">>): Archive | null {
  if (counters === null || !archives(server)) return null;
  const fileBytes = walFileBytes(server);
  const { lastFailedWal, currentWal, behindBytes } = counters.archiver;
  const failing = archiveFails(counters);
  // Files are archived in their order: the one that fails is the first of those that wait.
  const behindFailed = failing ? filesBetween(lastFailedWal, currentWal, fileBytes) : null;
  // The file that is written now does not wait.
  const full = behindBytes === null ? null : Math.max(0, Math.floor(behindBytes / fileBytes));
  const filesWaiting = behindFailed ?? full ?? workings?.walFilesToArchive ?? null;
  return { failing, filesWaiting, bytesWaiting: filesWaiting === null ? null : filesWaiting * fileBytes };
}

/** On a standby only archive_mode = always does it. */
export function archives(server: Pick<Server, "tuning" | "role">): boolean {
  const mode = wordOf(server.tuning, "archive_mode");
  return mode === "always" || (mode === "on" && server.role === "primary");
}

/** By what happened last: a file that failed is tried again until it is archived. */
export function archiveFails({ archiver }: Counters): boolean {
  const { lastFailedSeconds, lastArchivedSeconds } = archiver;
  return lastFailedSeconds !== null && (lastArchivedSeconds === null || lastFailedSeconds > lastArchivedSeconds);
}

export function walFileBytes({ tuning }: Pick<Server, "tuning">): number {
  return numberOf(tuning, "wal_segment_size") ?? 16 * 2 ** 20;
}

function filesBetween(from: string | null, to: string | null, fileBytes: number): number | null {
  const [first, next] = [walFileNumber(from, fileBytes), walFileNumber(to, fileBytes)];
  return first === null || next === null || next < first ? null : next - first;
}

/**
 * 0000000100000000000000A3: its timeline, and where it begins; a backup's label or a timeline's history has no place of its own in
 * that order.
 */
function walFileNumber(name: string | null, fileBytes: number): number | null {
  const [, high, low] = /^[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})$/.exec(name ?? "") ?? [];
  if (high === undefined || low === undefined) return null;
  return Number.parseInt(high, 16) * (2 ** 32 / fileBytes) + Number.parseInt(low, 16);
}
