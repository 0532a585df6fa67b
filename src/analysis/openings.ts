import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";

/** When sessions were opened: all of them, or the young ones where these are most of them. */
export interface Openings {
  readonly count: number;
  /** Of so many whose start is known. */
  readonly of: number;
  /** Ages of the youngest and of the oldest of `count`. */
  readonly newestSeconds: number;
  readonly oldestSeconds: number;
  /** Age of the oldest of all. */
  readonly firstSeconds: number;
}

/** Lengths of time in which somebody looks for what has happened. */
const LATELY = [60, 300, 900, 3600] as const;
const FEW = 3;

/** Null when nobody tells of any of them when it was opened. */
export function openings(sessions: readonly Backend[], sample: Sample): Openings | null {
  const ages = sessions
    .map((backend) => secondsSince(backend.backendStartSeconds, sample))
    .filter((age) => age !== null)
    .sort((a, b) => a - b);
  const first = ages.at(-1);
  if (first === undefined) return null;
  const young = LATELY.map((seconds) => ages.filter((age) => age <= seconds).length);
  const count = young.find((n) => n >= FEW && n * 2 >= ages.length) ?? ages.length;
  return {
    count,
    of: ages.length,
    newestSeconds: ages[0]!,
    oldestSeconds: ages[count - 1]!,
    firstSeconds: first,
  };
}
