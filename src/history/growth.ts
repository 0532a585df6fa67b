import {
  countIn,
  groupCounts,
  holderGroups,
  holdsSlot,
  type GroupCounts,
  type HolderBy,
} from "../analysis/holder-groups.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { Trend } from "../analysis/trend.ts";
import { turnover } from "../analysis/turnover.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { climbOf, climbs } from "./climbs.ts";
import type { Entry, History } from "./history.ts";
import { stretch } from "./stretch.ts";

/** How a group of sessions has changed. Null: the history does not reach so far back, or nothing was read then. */
export interface Growth {
  /** Sessions more, or fewer, than so many MINUTES ago. */
  readonly changes: readonly (number | null)[];
  /** Over the last minute. Sessions that lived shorter than a second, or than the interval, are not seen. */
  readonly openedPerSecond: number | null;
  readonly gonePerSecond: number | null;
  /** The steady climb in which it is; null when it is in none. */
  readonly trend: Trend | null;
}

export const MINUTES = [1, 5, 15] as const;

/** The growth of each group of the newest sample, by its key. */
export const growth = lastResult((history: History, by: HolderBy): ReadonlyMap<string, Growth> => {
  const entries = stretch(history);
  const now = entries.at(-1)?.reading;
  if (now?.kind !== "sample") return new Map();
  const past = MINUTES.map((minutes) => sampleAt(entries, now.takenAt - minutes * 60_000));
  const counts = past.map((sample) => (sample === null ? null : groupCounts(sample.backends, by)));
  const rates = lastMinute(entries, now, by);
  const groups = holderGroups(now, by);
  const climbing = climbs(history, by);
  return new Map(
    groups.map((group) => [
      group.key,
      {
        changes: counts.map((then) => (then === null ? null : group.count - countIn(then, group.names))),
        openedPerSecond: rates === null ? null : countIn(rates.came, group.names) / rates.seconds,
        gonePerSecond: rates === null ? null : countIn(rates.gone, group.names) / rates.seconds,
        trend: climbOf(climbing, group.names),
      },
    ]),
  );
});

/** A sample so near to that time, in milliseconds, stands for it; also where samples are a minute apart. */
const NEAR_MS = 15_000;

/** The sample that was taken nearest to that time; null when none was taken about then. */
function sampleAt(entries: readonly Entry[], at: number): Sample | null {
  let nearest: Sample | null = null;
  let distance = NEAR_MS + 1;
  for (let i = entries.length - 1; i >= 0; i--) {
    const { reading } = entries[i]!;
    const off = Math.abs(reading.takenAt - at);
    if (reading.kind === "sample" && off < distance) {
      nearest = reading;
      distance = off;
    }
    if (reading.takenAt < at - NEAR_MS) break;
  }
  return nearest;
}

interface Rates {
  readonly came: GroupCounts;
  readonly gone: GroupCounts;
  readonly seconds: number;
}

/** Who came and who went, from sample to sample; a gap between two of them tells nothing. */
function lastMinute(entries: readonly Entry[], now: Sample, by: HolderBy): Rates | null {
  const came: Backend[] = [];
  const gone: Backend[] = [];
  let seconds = 0;
  let after: Sample | null = now;
  for (let i = entries.length - 2; i >= 0; i--) {
    const { reading } = entries[i]!;
    if (reading.takenAt < now.takenAt - 61_000) break;
    if (reading.kind === "gap") after = null;
    else if (after === null) after = reading;
    // Ten samples a second are not compared one by one: the last of each second does.
    else if (after === now || secondOf(reading) < secondOf(after)) {
      const step = changed(reading, after);
      came.push(...step.came);
      gone.push(...step.gone);
      seconds += after.serverSeconds - reading.serverSeconds;
      after = reading;
    }
  }
  return seconds > 0 ? { came: groupCounts(came, by), gone: groupCounts(gone, by), seconds } : null;
}

function secondOf({ takenAt }: Sample): number {
  return Math.trunc(takenAt / 1000);
}

interface Step {
  readonly before: Sample;
  readonly came: readonly Backend[];
  readonly gone: readonly Backend[];
}

function changed(before: Sample, after: Sample): Step {
  const known = STEPS.get(after);
  if (known?.before === before) return known;
  const { came, gone } = turnover(before, after);
  const step = { before, came: came.size === 0 ? NOBODY : [...came].filter(holdsSlot), gone: gone.filter(holdsSlot) };
  STEPS.set(after, step);
  return step;
}

const STEPS = new WeakMap<Sample, Step>();
const NOBODY: readonly Backend[] = [];
