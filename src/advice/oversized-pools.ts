import { slots } from "../analysis/slots.ts";
import { spanSeconds, type History } from "../history/history.ts";
import { mostActive } from "../history/peaks.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { duration, span } from "../text/format.ts";
import { leaks } from "./leaks.ts";
import { lowest } from "./lowest.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule } from "./rule.ts";
import { levelNow } from "./slots-level.ts";
import { grouped, sources, type Source } from "./sources.ts";
import { NOT_MAX_CONNECTIONS } from "./steps.ts";
import { listed, short } from "./words.ts";

export const oversizedPools: Rule = {
  id: "oversized-pools",
  title: "instances of an application whose pools, all of one size, hold a good part of the slots and rest",
  check: (context) => fleets(context).map((fleet) => finding(fleet, context)),
};

/** The pools of the instances of one application. */
interface Fleet {
  /** With `#` for a number by which the instances differ: web-#. */
  readonly name: string;
  readonly role: string | null;
  readonly pools: readonly Source[];
  readonly sessions: number;
  readonly idle: number;
  /** How long the one that was used last has rested among the nine of ten that have rested longest. */
  readonly restedSeconds: number;
  /** Those that a finding names: the longest idle first. */
  readonly resting: readonly Backend[];
  /** Most sessions at work at once, of all applications, as far as history goes back; null: it does not. */
  readonly peak: { readonly active: number; readonly seconds: number } | null;
}

const LEAST_POOLS = 3;
const LEAST_SESSIONS = 4;
const NEARLY_ALL = 0.9;
/** Of the app slots. */
const GOOD_PART = 0.3;

function fleets({ sample, history, ages, thresholds }: Context): Fleet[] {
  const app = slots(sample, thresholds).app;
  if (app === null) return [];
  const leaking = new Set(
    leaks(sample, history, ages).map(({ application, role }) => JSON.stringify([application, role])),
  );
  const candidates = sources(sample).filter(
    ({ application, role, client, sessions }) =>
      client !== null && sessions.length >= LEAST_SESSIONS - 1 && !leaking.has(JSON.stringify([application, role])),
  );
  const found: Fleet[] = [];
  for (const pools of grouped(
    candidates,
    ({ application, role }) => `${stem(application)}\0${role ?? "\0"}`,
  ).values()) {
    if (pools.reduce((sum, pool) => sum + pool.sessions.length, 0) < GOOD_PART * app) continue;
    const fleet = fleetOf(pools, sample, history);
    if (fleet !== null && fleet.sessions >= GOOD_PART * app && fleet.restedSeconds >= ages.poolIdle) found.push(fleet);
  }
  return found.sort((a, b) => b.sessions - a.sessions);
}

function fleetOf(all: readonly Source[], sample: Sample, history: History): Fleet | null {
  const sizes = all.map(({ sessions }) => sessions.length).sort((a, b) => a - b);
  const size = sizes[Math.trunc(sizes.length / 2)]!;
  const pools = all
    .filter(({ sessions }) => Math.abs(sessions.length - size) <= 1)
    // The server lists sessions in no order of ours.
    .sort((a, b) => (`${a.client} ${a.application}` < `${b.client} ${b.application}` ? -1 : 1));
  // Most of them are of one size, give or take one.
  if (size < LEAST_SESSIONS || pools.length < LEAST_POOLS || pools.length < NEARLY_ALL * all.length) return null;
  const sessions = pools.flatMap((pool) => pool.sessions);
  const resting = sessions.filter(({ state, stateChangeSeconds }) => state === "idle" && stateChangeSeconds !== null);
  const most = Math.ceil(NEARLY_ALL * sessions.length);
  const peak = peakOf(history);
  // If there were times in which half of them were at work they are not too many.
  if (resting.length < most || (peak !== null && peak.active * 2 > sessions.length)) return null;
  const since = Float64Array.from(resting, ({ stateChangeSeconds }) => stateChangeSeconds!).sort();
  return {
    name: stem(pools[0]!.application),
    role: pools[0]!.role,
    pools,
    sessions: sessions.length,
    idle: resting.length,
    restedSeconds: secondsSince(since[most - 1]!, sample)!,
    resting: lowest(resting, MOST_SESSIONS, ({ stateChangeSeconds }) => stateChangeSeconds!),
    peak,
  };
}

/** Instances are often told apart by a number in their name: web-0, web-1. */
function stem(application: string | null): string {
  return (application ?? "").replace(/\d+/g, "#");
}

function peakOf(history: History): Fleet["peak"] {
  const active = mostActive(history);
  return active === null ? null : { active, seconds: spanSeconds(history) };
}

function finding(fleet: Fleet, { sample, thresholds }: Context): Finding {
  const { pools, sessions, idle, peak, restedSeconds, role } = fleet;
  const { app } = slots(sample, thresholds);
  const level = levelNow(sample, thresholds);
  const name = fleet.name === "" ? `role ${short(role ?? "?")}` : short(fleet.name);
  const sizes = [...new Set(pools.map((pool) => pool.sessions.length))].sort((a, b) => a - b);
  const each = sizes.length === 1 ? String(sizes[0]) : `${sizes[0]} to ${sizes.at(-1)}`;
  return {
    id: oversizedPools.id,
    about: JSON.stringify([fleet.name, role]),
    severity: level === "warn" || level === "critical" ? "warning" : "info",
    title: `pools of ${name} hold ${sessions} of ${app} app slots: ${pools.length} of ${each} each, ${idle} sessions idle`,
    evidence: [
      `from ${listed(pools.map((pool) => placeOf(pool, pools)))}`,
      `nine of ten have been idle for ${duration(restedSeconds)} and longer, one for ${duration(secondsSince(fleet.resting[0]!.stateChangeSeconds, sample))}`,
      ...(peak === null || peak.seconds < 1
        ? []
        : [
            `at most ${peak.active} sessions of all applications were at work at once in the last ${span(peak.seconds)}`,
          ]),
    ],
    next: [
      {
        text: `make the pool of each instance smaller than ${sizes.at(-1)}, or let it close what rests (idle timeout, minimum idle)`,
      },
      { text: "better, one pool for all instances: PgBouncer, pool_mode = transaction, default_pool_size = 20" },
      { text: "size that pool by cores, not by clients: 1000 clients do well on 20 to 50 backends" },
    ],
    avoid: [NOT_MAX_CONNECTIONS, "do not end the idle ones one by one: their pools open them again at once"],
    sessions: fleet.resting,
  };
}

/** By their addresses, or by their names where all are on one machine. */
function placeOf({ client, application }: Source, pools: readonly Source[]): string {
  return pools.every((pool) => pool.client === client) ? short(application ?? "?") : client!;
}
