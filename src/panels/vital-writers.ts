import { areForced } from "../advice/checkpoints-forced.ts";
import { numberOf } from "../analysis/setting-read.ts";
import { counted } from "../history/counted.ts";
import { lastCheckpoint } from "../history/last-checkpoint.ts";
import type { History } from "../history/history.ts";
import type { CheckpointCounters } from "../model/counters.ts";
import type { Sample } from "../model/reading.ts";
import { bytes } from "../text/bytes.ts";
import { count, plural, span } from "../text/format.ts";
import { whyNoIoUnderWay } from "./unknown-words.ts";
import { ago, joined, untold, vital, WITHOUT_SQL, type Vital, type VitalOf } from "./vital.ts";

const BUFFER_BYTES = 8192;
const RATE_SECONDS = 60;
/** Three checkpoints by the default of checkpoint_timeout. */
const RECENT_SECONDS = 15 * 60;

export const checkpointerVital: VitalOf = (node, sample, history) => {
  const { backend } = node;
  const { counters } = sample;
  if (counters === null) return untold(node, sample, "counters");
  const standby = sample.server.role === "standby";
  const all = points(counters.checkpoints, standby);
  const recent = counted(history, RECENT_SECONDS);
  const before = recent === null ? null : points(recent.from.checkpoints, standby);
  const lately =
    before === null ? null : { timed: all.timed - before.timed, requested: all.requested - before.requested };
  const writes = backend?.waitEvent?.toLowerCase() === "checkpointwritedelay";
  const noun = standby ? "restartpoint" : "checkpoint";
  const none = lately !== null && lately.timed + lately.requested === 0;
  const said = none
    ? `no ${noun} in ${span(recent!.seconds)}`
    : lately === null
      ? `${count(all.timed)} timed, ${count(all.requested)} requested since reset`
      : `${lately.timed} timed, ${lately.requested} requested in ${span(recent!.seconds)}`;
  const last = lastCheckpoint(history);
  return vital(
    writes ? (none ? `${noun} under way` : `${noun} under way; ${said}`) : said,
    [
      ...(lately === null
        ? []
        : [`In the last ${span(recent!.seconds)}: ${lately.timed} timed ${noun}s and ${lately.requested} requested.`]),
      last === null
        ? `When the last ${noun} ended is unknown, because none has ended since we look.`
        : `The last ${noun} ${lastWords(last, sample)}.`,
      sinceReset(counters.checkpoints, all, noun, sample),
      whenTheyCome(sample),
    ],
    areForced({ sample, history }) ? "warn" : "normal",
  );
};

/** As exactly as readings are apart. */
function lastWords(seconds: number, sample: Sample): string {
  return sample.serverSeconds - seconds < 1 ? "has just ended" : `ended about ${ago(seconds, sample)}`;
}

/** From 17 on a standby counts its restartpoints apart; before, as checkpoints. */
function points(
  counters: CheckpointCounters,
  standby: boolean,
): { timed: number; requested: number; done: number | null } {
  return (standby ? counters.restartpoints : null) ?? counters;
}

/** Before 18, timed ones that had nothing to do are among those that are counted: nobody knows by how many to divide. */
function sinceReset(
  { writeMs, syncMs, buffers, resetSeconds }: CheckpointCounters,
  { timed, requested, done }: ReturnType<typeof points>,
  noun: string,
  sample: Sample,
): string {
  const n = done ?? 1;
  const whose = done === null ? "altogether" : "for each";
  const each =
    n === 0 || timed + requested === 0
      ? ""
      : `: ${whose} ${span(writeMs / 1000 / n)} of writing, ${shortly(syncMs / n)} of syncing and ${bytes((buffers * BUFFER_BYTES) / n)}`;
  const skipped = done !== null && done < timed + requested ? `, ${done} of them with something to do` : "";
  return `Since the counters were reset ${ago(resetSeconds, sample)}: ${plural(timed, `timed ${noun}`)}, ${requested} requested${skipped}${each}.`;
}

function shortly(ms: number): string {
  return ms < 2000 ? `${ms.toFixed(0)} ms` : span(ms / 1000);
}

function whenTheyCome({ server: { tuning } }: Sample): string {
  const timeout = numberOf(tuning, "checkpoint_timeout");
  const size = numberOf(tuning, "max_wal_size");
  const every = timeout === null ? "checkpoint_timeout" : `checkpoint_timeout = ${span(timeout)}`;
  const beyond = size === null ? "max_wal_size" : `max_wal_size = ${bytes(size)}`;
  return `Timed: after ${every}. Requested: WAL nears ${beyond}, or somebody ran CHECKPOINT or a base backup.`;
}

/** It rests 200 ms after each round by default: a single one cut short is nothing yet. */
const OFTEN_A_SECOND = 1 / 30;

export const backgroundWriterVital: VitalOf = (node, sample, history) => {
  const { counters } = sample;
  if (counters === null) return untold(node, sample, "counters");
  const { buffers, checkpoints } = counters;
  const recent = counted(history, RATE_SECONDS);
  const stopped = recent === null ? 0 : buffers.backgroundWriterStopped - recent.from.buffers.backgroundWriterStopped;
  const all = shares(checkpoints.buffers, buffers.backgroundWriter, buffers.sessions);
  const total = `Since the counters were reset ${ago(buffers.resetSeconds, sample)}, buffers were written ${all}; it stopped ${times(buffers.backgroundWriterStopped)} at bgwriter_lru_maxpages.`;
  const unknown = "How many the sessions wrote themselves is unknown, because this server does not tell it, or not us.";
  const more = [total, ...(buffers.sessions === null ? [unknown] : [])];
  if (recent === null) return vital(`written ${all}`, more);
  const { from } = recent;
  const by = {
    checkpointer: checkpoints.buffers - from.checkpoints.buffers,
    itself: buffers.backgroundWriter - from.buffers.backgroundWriter,
    sessions: bySessions(from.buffers.sessions, buffers.sessions),
  };
  const rate = (by.checkpointer + by.itself + (by.sessions ?? 0)) / recent.seconds;
  const lately = `${count(rate)} buffers/s, ${shares(by.checkpointer, by.itself, by.sessions)}`;
  const stops = stopped === 0 ? "" : `stopped ${times(stopped)}`;
  if (rate === 0) return vital(`no buffer written in ${span(recent.seconds)}`, more);
  return vital(
    joined(stops, lately),
    [`In the last ${span(recent.seconds)}: ${joined(lately, stops)}.`, ...more],
    stopped / recent.seconds > OFTEN_A_SECOND ? "warn" : "normal",
  );
};

/** From 17 on they are counted apart, and may have been reset by themselves. */
function bySessions(from: number | null, to: number | null): number | null {
  return from === null || to === null || to < from ? null : to - from;
}

/** "by itself 12 %, checkpointer 80 %, sessions 8 %": who writes for himself waits for it. */
function shares(checkpointer: number, itself: number, sessions: number | null): string {
  const total = checkpointer + itself + (sessions ?? 0);
  if (total === 0) return "by nobody";
  const percent = (n: number): string => `${Math.round((n * 100) / total)} %`;
  return `by itself ${percent(itself)}, checkpointer ${percent(checkpointer)}, sessions ${sessions === null ? "?" : percent(sessions)}`;
}

function times(n: number): string {
  return n === 1 ? "once" : `${count(n)} times`;
}

export const walWriterVital: VitalOf = (node, sample, history) => {
  if (sample.counters === null) return untold(node, sample, "counters");
  const { short, more } = walRate(sample, history);
  return vital(short, more);
};

function walRate(sample: Sample, history: History): { readonly short: string; readonly more: readonly string[] } {
  const recent = counted(history, RATE_SECONDS);
  if (sample.counters?.walBytes == null)
    return {
      short: "unknown: not told",
      more: ["How much WAL is written is unknown, because the server does not tell us."],
    };
  if (recent?.from.walBytes == null || recent.to.walBytes === null)
    return {
      short: "unknown: one reading yet",
      more: ["How much WAL is written is unknown, because it has been read once alone."],
    };
  const written = recent.to.walBytes - recent.from.walBytes;
  return {
    short: `${bytes(written / recent.seconds)} of WAL/s`,
    more: [
      `All together have written ${bytes(written)} of WAL in the last ${span(recent.seconds)}, ${bytes(written / recent.seconds)} a second; sessions that commit write it themselves.`,
    ],
  };
}

export const walSummarizerVital: VitalOf = ({ backend }, sample) => {
  const rests = backend?.waitEvent?.toLowerCase() === "walsummarizerwal";
  const failed = backend?.waitEvent?.toLowerCase() === "walsummarizererror";
  if (failed)
    return vital(
      "has failed, tries again: see the log",
      ["It has failed and tries again in a moment: the server's log says why."],
      "warn",
    );
  if (backend?.waitEvent == null) return vital(sample.server.lane === "host" ? WITHOUT_SQL : "at work", [], "normal");
  return vital(rests ? "has summarized all WAL" : "at work");
};

export const ioWorkerVital: VitalOf = ({ backend }, sample): Vital => {
  const workers = sample.backends.filter(({ backendType }) => backendType === "io worker");
  if (sample.server.lane === "host" || backend === null)
    return vital(WITHOUT_SQL, ["Whether it is busy is unknown, because its title does not tell."], "muted");
  const busy = workers.filter((worker) => !isIdle(worker.waitEvent)).length;
  const underWay = sample.workings?.ioUnderWay ?? null;
  const way =
    underWay === null
      ? `How much I/O is under way is unknown, because ${whyNoIoUnderWay(sample)}.`
      : `${plural(underWay, "read or write is", "reads and writes are")} under way.`;
  return vital(
    // Of the others their own rows tell; only when all are busy does somebody wait for them.
    isIdle(backend.waitEvent)
      ? "idle"
      : joined(
          busy > 1 && busy === workers.length ? `busy, as all ${busy} are` : "busy",
          underWay !== null && `${underWay} under way`,
        ),
    [`Of ${plural(workers.length, "I/O worker")} ${busy} ${busy === 1 ? "is" : "are"} busy. ${way}`],
    busy === workers.length ? "warn" : "normal",
  );
};

function isIdle(event: string | null): boolean {
  return event?.toLowerCase() === "ioworkermain";
}
