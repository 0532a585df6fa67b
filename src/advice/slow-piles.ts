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
  return [...byShape(slow)]
    .filter(([, running]) => running.length >= LEAST)
    .map(([shape, running]) => ({ shape, running: running.sort((a, b) => b.seconds - a.seconds) }))
    .sort((a, b) => b.running.length - a.running.length);
});

type Running = SlowPile["running"][0];

/** Each text is looked at once, and of very many different ones only some: where there are hundreds, enough of them are of one shape. */
function byShape(slow: readonly Running[]): Map<string, Running[]> {
  const groups = new Map<string, Running[]>();
  const texts = grouped(slow, ({ backend: { queryId, query } }) =>
    queryId === null || queryId === "0" ? query : queryId,
  );
  for (const [, running] of [...texts].slice(0, MOST_TEXTS)) {
    const name = shape(running[0]!.backend);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, running);
    else group.push(...running);
  }
  return groups;
}

const MOST_TEXTS = 200;
