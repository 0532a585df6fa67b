import type { HolderBy } from "../analysis/holder-groups.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { LimitUse, Slots } from "../analysis/slots.ts";
import { LEAST_GROWTH, trend, type Course, type Trend } from "../analysis/trend.ts";
import { isClient } from "../model/backend.ts";
import type { ConnectionLimit } from "../model/server.ts";
import type { Sample } from "../model/reading.ts";
import { climbs } from "./climbs.ts";
import { courseOf } from "./course-of.ts";
import type { Entry, History } from "./history.ts";
import { stretch } from "./stretch.ts";

/** What gets full when, if sessions go on to be added as they have been. */
export interface Forecast {
  /** Sessions more in each minute. */
  readonly perMinute: number;
  /** From the newest sample on. */
  readonly fullInSeconds: number;
  /** Null: the slots for ordinary roles; else the limit of one role or database, which is reached before. */
  readonly limit: ConnectionLimit | null;
}

/**
 * The wall that is reached first, in a steady climb; null when there is none, when it is further off than a day, or when the numbers do not
 * carry such a claim: hidden rows may or may not be sessions.
 */
export const forecast = lastResult((history: History, slots: Slots): Forecast | null => {
  const entries = stretch(history);
  const found = slots.limits
    .filter(isNear)
    .sort((a, b) => b.used.low / b.limit - a.used.low / a.limit)
    .slice(0, LIMITS)
    .map((limit) => ofLimit(entries, limit));
  found.push(ofServer(history, entries, slots));
  return found.reduce(
    (first, one) => (one === null || (first !== null && first.fullInSeconds <= one.fullInSeconds) ? first : one),
    null,
  );
});

/** Limits that are looked at, those with the least room. */
const LIMITS = 8;
const DAY = 86_400;

/** Room is left, and no more than twice of what is used: nobody climbs from nothing to far away. */
function isNear({ used, limit }: LimitUse): boolean {
  return used.low === used.high && used.low < limit && used.low >= limit / 3;
}

function ofServer(history: History, entries: readonly Entry[], { app, used, hidden }: Slots): Forecast | null {
  if (app === null || hidden > 0 || used.low >= app) return null;
  const course = usedSlots(entries);
  // What is no higher than it ever was does not climb, whatever its parts do: on most servers that is all there is to look at.
  if (used.low - course.values.reduce((least, value) => Math.min(least, value), Infinity) < LEAST_GROWTH) return null;
  const climb = trend(course, app) ?? climbOfGroups(history, course);
  return climb === null ? null : until(app, climb, null);
}

const usedSlots = courseOf((_, { used }) => used);

type Climb = Pick<Trend, "perSecond" | "level">;

/** By the grouping that tells most leaks, and by the other one where applications give no names. */
const LOOKED_AT: readonly HolderBy[] = [["application"], ["client"]];

/** Where other pools breathe so much that the sum is no line, the group that leaks is one all the same. */
function climbOfGroups(history: History, course: Course): Climb | null {
  for (const by of LOOKED_AT) {
    const perSecond = climbs(history, by).reduce((sum, { trend }) => sum + trend.perSecond, 0);
    if (perSecond > 0) return { perSecond, level: level(course, perSecond) };
  }
  return null;
}

const LEVEL_SECONDS = 60;

/** Where a number that breathes stands now, given how fast it climbs: the mean of the last minute, each value carried on until now. */
function level({ seconds, values }: Course, perSecond: number): number {
  const now = seconds.at(-1)!;
  let sum = 0;
  let n = 0;
  for (let i = values.length - 1; i >= 0 && now - seconds[i]! <= LEVEL_SECONDS; i--) {
    sum += values[i]! + perSecond * (now - seconds[i]!);
    n++;
  }
  return sum / n;
}

function ofLimit(entries: readonly Entry[], limit: LimitUse): Forecast | null {
  const { kind, name } = limit;
  const climb = trend(usesOf(limit)(entries), limit.limit);
  return climb === null ? null : until(limit.limit, climb, { kind, name, limit: limit.limit });
}

/** Sessions are whole: the wall is reached half a session before the line through their number reaches it. */
function until(wall: number, { perSecond, level }: Climb, limit: ConnectionLimit | null): Forecast | null {
  const fullInSeconds = Math.max(0, (wall - 0.5 - level) / perSecond);
  return fullInSeconds > DAY ? null : { perMinute: perSecond * 60, fullInSeconds, limit };
}

function usedOf({ backends }: Sample, { kind, name }: ConnectionLimit): number {
  let count = 0;
  for (const backend of backends)
    if ((kind === "role" ? backend.user : backend.database) === name && isClient(backend)) count++;
  return count;
}

/** Counted once for each sample and limit, for those limits that were looked at last. */
function usesOf(limit: ConnectionLimit): (entries: readonly Entry[]) => Course {
  const key = `${limit.kind} ${limit.name}`;
  const known = USES.get(key) ?? courseOf((sample) => usedOf(sample, limit));
  USES.delete(key);
  USES.set(key, known);
  if (USES.size > 2 * LIMITS) USES.delete([...USES.keys()][0]!);
  return known;
}

const USES = new Map<string, (entries: readonly Entry[]) => Course>();
