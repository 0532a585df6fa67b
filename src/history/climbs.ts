import { countIn, groupCounts, type GroupCounts, type HolderBy, type Name } from "../analysis/holder-groups.ts";
import { LEAST_GROWTH, trend, type Trend } from "../analysis/trend.ts";
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
const COMPARED = 1500;
/** The groups of the newest sample that climb steadily. */
export function climbs(history: History, by: HolderBy): readonly GroupClimb[] {
  const points = grid(stretch(history));
  if (points.length === 0) return [];
  const seconds = points.map(({ sample }) => sample.serverSeconds);
  const counted = points.map((point) => countsOf(point, by));
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
      count,
      more: count - earlier.reduce((least, then) => Math.min(least, countIn(then, names)), count),
    }))
    .filter(({ more, names, count }) => more >= LEAST_GROWTH && isHigh(counted, names, count))
    .sort((a, b) => b.more - a.more)
    .slice(0, LOOKED_AT)
    .map(({ names }) => names);
}

/** Who climbs is about as high as in the last half minute: most groups that breathe are out of the question by that. */
function isHigh(counted: readonly GroupCounts[], names: readonly Name[], count: number): boolean {
  return counted.slice(-LATEST).every((then, i) => i % 3 !== 0 || countIn(then, names) <= count + 1);
}

const LATEST = 16;

interface Point {
  readonly sample: Sample;
  /** It is one for as long as it is in the history, for a minute, or until the next sample. */
  readonly lasts: "always" | "lately" | "now";
}

const FAR_MS = 10_000;
/** In the last minute, more of them: a fast leak leaves no time for fewer. */
const NEAR_MS = 2000;
const LATELY_MS = 60_000;

/** The first sample of every ten seconds, in the last minute of every two, and the newest. */
function grid(entries: readonly Entry[]): Point[] {
  const points: Point[] = [];
  const newest = entries.at(-1)?.reading.takenAt ?? 0;
  let [far, near] = [-1, -1];
  for (let i = 0; i < entries.length; i++) {
    const { reading } = entries[i]!;
    if (reading.kind === "gap") continue;
    const { takenAt } = reading;
    const [farHere, nearHere] = [Math.trunc(takenAt / FAR_MS), Math.trunc(takenAt / NEAR_MS)];
    if (farHere !== far) points.push({ sample: reading, lasts: "always" });
    else if (nearHere !== near && takenAt > newest - LATELY_MS) points.push({ sample: reading, lasts: "lately" });
    else if (i === entries.length - 1) points.push({ sample: reading, lasts: "now" });
    [far, near] = [farHere, nearHere];
  }
  return points;
}

/**
 * Counted once, but for the newest: for the groupings of the forecast and for the one on the screen. What stays is kept as long as the sample lives, of the
 * others the last ones, so that a history of a thousand groups takes no memory to speak of.
 */
function countsOf({ sample, lasts }: Point, by: HolderBy): GroupCounts {
  const id = by.join("+");
  const known = COUNTS.get(sample)?.get(id) ?? PASSING.find((one) => one.sample === sample && one.id === id)?.counts;
  if (known !== undefined) return known;
  const counts = groupCounts(sample.backends, by);
  if (lasts === "always") keep(sample, id, counts);
  if (lasts === "lately") {
    PASSING.push({ sample, id, counts });
    if (PASSING.length > MOST_PASSING) PASSING.shift();
  }
  return counts;
}

function keep(sample: Sample, id: string, counts: GroupCounts): void {
  const kept = COUNTS.get(sample) ?? new Map<string, GroupCounts>();
  COUNTS.set(sample, kept);
  const other = [...kept.keys()].find((one) => one !== "application" && one !== "client");
  if (other !== undefined && kept.size >= KEPT) kept.delete(other);
  kept.set(id, counts);
}

/** Groupings for which counts are kept. */
const KEPT = 3;
const COUNTS = new WeakMap<Sample, Map<string, GroupCounts>>();

const MOST_PASSING = (KEPT * LATELY_MS) / NEAR_MS;
const PASSING: { readonly sample: Sample; readonly id: string; readonly counts: GroupCounts }[] = [];
