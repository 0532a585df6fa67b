import { lastResult } from "../analysis/last-result.ts";
import { waitsForLock } from "../analysis/states.ts";
import type { Backend } from "../model/backend.ts";
import { speaksSql } from "../model/lane.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import type { Ages } from "./rule.ts";
import { shape } from "./shape.ts";
import { grouped, sessions } from "./sources.ts";

export interface SlowPile {
  readonly shape: string;
  /** The longest running first. */
  readonly running: readonly { readonly backend: Backend; readonly seconds: number }[];
}

const LEAST = 5;

/** Sessions that run the same query, all of them for long, and wait for no lock: the most first. Titles of processes tell no query. */
export const slowPiles = lastResult((sample: Sample, ages: Ages): readonly SlowPile[] => {
  if (!speaksSql(sample.server.lane)) return [];
  const slow = sessions(sample)
    .filter((backend) => backend.state === "active" && !waitsForLock(backend) && backend.query !== "")
    .map((backend) => ({ backend, seconds: secondsSince(backend.queryStartSeconds, sample) ?? 0 }))
    .filter(({ seconds }) => seconds >= ages.slowQuery);
  return [...grouped(slow, ({ backend }) => shape(backend))]
    .filter(([, running]) => running.length >= LEAST)
    .map(([shape, running]) => ({ shape, running: running.sort((a, b) => b.seconds - a.seconds) }))
    .sort((a, b) => b.running.length - a.running.length);
});
