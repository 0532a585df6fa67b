import { archive, archiveFails } from "../analysis/archive.ts";
import type { Sample } from "../model/reading.ts";
import { bytes } from "../text/bytes.ts";
import { count, plural } from "../text/format.ts";
import { whyNotCounted } from "./unknown-words.ts";
import { ago, joined, untold, vital, type VitalOf } from "./vital.ts";

export const archiverVital: VitalOf = (node, sample) => {
  if (sample.counters === null) return untold(node, sample, "counters");
  const { archiver } = sample.counters;
  const { lastArchivedSeconds, lastArchivedWal, lastFailedSeconds, lastFailedWal } = archiver;
  const fails = archiveFails(sample.counters);
  const behind = behindWords(sample);
  const success = lastArchivedSeconds === null ? "never a success" : `last success ${ago(lastArchivedSeconds, sample)}`;
  const failure = lastFailedSeconds === null ? "" : `last failure ${ago(lastFailedSeconds, sample)}`;
  const retries = "it is tried again and again, and all later files wait behind it in pg_wal";
  const more = [
    lastArchivedSeconds === null
      ? "No file has been archived since the counters were reset."
      : `Last success: ${lastArchivedWal ?? "a file"}, ${ago(lastArchivedSeconds, sample)}.`,
    ...(lastFailedSeconds === null
      ? []
      : [
          `Last failure: ${lastFailedWal ?? "a file"}, ${ago(lastFailedSeconds, sample)}; ${fails ? retries : "it has worked since"}.`,
        ]),
    behindSentence(behind, sample),
    `Since the counters were reset ${ago(archiver.resetSeconds, sample)}: ${count(archiver.archived)} archived, ${plural(archiver.failed, "failure")}.`,
  ];
  if (!fails) return vital(joined(success, behind), more);
  return vital(joined(behind === "" ? "FAILS" : `FAILS: ${behind}`, success, failure), more, "critical");
};

/** By the files themselves where they are counted, else by where WAL is written and archived. */
function behindSentence(behind: string, sample: Sample): string {
  if (sample.workings?.walFilesToArchive != null) return `It is ${behind}.`;
  const uncounted = `the files that wait are not counted, because ${whyNotCounted(sample)}`;
  if (behind !== "") return `It is ${behind}, by where WAL is now: ${uncounted}.`;
  const none = sample.counters?.archiver.lastArchivedWal == null;
  const measured = none ? "no file was archived from which to measure" : "positions of WAL do not tell it";
  return `How far behind it is is unknown: ${measured}, and ${uncounted}.`;
}

/** "3 files, 48 MB behind"; empty where neither is known. */
function behindWords(sample: Sample): string {
  const waiting = archive(sample);
  const files = sample.workings?.walFilesToArchive ?? waiting?.filesWaiting ?? null;
  const size = sample.counters?.archiver.behindBytes ?? waiting?.bytesWaiting ?? null;
  const behind = joined(files !== null && plural(files, "file"), size !== null && bytes(Math.max(0, size)));
  return behind === "" ? "" : `${behind} behind`;
}
