import { speaksSql } from "../model/lane.ts";
import type { Reading, Sample } from "../model/reading.ts";
import { tally, type Tally } from "../analysis/tally.ts";
import { turnover } from "../analysis/turnover.ts";

/** Readings in the order they were taken, oldest first, under a cap of bytes and one of time. A value: append() makes a new one. */
export interface History {
  readonly entries: readonly Entry[];
  readonly caps: Caps;
  /** What the readings hold together, estimated from their shape; the benchmark measures it against the real heap. */
  readonly bytes: number;
}

export interface Caps {
  readonly bytes: number;
  readonly seconds: number;
}

export interface Entry {
  readonly reading: Reading;
  /** Null for a gap. */
  readonly tally: Tally | null;
  /** Rows of this sample that are not the same objects as in the sample before: what it adds to memory. */
  readonly freshRows: number;
  /** Bytes of what else it does not share with the sample before: who waits for which lock, counters, what was refused. */
  readonly ownBytes: number;
}

export const DEFAULT_CAPS: Caps = { bytes: 64 * 2 ** 20, seconds: 30 * 60 };

export function emptyHistory(caps: Caps = DEFAULT_CAPS): History {
  return { entries: [], caps, bytes: 0 };
}

export function append(history: History, reading: Reading): History {
  const last = history.entries.at(-1)?.reading;
  // Where sessions have other names, all of them would seem to have come and gone.
  const before = last?.kind === "sample" && sameNames(last, reading) ? last : null;
  const entry: Entry =
    reading.kind === "gap"
      ? { reading, tally: null, freshRows: 0, ownBytes: 0 }
      : { reading, tally: tally(reading, before), ...added(reading, lastSample(history)) };
  return trimmed({ ...history, entries: withoutCloseLook(history.entries) }, entry);
}

/** What is read only while somebody looks is of many bytes and of now: the latest sample alone keeps it. */
function withoutCloseLook(entries: readonly Entry[]): readonly Entry[] {
  const last = entries.at(-1);
  if (last?.reading.kind !== "sample" || (last.reading.usage === null && last.reading.workings === null))
    return entries;
  return [...entries.slice(0, -1), { ...last, reading: { ...last.reading, usage: null, workings: null } }];
}

function sameNames(before: Sample, reading: Reading): boolean {
  return reading.kind === "gap" || speaksSql(before.server.lane) === speaksSql(reading.server.lane);
}

export function lastSample(history: History): Sample | null {
  for (let i = history.entries.length - 1; i >= 0; i--) {
    const { reading } = history.entries[i]!;
    if (reading.kind === "sample") return reading;
  }
  return null;
}

/** The newest samples among the newest `n` readings, oldest first. */
export function lastSamples(history: History, n: number): Sample[] {
  return history.entries.slice(-n).flatMap(({ reading }) => (reading.kind === "sample" ? [reading] : []));
}

/** The newest `n` values of one number, oldest first; gaps are null, and so is the time before the first reading. */
export function series(history: History, n: number, value: (tally: Tally) => number | null): (number | null)[] {
  const values: (number | null)[] = Array.from({ length: Math.max(0, n - history.entries.length) }, () => null);
  for (const entry of history.entries.slice(-n)) values.push(entry.tally === null ? null : value(entry.tally));
  return values;
}

/** Seconds between the oldest and the newest reading. */
export function spanSeconds(history: History): number {
  const first = history.entries[0];
  const last = history.entries.at(-1);
  return first === undefined || last === undefined ? 0 : (last.reading.takenAt - first.reading.takenAt) / 1000;
}

/** One row object with its numbers boxed and the texts that no other row shares. */
const ROW_BYTES = 256;
const POINTER_BYTES = 8;
const ENTRY_BYTES = 600;
/** Counters that were read anew. */
const COUNTERS_BYTES = 800;
/** With what the server has said. */
const REFUSAL_BYTES = 400;

/**
 * The estimate follows what comes and what is dropped: to walk along half an hour of samples with each new one would take longer
 * than all the rest.
 */
function trimmed({ entries, caps, bytes }: History, newest: Entry): History {
  // Copying the list of pointers costs microseconds; what it points to is shared.
  const all = [...entries, newest];
  const since = newest.reading.takenAt - caps.seconds * 1000;
  let from = 0;
  let added = bytes - sharedByFirst(entries, 0) + addedBytes(newest);
  let held = added + sharedByFirst(all, 0);
  while (from < all.length - 1 && (held > caps.bytes || all[from]!.reading.takenAt < since)) {
    added -= addedBytes(all[from]!);
    from++;
    held = added + sharedByFirst(all, from);
  }
  return { entries: from === 0 ? all : all.slice(from), caps, bytes: held };
}

/** What an entry adds to the one before it: rows that are shared cost a pointer. */
function addedBytes({ reading, freshRows, ownBytes }: Entry): number {
  if (reading.kind === "gap") return ENTRY_BYTES;
  return ENTRY_BYTES + ownBytes + reading.backends.length * POINTER_BYTES + freshRows * ROW_BYTES;
}

/** The first sample carries all of its rows, also those that it has shared with one that was dropped. */
function sharedByFirst(entries: readonly Entry[], from: number): number {
  for (let i = from; i < entries.length; i++) {
    const { reading, freshRows } = entries[i]!;
    if (reading.kind === "sample") return (reading.backends.length - freshRows) * ROW_BYTES;
  }
  return 0;
}

function added(sample: Sample, before: Sample | null): Pick<Entry, "freshRows" | "ownBytes"> {
  return {
    freshRows: before === null ? sample.backends.length : turnover(before, sample).fresh,
    ownBytes:
      (before?.queues === sample.queues ? 0 : queueBytes(sample)) +
      (sample.counters === null || before?.counters === sample.counters ? 0 : COUNTERS_BYTES) +
      (before?.refused === sample.refused ? 0 : sample.refused.length * REFUSAL_BYTES),
  };
}

const QUEUE_BYTES = 256;
/** A pid, and since when it waits. */
const WAITER_BYTES = 16;

function queueBytes({ queues }: Sample): number {
  return queues.reduce((sum, { waiters }) => sum + QUEUE_BYTES + waiters.length * WAITER_BYTES, 0);
}
