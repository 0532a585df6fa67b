import type { ArchiverCounters, BufferCounters, CheckpointCounters, Counters } from "../model/counters.ts";
import type { TextRow } from "./decode.ts";
import { numberOrNull } from "./number-or-null.ts";

/** The one row of counters.sql. */
export function decodeCounters(row: TextRow): Counters {
  const [walBytes, currentWal, segmentBytes, archiving] = row.slice(16, 20);
  const [files, bytes] = row.slice(27);
  return {
    atSeconds: Number(row[0]),
    checkpoints: checkpoints(row.slice(1, 11)),
    buffers: buffers(row.slice(11, 16)),
    walBytes: numberOrNull(walBytes),
    archiver: archiver(row.slice(20, 27), {
      currentWal: currentWal ?? null,
      // On a standby there is no file that is written; without an archive nothing is behind it.
      writtenBytes: currentWal == null || archiving !== "t" ? null : numberOrNull(walBytes),
      segmentBytes: Number(segmentBytes),
    }),
    temporary: { files: Number(files), bytes: Number(bytes) },
  };
}

/** WAL files that are full and not archived, by the same row; null where it does not tell. */
export function filesBehind(row: TextRow): number | null {
  const { behindBytes } = decodeCounters(row).archiver;
  return behindBytes === null ? null : Math.floor(behindBytes / Number(row[18]));
}

function checkpoints(row: TextRow): CheckpointCounters {
  const [timed, requested, done, writeMs, syncMs, buffers, ...rest] = row;
  const [restartTimed, restartRequested, restartDone, resetSeconds] = rest;
  return {
    timed: Number(timed),
    requested: Number(requested),
    done: numberOrNull(done),
    writeMs: Number(writeMs),
    syncMs: Number(syncMs),
    buffers: Number(buffers),
    restartpoints:
      restartTimed == null
        ? null
        : { timed: Number(restartTimed), requested: Number(restartRequested), done: Number(restartDone) },
    resetSeconds: numberOrNull(resetSeconds),
  };
}

function buffers([clean, stopped, sessions, allocated, resetSeconds]: TextRow): BufferCounters {
  return {
    backgroundWriter: Number(clean),
    backgroundWriterStopped: Number(stopped),
    sessions: numberOrNull(sessions),
    allocated: Number(allocated),
    resetSeconds: numberOrNull(resetSeconds),
  };
}

interface Wal {
  readonly currentWal: string | null;
  readonly writtenBytes: number | null;
  readonly segmentBytes: number;
}

function archiver(row: TextRow, { currentWal, writtenBytes, segmentBytes }: Wal): ArchiverCounters {
  const [archived, lastArchivedWal, lastArchived, failed, lastFailedWal, lastFailed, resetSeconds] = row;
  const endBytes = lastArchivedWal == null ? null : archivedUpTo(lastArchivedWal, segmentBytes);
  return {
    archived: Number(archived),
    lastArchivedWal: lastArchivedWal ?? null,
    lastArchivedSeconds: numberOrNull(lastArchived),
    failed: Number(failed),
    lastFailedWal: lastFailedWal ?? null,
    lastFailedSeconds: numberOrNull(lastFailed),
    currentWal,
    behindBytes: writtenBytes === null || endBytes === null ? null : Math.max(0, writtenBytes - endBytes),
    resetSeconds: numberOrNull(resetSeconds),
  };
}

/**
 * Up to where WAL has been archived with the file of this name, in bytes since the beginning of all time; null where the name does not tell.
 * Positions go on from one timeline to the next, so that the first eight digits do not matter.
 */
export function archivedUpTo(name: string, segmentBytes: number): number | null {
  const match = /^[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})(\.partial|\.[0-9A-F]{8}\.backup)?$/.exec(name);
  if (match === null) return null;
  const [, high, segment, suffix] = match;
  const startBytes = Number.parseInt(high!, 16) * 2 ** 32 + Number.parseInt(segment!, 16) * segmentBytes;
  // The last file of the timeline that a promotion has left is a part of one: the whole of it is in the next timeline. The file
  // that tells of a backup is archived after the one in which the backup began.
  return suffix === ".partial" ? startBytes : startBytes + segmentBytes;
}
