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
    behindSentence(sample),
    `Since the counters were reset ${ago(archiver.resetSeconds, sample)}: ${count(archiver.archived)} archived, ${plural(archiver.failed, "failure")}.`,
  ];
  if (!fails) return vital(joined(success, behind), more);
  return vital(joined(behind === "" ? "FAILS" : `FAILS: ${behind}`, success, failure), more, "critical");
};

function behindSentence(sample: Sample): string {
  const { filesWaiting, bytesWaiting } = archive(sample) ?? NOT_KNOWN;
  if (filesWaiting === 0) return "No full file waits for it.";
  if (filesWaiting !== null)
    return `${plural(filesWaiting, "full file waits", "full files wait")} for it, ${bytes(bytesWaiting ?? 0)}.`;
  const none = sample.counters?.archiver.lastArchivedWal == null;
  const measured = none ? "no file was archived from which to measure" : "positions of WAL do not tell it";
  return `How far behind it is is unknown: ${measured}, and the files that wait are not counted, because ${whyNotCounted(sample)}.`;
}

/** "3 files, 48 MB behind"; empty where it is not known. */
function behindWords(sample: Sample): string {
  const { filesWaiting, bytesWaiting } = archive(sample) ?? NOT_KNOWN;
  if (filesWaiting === null || bytesWaiting === null) return "";
  return filesWaiting === 0 ? "nothing waits" : `${plural(filesWaiting, "file")}, ${bytes(bytesWaiting)} behind`;
}

const NOT_KNOWN = { filesWaiting: null, bytesWaiting: null };
