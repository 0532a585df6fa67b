import { slots } from "../analysis/slots.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { Tuning } from "../model/tuning.ts";
import { bytes } from "../text/bytes.ts";
import type { Finding, Rule } from "./rule.ts";
import { workMemFor } from "./setting.ts";
import { MOST_SESSIONS } from "./rule.ts";
import { sessions } from "./sources.ts";
import { listed, short } from "./words.ts";

export const memoryRisk: Rule = {
  id: "memory-risk",
  title: "more memory promised to sessions than the machine has, if all of them were at work",
  check({ sample, thresholds }) {
    const { tuning } = sample.server;
    const { max } = slots(sample, thresholds);
    if (tuning?.machineBytes == null || max === null) return [];
    const present = sessions(sample);
    const workMems = present.map(workMem(tuning));
    const most = workMems.reduce((most, one) => Math.max(most, one), 0);
    const sum = workMems.reduce((sum, one) => sum + one, 0);
    const now = need({ sessions: present.length, sum, most }, tuning);
    const full = need({ sessions: max, sum: max * tuning.workMemBytes, most: tuning.workMemBytes }, tuning);
    if (now <= tuning.machineBytes && full <= tuning.machineBytes) return [];
    return [finding({ now, full, max, present }, tuning, tuning.machineBytes)];
  },
};

/** A session that rests has this much of its own; one that has seen many tables has several times as much. */
const RESTING_BYTES = 2 * 2 ** 20;
/** Sorts, hashes and the like of one query that are at work at the same time. */
const OPERATIONS = 2;

function workMem(tuning: Tuning): (backend: Backend) => number {
  return ({ user, database }) => workMemFor(tuning, user, database);
}

/**
 * At the least, if all of them were at work, each with two sorts. Hashes may take hash_mem_multiplier times as much, and parallel workers,
 * of which there are max_parallel_workers for all sessions together, take as much each as their leader does.
 */
function need({ sessions, sum, most }: WorkMem, tuning: Tuning): number {
  const { sharedBytes, maxParallelWorkers, maxParallelWorkersPerGather: perGather } = tuning;
  const workers = Math.min(maxParallelWorkers, perGather * sessions);
  const maintenance = tuning.autovacuumMaxWorkers * tuning.maintenanceWorkMemBytes;
  return sharedBytes + sessions * RESTING_BYTES + OPERATIONS * (sum + workers * most) + maintenance;
}

/** Of so many sessions, bytes: all together, and the largest. */
interface WorkMem {
  readonly sessions: number;
  readonly sum: number;
  readonly most: number;
}

interface Need {
  readonly now: number;
  readonly full: number;
  readonly max: number;
  readonly present: readonly Backend[];
}

function finding({ now, full, max, present }: Need, tuning: Tuning, machine: number): Finding {
  const isNow = now > machine;
  const shown = isNow ? now : full;
  const whose = isNow ? `the ${present.length} sessions there are` : `max_connections = ${max} sessions`;
  const fits = Math.max(0, machine - tuning.sharedBytes - max * RESTING_BYTES) / (OPERATIONS * max);
  return {
    id: memoryRisk.id,
    about: "",
    severity: isNow ? "warning" : "info",
    title: `${whose}, all at work, would need ${bytes(shown)} and more; the machine has ${bytes(machine)}`,
    evidence: evidence(present, tuning, { now, full, max }),
    next: [
      ...(fits >= 2 ** 20 && fits < tuning.workMemBytes
        ? [
            {
              text: "less work_mem for everybody, and more for the sessions that need it; for queries from then on",
              sql: `ALTER SYSTEM SET work_mem = '${Math.trunc(fits / 2 ** 20)}MB'; SELECT pg_reload_conf();`,
            },
          ]
        : []),
      { text: "or fewer sessions: PgBouncer, pool_mode = transaction, 20 to 50 backends" },
    ],
    avoid: [
      "do not rely on swap or on overcommit: when memory is gone the kernel kills a backend, and that ends all sessions",
    ],
    sessions: isNow ? present.toSorted((a, b) => workMem(tuning)(b) - workMem(tuning)(a)).slice(0, MOST_SESSIONS) : [],
  };
}

function evidence(
  present: Sample["backends"],
  tuning: Tuning,
  { now, full, max }: Pick<Need, "now" | "full" | "max">,
): string[] {
  const { workMemBytes, hashMemMultiplier, maxParallelWorkers, sharedBytes } = tuning;
  const overrides = tuning.overrides.filter(({ name }) => name === "work_mem");
  return [
    `${bytes(sharedBytes)} shared, ${bytes(RESTING_BYTES)} for each session, ${OPERATIONS} sorts of work_mem ${bytes(workMemBytes)} each, ${maxParallelWorkers} parallel workers for all`,
    `hashes may take ${hashMemMultiplier} times work_mem; autovacuum ${tuning.autovacuumMaxWorkers} times ${bytes(tuning.maintenanceWorkMemBytes)}`,
    `${bytes(now)} with the ${present.length} sessions there are, ${bytes(full)} with ${max}`,
    ...(overrides.length > 0
      ? [
          `work_mem of its own: ${listed(overrides.map(({ role, database, value }) => `${short(role ?? database ?? "all roles")} ${short(value, 12)}`))}`,
        ]
      : []),
    "an estimate, no ceiling: a query may sort more often, and most sort less",
  ];
}
