import { countIn, groupCounts, type GroupCounts, type HolderBy, type Name } from "../analysis/holder-groups.ts";
import { trend, type Trend } from "../analysis/trend.ts";
import type { Sample } from "../model/reading.ts";
import type { Entry, History } from "./history.ts";
import { stretch } from "./stretch.ts";

export interface GroupClimb {
  readonly names: readonly Name[];
  readonly trend: Trend;
}

/** Groups that are looked at for a trend: those that have grown the most. */
const LOOKED_AT = 32;
/** Counts that are compared to find them. */
const COMPARED = 4000;
/** One that has grown by less has no trend. */
const LEAST_GROWTH = 4;

/** The groups of the newest sample that climb steadily. */
export function climbs(history: History, by: HolderBy): readonly GroupClimb[] {
  const points = grid(stretch(history));
  const newest = points.at(-1);
  if (newest === undefined) return [];
  const seconds = points.map(({ serverSeconds }) => serverSeconds);
  const counted = [...points.slice(0, -1).map((sample) => countsOf(sample, by)), groupCounts(newest.backends, by)];
  return grown(counted, by)
    .map((names) => ({ names, trend: trend({ seconds, values: counted.map((counts) => countIn(counts, names)) }) }))
    .filter((climb): climb is GroupClimb => climb.trend !== null);
}

export function climbOf(all: readonly GroupClimb[], names: readonly Name[]): Trend | null {
  return all.find((climb) => climb.names.every((name, i) => name === names[i]))?.trend ?? null;
}

/** The names that more sessions go by now than at some time before, the most first. */
function grown(counted: readonly GroupCounts[], by: HolderBy): (readonly Name[])[] {
  const now = counted.at(-1)!;
  const groups = [...now].flatMap(([first, inner]) =>
    [...inner].map(([second, count]) => ({ names: by.length === 1 ? [first] : [first, second], count })),
  );
  const every = Math.max(1, Math.ceil((counted.length * groups.length) / COMPARED));
  const earlier = counted.filter((_, i) => i % every === 0);
  return groups
    .filter(({ count }) => count >= LEAST_GROWTH)
    .map(({ names, count }) => ({
      names,
      more: count - earlier.reduce((least, then) => Math.min(least, countIn(then, names)), count),
    }))
    .filter(({ more }) => more >= LEAST_GROWTH)
    .sort((a, b) => b.more - a.more)
    .slice(0, LOOKED_AT)
    .map(({ names }) => names);
}

const GRID_MS = 10_000;

/** The first sample of every ten seconds, and the newest. */
function grid(entries: readonly Entry[]): Sample[] {
  const points: Sample[] = [];
  let cell = -1;
  for (const [i, { reading }] of entries.entries()) {
    if (reading.kind === "gap") continue;
    const here = Math.trunc(reading.takenAt / GRID_MS);
    if (here === cell && i < entries.length - 1) continue;
    cell = here;
    points.push(reading);
  }
  return points;
}

/**
 * Kept as long as the sample lives, so that a point of the grid is counted once: for the groupings of the forecast and for the one on
 * the screen. More of them would take as much memory again.
 */
function countsOf(sample: Sample, by: HolderBy): GroupCounts {
  const id = by.join("+");
  let kept = COUNTS.get(sample);
  if (kept === undefined) COUNTS.set(sample, (kept = new Map()));
  let counts = kept.get(id);
  if (counts !== undefined) return counts;
  counts = groupCounts(sample.backends, by);
  if (kept.size >= KEPT) kept.delete([...kept.keys()].find((other) => other !== "application" && other !== "client")!);
  kept.set(id, counts);
  return counts;
}

const KEPT = 3;
const COUNTS = new WeakMap<Sample, Map<string, GroupCounts>>();
