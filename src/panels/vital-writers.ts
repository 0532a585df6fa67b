import { areForced } from "../advice/checkpoints-forced.ts";
import { numberOf } from "../analysis/setting-read.ts";
import { counted, type Counted } from "../history/counted.ts";
import { lastCheckpoint } from "../history/last-checkpoint.ts";
import type { History } from "../history/history.ts";
import type { CheckpointCounters } from "../model/counters.ts";
import type { Sample } from "../model/reading.ts";
import { bytes } from "../text/bytes.ts";
import { count, plural, span } from "../text/format.ts";
import { whyNoIoUnderWay } from "./unknown-words.ts";
import { countedNow, overWords } from "./rate-words.ts";
import { ago, joined, untold, URGENCY, vital, WITHOUT_SQL, type Vital, type VitalOf } from "./vital.ts";

const BUFFER_BYTES = 8192;
const MINUTE = 60;
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

/** A tenth of its rounds, with the 200 ms by which it rests after each by default: now and then one is cut short wherever somebody loads. */
const MANY_STOPS = 30;

export const backgroundWriterVital: VitalOf = (node, sample, history) => {
  const { counters } = sample;
  if (counters === null) return untold(node, sample, "counters");
  const { buffers, checkpoints } = counters;
  const all = shares(checkpoints.buffers, buffers.backgroundWriter, buffers.sessions);
  const total = `Since the counters were reset ${ago(buffers.resetSeconds, sample)}, buffers were written ${all}; it stopped ${times(buffers.backgroundWriterStopped)} at bgwriter_lru_maxpages.`;
  const unknown = "How many the sessions wrote themselves is unknown, because this server does not tell it, or not us.";
  const more = [total, ...(buffers.sessions === null ? [unknown] : [])];
  const [now, minute] = [countedNow(history), counted(history, MINUTE)];
  if (now === null || minute === null) return vital(`written ${all}`, more);
  const stopped = stops(minute);
  const often = (stopped * MINUTE) / Math.max(MINUTE, minute.seconds) > MANY_STOPS;
  const stopWords = stopped === 0 ? "" : `stopped ${times(stopped)} in ${span(minute.seconds)}`;
  return vital(
    joined(often && stopWords, buffersWritten(now, overWords(now))),
    [
      ...(minute.seconds > now.seconds ? [sentence(now)] : []),
      sentence(minute, stopped === 0 ? "" : `it stopped ${times(stopped)} at bgwriter_lru_maxpages`),
      ...more,
    ],
    often ? "warn" : "normal",
  );
};

function stops({ from, to }: Counted): number {
  return to.buffers.backgroundWriterStopped - from.buffers.backgroundWriterStopped;
}

function sentence(both: Counted, stopped = ""): string {
  return `In the last ${span(both.seconds)}: ${joined(buffersWritten(both), stopped)}.`;
}

/** "140 buffers/s, by itself 21 %, checkpointer 71 %, sessions 7 %". */
function buffersWritten({ from, to, seconds }: Counted, over = ""): string {
  const checkpointer = to.checkpoints.buffers - from.checkpoints.buffers;
  const itself = to.buffers.backgroundWriter - from.buffers.backgroundWriter;
  const sessions = bySessions(from.buffers.sessions, to.buffers.sessions);
  const written = checkpointer + itself + (sessions ?? 0);
  if (written === 0) return `no buffer written${over}`;
  const rate = written / seconds;
  return `${rate < 1 ? "less than 1 buffer/s" : `${count(rate)} buffers/s`}${over}, ${shares(checkpointer, itself, sessions)}`;
}

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
  if (sample.counters?.walBytes == null)
    return {
      short: "unknown: not told",
      more: ["How much WAL is written is unknown, because the server does not tell us."],
    };
  const now = countedNow(history);
  const written = now === null ? null : walBytes(now);
  if (now === null || written === null)
    return {
      short: "unknown: one reading yet",
      more: ["How much WAL is written is unknown, because it has been read once alone."],
    };
  const minute = counted(history, MINUTE)!;
  return {
    short: `${bytes(written / now.seconds)} of WAL/s${overWords(now)}`,
    more: [
      `All together have written ${writtenIn(now)}${minute.seconds > now.seconds ? `, and ${writtenIn(minute)}` : ""}; sessions that commit write it themselves.`,
    ],
  };
}

function walBytes({ from, to }: Counted): number | null {
  return from.walBytes === null || to.walBytes === null ? null : Math.max(0, to.walBytes - from.walBytes);
}

function writtenIn(both: Counted): string {
  const written = walBytes(both) ?? 0;
  return `${bytes(written)} of WAL in the last ${span(both.seconds)}, ${bytes(written / both.seconds)} a second`;
}

export const walSummarizerVital: VitalOf = ({ backend }, sample) => {
  const rests = backend?.waitEvent?.toLowerCase() === "walsummarizerwal";
  const failed = backend?.waitEvent?.toLowerCase() === "walsummarizererror";
  if (failed)
    return vital(
      "has failed, tries again: see the log",
      ["It has failed and tries again in a moment: the server's log says why."],
      "warn",
      URGENCY.fails,
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
    URGENCY.full,
  );
};

function isIdle(event: string | null): boolean {
  return event?.toLowerCase() === "ioworkermain";
}
