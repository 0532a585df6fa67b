import type { Tally } from "../analysis/tally.ts";
import type { Course } from "../analysis/trend.ts";
import type { Sample } from "../model/reading.ts";
import type { Entry } from "./history.ts";

/**
 * One number of each sample from the first of some entries to the last, gaps left out. What was read off an entry before is not
 * read again: half an hour of samples lies all over the memory, and to walk along them with each new one takes longer than whatever
 * is done with the numbers.
 */
export function courseOf(value: (sample: Sample, tally: Tally) => number): (entries: readonly Entry[]) => Course {
  let last: { readonly entries: readonly Entry[]; readonly course: Course } = { entries: [], course: NOTHING };
  return (entries) => {
    if (entries === last.entries) return last.course;
    const dropped = droppedSince(last.entries, entries);
    const known = dropped === null ? 0 : last.entries.length - dropped;
    const gone = dropped === null ? last.course.values.length : samplesIn(last.entries, dropped);
    const seconds = last.course.seconds.slice(gone);
    const values = last.course.values.slice(gone);
    for (let i = known; i < entries.length; i++) {
      const { reading, tally } = entries[i]!;
      if (reading.kind === "gap" || tally === null) continue;
      seconds.push(reading.serverSeconds);
      values.push(value(reading, tally));
    }
    last = { entries, course: { seconds, values } };
    return last.course;
  };
}

const NOTHING: Course = { seconds: [], values: [] };

/** How many of the oldest entries are no longer among those that they have become; null: these are no later ones of the same history. */
function droppedSince(before: readonly Entry[], now: readonly Entry[]): number | null {
  const dropped = now[0] === undefined ? -1 : before.indexOf(now[0]);
  return dropped >= 0 && isSame(now[before.length - dropped - 1], before.at(-1)) ? dropped : null;
}

/** The newest one is put down anew, without what only the latest sample keeps; its tally stays the same object. */
function isSame(a: Entry | undefined, b: Entry | undefined): boolean {
  return a === b || (a !== undefined && a.tally !== null && a.tally === b?.tally);
}

function samplesIn(entries: readonly Entry[], end: number): number {
  let samples = 0;
  for (let i = 0; i < end; i++) if (entries[i]!.reading.kind === "sample") samples++;
  return samples;
}
