/** A number over time, oldest first. */
export interface Course {
  readonly seconds: readonly number[];
  readonly values: readonly number[];
}

/** A steady climb that lasts until now. */
export interface Trend {
  readonly perSecond: number;
  /** Where the line through it stands now. */
  readonly level: number;
  /** How long it has been climbing, as far as we have seen it. */
  readonly seconds: number;
}

/** A climb that is less may be anything. */
export const LEAST_GROWTH = 4;
/** Steps up to a new height: one jump, or two, is a storm and no trend. */
const LEAST_STEPS = 3;
const LEAST_SECONDS = 10;
const LEAST_POINTS = 6;
/** Share of what happened that a straight line explains. A single jump comes to no more than 0.75, four even steps to 0.94. */
const FIT = 0.85;
/** Few points lie on a line by chance more easily. */
const FIT_OF_FEW = 0.95;
const FEW = 15;
/** A climb of which the like has come down by itself as often as this is one more wave. */
const WAVES = 2;
/** From this share of the limit on, coming down was hardly by itself: the limit, or somebody, has stopped it. */
const NEAR_WALL = 0.9;
/** What has gone on for longer than the longest pause so far, by this much, is over. */
const PATIENCE = 1.5;

/**
 * The steady climb in which a number is now; null when there is none, or when what was seen does not carry such a claim. Of all
 * stretches that last until now, the one that a straight line fits best: it begins where the climb did.
 *
 * @param wall the limit that it runs into, or null
 */
export function trend(course: Course, wall: number | null = null): Trend | null {
  for (let least = LEAST_SECONDS; ;) {
    const found = bestFit(course, least);
    if (found === null) return null;
    if (climbs(course, found) && !isWave(course, found, wall) && !isReturn(course, found, wall)) return found;
    // What is no climb by itself may be one step of a greater one.
    least = found.seconds * 2;
  }
}

interface Fit extends Trend {
  /** Index of its first point. */
  readonly from: number;
}

/** Least squares over every stretch that lasts until now, in one pass from now back: each point adds to sums. */
function bestFit({ seconds, values }: Course, leastSeconds: number): Fit | null {
  const last = values.length - 1;
  let best: Fit | null = null;
  let least = Infinity;
  let [n, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0];
  for (let i = last; i >= 0; i--) {
    const x = seconds[i]! - seconds[last]!;
    const y = values[i]! - values[last]!;
    n++;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
    if (n < LEAST_POINTS || -x < leastSeconds) continue;
    const xVariance = sxx - (sx * sx) / n;
    const yVariance = syy - (sy * sy) / n;
    const together = sxy - (sx * sy) / n;
    if (together <= 0 || yVariance <= 0) continue;
    const perSecond = together / xVariance;
    const share = (together * together) / (xVariance * yVariance);
    if (share < (n < FEW ? FIT_OF_FEW : FIT) || perSecond * -x < LEAST_GROWTH) continue;
    // Of two that fit as well, the longer one: sessions that leak one by one make short straight lines by chance.
    const misfit = (1 - share) / Math.sqrt(-x);
    if (misfit >= least) continue;
    least = misfit;
    best = { perSecond, level: values[last]! + (sy - perSecond * sx) / n, seconds: -x, from: i };
  }
  return best;
}

/** It reached a new height often enough, and the last time not so long ago that it is over. */
function climbs({ seconds, values }: Course, { from, perSecond }: Fit): boolean {
  const last = values.length - 1;
  let highest = values[from]!;
  let since = seconds[from]!;
  let steps = 0;
  let longest = 0;
  for (let i = from + 1; i <= last; i++) {
    if (values[i]! <= highest) continue;
    highest = values[i]!;
    steps++;
    longest = Math.max(longest, seconds[i]! - since);
    since = seconds[i]!;
  }
  // The step that is due may have been made since the last look.
  const look = seconds[last]! - seconds[last - 1]!;
  return steps >= LEAST_STEPS && seconds[last]! - since <= Math.max(2 / perSecond, PATIENCE * longest) + look;
}

/** Climbs at least half as high have come down again by themselves before: saw-teeth, a pool that breathes. */
function isWave({ values }: Course, { from, perSecond, seconds }: Fit, wall: number | null): boolean {
  const height = Math.max(3, (perSecond * seconds) / 2);
  let waves = 0;
  let low = values[0]!;
  let high = values[0]!;
  let up = false;
  for (let i = 1; i <= from; i++) {
    const value = values[i]!;
    if (up) {
      high = Math.max(high, value);
      if (high - value < height) continue;
      if (wall === null || high < NEAR_WALL * wall) waves++;
      up = false;
      low = value;
    } else {
      low = Math.min(low, value);
      if (value - low < height) continue;
      up = true;
      high = value;
    }
  }
  return waves >= WAVES;
}

/** It is on its way back to where it mostly was, as after a restart of the application. */
function isReturn({ values }: Course, { from, level }: Fit, wall: number | null): boolean {
  let above = 0;
  let below = 0;
  for (let i = 0; i < from; i++) {
    if (wall !== null && values[i]! >= NEAR_WALL * wall) continue;
    if (values[i]! >= level) above++;
    else below++;
  }
  return above > below;
}
