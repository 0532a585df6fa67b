import { walFileBytes } from "../analysis/archive.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { CANCELED, LOCKED, refusalOf, type CloseLookStatement, type Refusal } from "../model/refusal.ts";
import { majorOf } from "../model/server.ts";
import { MOST_FILES_COUNTED } from "../model/workings.ts";
import { span } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";

/** Why something is not known. */
export interface Unknown {
  /** For a row, after "unknown: ". */
  readonly short: string;
  /** Half a sentence, after "is unknown, because ". */
  readonly because: string;
}

/** Why what this statement tells is not in the sample. */
export function unknownWords(sample: Sample, statement: CloseLookStatement): Unknown {
  if (!speaksSql(sample.server.lane)) return { short: "no SQL", because: "without SQL nobody tells" };
  if (statement !== "counters" && sample.workings === null) return NOBODY_LOOKS;
  const refusal = refusalOf(sample, statement);
  if (refusal !== null) return refusalWords(refusal, sample);
  return {
    short: "not read yet",
    because: statement === "counters" ? "the counters have not been read yet" : "it has not been read yet",
  };
}

const NOBODY_LOOKS: Unknown = {
  short: "not read yet",
  because: "that is read while somebody looks, and kept of the newest sample alone",
};

/** "the server refuses pg_stat_io: permission denied for view pg_stat_io; it is asked again in 5 min". */
export function refusalWords({ statement, sqlstate, message, untilSeconds }: Refusal, sample: Sample): Unknown {
  const what = TOLD_BY[statement];
  const restSeconds = untilSeconds - sample.serverSeconds;
  const again = `${message}; it is asked again ${restSeconds < 1 ? "in a moment" : `in ${span(restSeconds)}`}`;
  switch (sqlstate) {
    case LOCKED:
      return { short: "locked", because: `somebody has locked what ${what} is read from: ${again}` };
    case CANCELED:
      return { short: "no answer", because: `the server canceled the message that asks for ${what}: ${again}` };
    default:
      return { short: "refused", because: `the server refuses ${what}: ${again}` };
  }
}

const TOLD_BY: Readonly<Record<CloseLookStatement, string>> = {
  counters: "its counters (pg_stat_bgwriter, pg_stat_archiver and their like)",
  standbys: "pg_stat_replication",
  recovery: "pg_stat_wal_receiver and the functions of recovery",
  subscriptions: "pg_stat_subscription",
  progress: "pg_stat_progress_*",
  io: "pg_stat_io",
  "to-archive": "pg_ls_archive_statusdir()",
  "io-under-way": "pg_aios",
};

/** Why it is not known how far anybody is with what pg_stat_progress_* tells of; null: it is. */
export function progressUnknown(sample: Sample): Unknown | null {
  return sample.workings?.progress == null ? unknownWords(sample, "progress") : null;
}

/** Why the WAL files that wait for the archiver are not counted, after "because ". */
export function whyNotCounted(sample: Sample): string {
  const { server, counters } = sample;
  if (!speaksSql(server.lane)) return unknownWords(sample, "to-archive").because;
  if ((majorOf(server) ?? 18) < 12) return "before 12 nobody may count them by SQL";
  if (!server.rights.listArchiveStatus)
    return `counting them needs pg_monitor: GRANT pg_monitor TO ${identifier(server.user)}`;
  const behind = (counters?.archiver.behindBytes ?? 0) / walFileBytes(server);
  if (Math.floor(behind) > MOST_FILES_COUNTED) return "there are too many to look at each";
  return unknownWords(sample, "to-archive").because;
}

/** Why it is not known how much I/O is under way. */
export function whyNoIoUnderWay(sample: Sample): string {
  const { server } = sample;
  if (!speaksSql(server.lane)) return unknownWords(sample, "io-under-way").because;
  if ((majorOf(server) ?? 18) < 18) return "before 18 no view tells it";
  if (!server.rights.getAios) return `pg_aios needs pg_read_all_stats: GRANT pg_monitor TO ${identifier(server.user)}`;
  return unknownWords(sample, "io-under-way").because;
}
