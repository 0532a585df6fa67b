import { clientName } from "../analysis/client-name.ts";
import { lastResult } from "../analysis/last-result.ts";
import { isFull, slots } from "../analysis/slots.ts";
import type { History } from "../history/history.ts";
import { stretch } from "../history/stretch.ts";
import { isClient, type Backend } from "../model/backend.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import type { Ages } from "./rule.ts";
import { shape } from "./shape.ts";
import { grouped, sources, type Source } from "./sources.ts";

/** Sessions that an application opens, uses once or never, and does not close. */
export interface Leak {
  readonly application: string | null;
  readonly role: string | null;
  readonly clients: readonly (string | null)[];
  /** The oldest first. */
  readonly leaked: readonly Backend[];
  /** Sessions of the same sources that have been used again. */
  readonly inUse: number;
  /** Of the leaked ones: those that never ran a query. */
  readonly neverUsed: number;
  readonly perMinute: number;
  /** How long ago the first and the last of them were opened. */
  readonly firstSeconds: number;
  readonly lastSeconds: number;
  /** What history has of the same sources; null before it is long enough to tell. */
  readonly growth: { readonly sessions: number; readonly seconds: number } | null;
}

const LEAST = 8;
/** Of a source's sessions, so many are leaked, and so many of these end with the same query. */
const NEARLY_ALL = 0.8;
const SAME_QUERY = 0.75;
/** Whoever opens a session uses it within so many seconds, or not at all. */
const USED_AT_ONCE = 5;

/**
 * A source leaks if it opened its sessions one after the other, used each right after that and never again, and goes on with it. One
 * sample shows that: each session tells when it was opened and when it was last used. What a pool replaces by and by, because its sessions
 * have a longest life, looks the same: there the number of sessions does not grow, which history tells, so that what is slow has to grow first.
 */
export const leaks = lastResult((sample: Sample, history: History, ages: Ages): readonly Leak[] => {
  // Titles of processes do not tell when something was last used.
  if (!speaksSql(sample.server.lane)) return [];
  const found: Leak[] = [];
  const byApplication = grouped(sources(sample), ({ application, role }) => `${application ?? "\0"}\0${role ?? "\0"}`);
  for (const group of byApplication.values()) {
    const leaking = group.flatMap((source) => leakOf([source], sample, history, ages) ?? []);
    // Each instance of an application may leak too little to be told alone.
    const together = leaking.length === 0 && group.length > 1 ? leakOf(group, sample, history, ages) : null;
    const leak = leaking.length > 0 ? joined(leaking) : together;
    if (leak !== null) found.push(leak);
  }
  return found.sort((a, b) => b.leaked.length - a.leaked.length);
});

function leakOf(group: readonly Source[], sample: Sample, history: History, ages: Ages): Leak | null {
  const all = group.reduce((count, source) => count + source.sessions.length, 0);
  if (all < LEAST) return null;
  const leaked: Backend[] = [];
  for (const { sessions } of group) for (const backend of sessions) if (usedOnce(backend)) leaked.push(backend);
  if (leaked.length < LEAST || leaked.length < NEARLY_ALL * all) return null;
  const { first, last } = openedBetween(leaked);
  const span = last - first;
  if (span < ages.leak) return null;
  const perMinute = ((leaked.length - 1) * 60) / span;
  const lastSeconds = Math.max(0, sample.serverSeconds - last);
  const wall = isAtAWall(group, sample);
  if (!wall && lastSeconds > Math.max(3 * ages.leak, (RECENT_INTERVALS * 60) / perMinute)) return null;
  // Of most pools it is known by now that they do not leak; the rest takes longer.
  leaked.sort((a, b) => a.backendStartSeconds! - b.backendStartSeconds!);
  if (!isSteady(leaked.map((backend) => backend.backendStartSeconds!)) || !endWithTheSame(leaked)) return null;
  const growth = growthOf(group, all, sample, history);
  if (!climbs(growth, perMinute, wall, all, sample)) return null;
  return {
    application: group[0]!.application,
    role: group[0]!.role,
    clients: group.map(({ client }) => client),
    leaked,
    inUse: all - leaked.length,
    neverUsed: leaked.filter(({ queryStartSeconds }) => queryStartSeconds === null).length,
    perMinute,
    firstSeconds: sample.serverSeconds - first,
    lastSeconds,
    growth,
  };
}

const RECENT_INTERVALS = 5;

function usedOnce({ state, backendStartSeconds, stateChangeSeconds }: Backend): boolean {
  return (
    state === "idle" &&
    backendStartSeconds !== null &&
    stateChangeSeconds !== null &&
    stateChangeSeconds - backendStartSeconds <= USED_AT_ONCE
  );
}

function openedBetween(leaked: readonly Backend[]): { readonly first: number; readonly last: number } {
  let [first, last] = [Infinity, -Infinity];
  for (const { backendStartSeconds } of leaked) {
    first = Math.min(first, backendStartSeconds!);
    last = Math.max(last, backendStartSeconds!);
  }
  return { first, last };
}

/** No burst, in which a tenth of the time brings a good part of them, and no long rest: what opens a pool, or several, is neither. */
function isSteady(starts: readonly number[]): boolean {
  const span = starts.at(-1)! - starts[0]!;
  const burst = Math.max(3, starts.length * 0.3);
  let from = 0;
  for (let i = 1; i < starts.length; i++) {
    if (starts[i]! - starts[i - 1]! > span * 0.4) return false;
    while (starts[i]! - starts[from]! > span / 10) from++;
    if (i - from + 1 > burst) return false;
  }
  return true;
}

/** Of many, some dozens are looked at. */
function endWithTheSame(leaked: readonly Backend[]): boolean {
  const step = Math.max(1, Math.trunc(leaked.length / 40));
  const some = leaked.filter((backend, i) => i % step === 0 && backend.queryStartSeconds !== null);
  const shapes = [...grouped(some, shape).values()];
  const most = shapes.reduce((most, group) => Math.max(most, group.length), 0);
  return most >= SAME_QUERY * some.length;
}

/** It would go on if it were let in. */
function isAtAWall(group: readonly Source[], sample: Sample): boolean {
  const { free, limits } = slots(sample);
  if (free.app === 0) return true;
  const databases = new Set(group.flatMap(({ sessions }) => sessions.map(({ database }) => database)));
  return limits.some(
    (limit) => isFull(limit) && (limit.kind === "role" ? limit.name === group[0]!.role : databases.has(limit.name)),
  );
}

/** What is faster than this has filled the server before history could tell. */
const FAST_PER_MINUTE = 2;
/** At a wall nothing grows any more; a pool that is smaller than this is none that has filled the server. */
const GOOD_PART = 0.25;
const ENOUGH_INTERVALS = 3;

function climbs(growth: Leak["growth"], perMinute: number, wall: boolean, all: number, sample: Sample): boolean {
  if (wall) return all >= GOOD_PART * (slots(sample).app ?? Infinity) || perMinute >= FAST_PER_MINUTE;
  const expected = growth === null ? 0 : (growth.seconds * perMinute) / 60;
  if (growth === null || expected < ENOUGH_INTERVALS) return perMinute >= FAST_PER_MINUTE;
  return growth.sessions >= expected / 2;
}

/** So far it is looked back at the most. */
const LOOK_BACK_MS = 5 * 60_000;

/** The sources of a group differ by their clients alone. */
function growthOf(group: readonly Source[], now: number, sample: Sample, history: History): Leak["growth"] {
  const since = sample.takenAt - LOOK_BACK_MS;
  const reading = stretch(history).find(
    ({ reading }) => reading.kind === "sample" && reading.takenAt >= since,
  )?.reading;
  if (reading?.kind !== "sample" || reading === sample) return null;
  const [{ application, role }] = group as readonly [Source, ...Source[]];
  const clients = new Set(group.map(({ client }) => client));
  const then = reading.backends.filter(
    (b) => isClient(b) && b.application === application && b.user === role && clients.has(clientName(b)),
  ).length;
  return { sessions: now - then, seconds: (sample.takenAt - reading.takenAt) / 1000 };
}

function joined(leaks: readonly Leak[]): Leak {
  const [one] = leaks as readonly [Leak, ...Leak[]];
  if (leaks.length === 1) return one;
  const sum = (of: (leak: Leak) => number): number => leaks.reduce((total, leak) => total + of(leak), 0);
  return {
    ...one,
    clients: leaks.flatMap(({ clients }) => clients),
    leaked: leaks.flatMap(({ leaked }) => leaked).sort((a, b) => a.backendStartSeconds! - b.backendStartSeconds!),
    inUse: sum(({ inUse }) => inUse),
    neverUsed: sum(({ neverUsed }) => neverUsed),
    perMinute: sum(({ perMinute }) => perMinute),
    firstSeconds: Math.max(...leaks.map(({ firstSeconds }) => firstSeconds)),
    lastSeconds: Math.min(...leaks.map(({ lastSeconds }) => lastSeconds)),
    growth: leaks.every(({ growth }) => growth !== null)
      ? { sessions: sum(({ growth }) => growth!.sessions), seconds: one.growth!.seconds }
      : null,
  };
}
