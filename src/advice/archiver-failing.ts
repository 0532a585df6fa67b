import { archive, archiveFails, walFileBytes, type Archive } from "../analysis/archive.ts";
import { numberOf } from "../analysis/setting-read.ts";
import { counted } from "../history/counted.ts";
import { stretch } from "../history/stretch.ts";
import { walRate } from "../history/wal-rate.ts";
import type { ArchiverCounters, Counters } from "../model/counters.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import { bytes } from "../text/bytes.ts";
import { duration, plural, span } from "../text/format.ts";
import { absentProcess } from "./absent-process.ts";
import type { Context, Finding, Rule, Step } from "./rule.ts";
import { short } from "./words.ts";

export const archiverFailing: Rule = {
  id: "archiver-failing",
  title:
    "WAL that is not archived: archive_command fails, hangs or is too slow, and WAL piles up until the disk is full",
  check(context) {
    const { sample } = context;
    const state = archive(sample);
    if (state === null || sample.counters === null) return [];
    // Without an archiver nothing is archived, which another rule tells.
    if (!state.failing && absentProcess.check(context).some(({ about }) => about === "archiver")) return [];
    const trouble = state.failing ? failing(state, context) : (hanging(state, context) ?? slow(state, context));
    return trouble === null ? [] : [finding(trouble, state, sample.counters.archiver, context)];
  },
};

/** So many files may wait for a moment: a load has just written them. */
const MANY_FILES = 8;
/** A GB of WAL is little to any disk. */
const MUCH_WAL = 2 ** 30;

interface Trouble {
  readonly title: string;
  readonly evidence: readonly string[];
  readonly first: readonly Step[];
}

function failing(state: Archive, context: Context): Trouble {
  const { sample } = context;
  const { lastFailedWal, lastFailedSeconds, failed } = sample.counters!.archiver;
  const last = secondsSince(lastFailedSeconds, sample);
  const since = Math.max(last ?? 0, secondsSince(failsSince(context), sample) ?? 0);
  return {
    title: `archiving ${short(lastFailedWal ?? "WAL", 40)} fails, last ${duration(last)} ago: ${waitingWords(state)}`,
    evidence: [
      `${since > (last ?? 0) ? `it has failed for ${duration(since)} at least, ` : ""}${plural(failed, "attempt")} failed since the counters began`,
    ],
    first: [
      { text: "look in the server's log for what the command wrote, and for its exit code: it says why it fails" },
      {
        text: "put that right: room, rights and network where it copies to; it is tried again by itself, a minute later at most",
      },
    ],
  };
}

/** When the first of the failures happened that history has seen without a success in between. */
function failsSince({ history }: Context): number | null {
  let first: number | null = null;
  let seen: Counters | null = null;
  for (const { reading } of stretch(history).toReversed()) {
    if (reading.kind === "gap" || reading.counters === null || reading.counters === seen) continue;
    seen = reading.counters;
    if (!archiveFails(seen)) break;
    first = seen.archiver.lastFailedSeconds;
  }
  return first;
}

/** Files wait, none fails, and none is archived for so long that no network explains it. */
function hanging(state: Archive, context: Context): Trouble | null {
  const { sample, history, ages } = context;
  const { lastArchivedSeconds, archived } = sample.counters!.archiver;
  const both = counted(history, ages.archiveHangs);
  const nothingDone = both !== null && both.seconds >= ages.archiveHangs && both.from.archiver.archived === archived;
  const idle = secondsSince(lastArchivedSeconds, sample);
  const written = both?.from.walBytes == null || both.to.walBytes === null ? 0 : both.to.walBytes - both.from.walBytes;
  // Before the first file is archived nobody tells how many wait: as many as were written while we looked, at the least.
  const files = state.filesWaiting ?? (nothingDone ? Math.floor(written / walFileBytes(sample.server)) : 0);
  if (files < MANY_FILES || !(idle === null ? nothingDone : idle >= ages.archiveHangs)) return null;
  // Where nothing was written for hours, the first files that wait are no reason for alarm.
  if (idle !== null && waitedBefore(context) < MANY_FILES) return null;
  const wait = state.filesWaiting === null ? `${files} files wait at the least` : waitingWords(state);
  return {
    title: `nothing has been archived for ${duration(idle ?? both!.seconds)}, and nothing fails: ${wait}`,
    evidence: ["no attempt has failed since: the command hangs, or there is none (archive_command is empty)"],
    first: [
      {
        text: "on the server's machine, look for what the archiver has started and waits for: `ps --forest` shows it below the archiver",
      },
      { text: "end that one if it hangs: the archiver tries the file again by itself" },
    ],
  };
}

/** How many waited as far back as history goes, within limits; many where there is none. */
function waitedBefore({ sample, history, ages }: Context): number {
  const both = counted(history, ages.archiveBehind);
  const before = both === null ? null : archive({ counters: both.from, server: sample.server });
  return before?.filesWaiting ?? MANY_FILES;
}

/** Files wait, and they are not fewer than they were: it will not catch up. */
function slow(state: Archive, { sample, history, ages }: Context): Trouble | null {
  const both = counted(history, ages.archiveBehind);
  if (both === null || both.seconds < ages.archiveBehind) return null;
  const before = archive({ counters: both.from, server: sample.server })?.filesWaiting ?? null;
  if (before === null || state.filesWaiting === null) return null;
  if (before < MANY_FILES || state.filesWaiting < before) return null;
  const done = both.to.archiver.archived - both.from.archiver.archived;
  return {
    title: `the archiver does not keep up: ${waitingWords(state)}, ${before} did ${duration(both.seconds)} ago`,
    evidence: [`${plural(done, "file")} archived in the last ${span(both.seconds)}, one after the other`],
    first: [
      {
        text: "make the command faster: compression and network cost the most; tools that archive several files at a time keep up",
      },
    ],
  };
}

function finding(trouble: Trouble, state: Archive, archiver: ArchiverCounters, { sample, history }: Context): Finding {
  const { server } = sample;
  const tooMuch = Math.max(MUCH_WAL, numberOf(server.tuning, "max_wal_size") ?? 0);
  const rate = walRate(history, RATE_SECONDS);
  return {
    id: archiverFailing.id,
    about: "",
    severity: (state.bytesWaiting ?? 0) > tooMuch ? "critical" : "warning",
    title: trouble.title,
    evidence: [
      ...trouble.evidence,
      lastWords(archiver, sample),
      ...(rate !== null && rate >= 1 ? [`${bytes(rate)} of WAL a second now, a GB in ${span(2 ** 30 / rate)}`] : []),
      "WAL stays in pg_wal until it is archived: when that disk is full, the server stops",
    ],
    next: [
      ...trouble.first,
      { text: "see whether it goes on", sql: "SELECT * FROM pg_stat_archiver;" },
      {
        text: "and how much WAL there is; see what the disk has left",
        sql: "SELECT count(*), pg_size_pretty(sum(size)) FROM pg_ls_waldir();",
      },
      {
        text: `if the command itself has to be changed, a reload is enough${libraryWords(majorOf(server) ?? 0)}`,
      },
    ],
    avoid: [
      "do not delete files in pg_wal: the server does not start again without them",
      "do not let a command say that all is well to make room: the archive then ends there, until the next base backup",
    ],
    sessions: sample.backends.filter(({ backendType }) => backendType === "archiver"),
    process: "archiver",
  };
}

/** Both of them at once the archiver of 16 takes for a mistake, and archives nothing. */
function libraryWords(major: number): string {
  if (major < 15) return "";
  return major === 15
    ? "; archive_library takes its place where it is set"
    : "; archive_library takes its place, and only one of the two may be set";
}

const RATE_SECONDS = 60;

function waitingWords({ filesWaiting, bytesWaiting }: Archive): string {
  if (filesWaiting === null || bytesWaiting === null) return "how much WAL waits is not known";
  return `${plural(filesWaiting, "file waits", "files wait")}, ${bytes(bytesWaiting)}`;
}

function lastWords({ archived, lastArchivedWal, lastArchivedSeconds }: ArchiverCounters, sample: Sample): string {
  const ago = secondsSince(lastArchivedSeconds, sample);
  if (lastArchivedWal === null || ago === null) return "none has been archived since the counters began";
  return `the last one archived was ${short(lastArchivedWal, 40)}, ${duration(ago)} ago, one of ${archived}`;
}
