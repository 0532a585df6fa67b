import { autovacuumWorkers, autovacuumWorkersAllowed, preventsWraparound } from "../analysis/autovacuum.ts";
import type { Pin } from "../analysis/horizon.ts";
import { numberOf } from "../analysis/setting-read.ts";
import { stretch } from "../history/stretch.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import type { Tuning } from "../model/tuning.ts";
import { duration } from "../text/format.ts";
import { pinWords, release, rowPins } from "./pins.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule, type Step } from "./rule.ts";
import { change } from "./steps.ts";
import { are, short } from "./words.ts";

export const autovacuumSaturated: Rule = {
  id: "autovacuum-saturated",
  title: "all autovacuum workers at work for minutes: tables that need VACUUM wait for their turn",
  check(context) {
    const { sample, ages } = context;
    const { tuning } = sample.server;
    if (tuning === null) return [];
    const allowed = autovacuumWorkersAllowed(tuning);
    const workers = autovacuumWorkers(sample);
    if (allowed === 0 || workers.length < allowed) return [];
    const seconds = Math.max(seenBusy(context, allowed), youngestAge(workers, sample));
    return seconds < ages.autovacuumBusy ? [] : [finding(workers, seconds, context, tuning)];
  },
};

/** For how long history has seen all of them at work, whoever they were. */
function seenBusy({ sample, history }: Context, allowed: number): number {
  let since = sample.serverSeconds;
  for (const { reading } of stretch(history).toReversed()) {
    if (reading.kind === "gap") continue;
    if (autovacuumWorkers(reading).length < allowed) break;
    since = reading.serverSeconds;
  }
  return sample.serverSeconds - since;
}

/** Since the youngest of them began, all of them have been here: that needs no history. */
function youngestAge(workers: readonly Backend[], sample: Sample): number {
  return Math.min(...workers.map(({ backendStartSeconds }) => secondsSince(backendStartSeconds, sample) ?? 0));
}

function finding(workers: readonly Backend[], seconds: number, { sample, ages }: Context, tuning: Tuning): Finding {
  const oldest = workers.toSorted((a, b) => (a.queryStartSeconds ?? Infinity) - (b.queryStartSeconds ?? Infinity));
  const [pin = null] = rowPins(sample).filter((one) => isInTheWay(one, ages.longTransaction));
  return {
    id: autovacuumSaturated.id,
    about: "",
    severity: "warning",
    title: `${workers.length === 1 ? "the only autovacuum worker has" : `all ${workers.length} autovacuum workers have`} been at work for ${duration(seconds)}: other tables wait for VACUUM`,
    evidence: [
      ...oldest.slice(0, MOST_NAMED).map((worker) => workWords(worker, sample)),
      ...(workers.length > MOST_NAMED ? [`and ${workers.length - MOST_NAMED} more`] : []),
      paceWords(workers, tuning),
      pin === null
        ? "nothing is seen that would make them work in vain"
        : `they work in vain on rows that somebody may still see: ${pinWords(pin, sample)}`,
    ],
    next: [...(pin === null ? [] : [release(pin)]), ...steps(sample, tuning, workers.length)],
    avoid: [
      "do not end the workers: each begins its table anew, and those that prevent wraparound are back at once",
      "do not add workers first: all of them share one cost limit, and each would be slower",
    ],
    sessions: oldest.slice(0, MOST_SESSIONS),
    process: "autovacuum launcher",
  };
}

const MOST_NAMED = 3;

/** A worker's own snapshot is none that it would wait for. */
function isInTheWay(pin: Pin, old: number): boolean {
  if ("backend" in pin && pin.backend.backendType === "autovacuum worker") return false;
  return (pin.seconds ?? 0) >= old;
}

/** "2231: VACUUM public.events in shop for 2h11, to prevent wraparound" */
function workWords(worker: Backend, sample: Sample): string {
  const { pid, query, database, queryStartSeconds } = worker;
  const [, what = "a table that is not told"] = /^autovacuum: (.*?)(?: \(to prevent wraparound\))?$/s.exec(query) ?? [];
  const age = secondsSince(queryStartSeconds, sample);
  const where = database === null ? "" : ` in ${short(database)}`;
  const since = age === null ? "" : ` for ${duration(age)}`;
  return `${pid}: ${short(what, 48)}${where}${since}${preventsWraparound(worker) ? ", to prevent wraparound" : ""}`;
}

/** What they are allowed to do, and whether they rest by it now. */
function paceWords(workers: readonly Backend[], tuning: Tuning): string {
  const { delaySeconds, limit } = pace(tuning);
  if (delaySeconds === 0) return "no cost delay holds them up";
  const resting = workers.filter(({ waitEvent }) => waitEvent?.toLowerCase() === "vacuumdelay").length;
  const now = resting === 0 ? "" : `; ${resting} of them ${are(resting)} pausing now`;
  return `a cost limit of ${limit} for all of them together, then a pause of ${duration(delaySeconds)}${now}`;
}

/** -1 stands for vacuum_cost_limit, which is 200 unless somebody has changed it. */
function pace(tuning: Tuning): { readonly delaySeconds: number; readonly limit: number } {
  const limit = numberOf(tuning, "autovacuum_vacuum_cost_limit") ?? -1;
  const delay = numberOf(tuning, "autovacuum_vacuum_cost_delay") ?? 0.002;
  return { delaySeconds: Math.max(0, delay), limit: limit > 0 ? limit : 200 };
}

const QUICK_DELAY = 0.002;
const MOST_LIMIT = 10_000;

function steps({ server }: Sample, tuning: Tuning, workers: number): Step[] {
  const { delaySeconds, limit } = pace(tuning);
  const major = majorOf(server) ?? 18;
  const more = workers + Math.max(2, Math.ceil(workers / 2));
  return [
    ...(delaySeconds > QUICK_DELAY
      ? [
          change(
            "autovacuum_vacuum_cost_delay",
            "2ms",
            `let them rest less: what 12 and later begin with; ${TAKEN_UP}`,
            server,
          ),
        ]
      : delaySeconds > 0 && limit < MOST_LIMIT
        ? [
            change(
              "autovacuum_vacuum_cost_limit",
              String(Math.min(MOST_LIMIT, 5 * limit)),
              `let them do more before they rest, as far as the disks bear it; ${TAKEN_UP}`,
              server,
            ),
          ]
        : []),
    ...moreWorkers(server, more),
    {
      text: "which tables have the most dead rows, in each database",
      sql: "SELECT relid::regclass, n_dead_tup, n_live_tup, last_autovacuum FROM pg_stat_all_tables ORDER BY n_dead_tup DESC LIMIT 10;",
    },
    ...(major >= 13
      ? [
          {
            text: "a large table that is behind: VACUUM it by hand, which has no cost delay and takes parallel workers",
          },
        ]
      : [{ text: "a large table that is behind: VACUUM it by hand, which has no cost delay" }]),
  ];
}

/** A restart before 18; from 18 on where there is no room for them. */
function moreWorkers(server: Sample["server"], more: number): Step[] {
  const room = numberOf(server.tuning, "autovacuum_worker_slots");
  const text = "more workers only after that, where many tables wait";
  const workers = (words: string, context: string): Step =>
    change("autovacuum_max_workers", String(more), `${text}${words}`, server, context);
  if ((majorOf(server) ?? 18) < 18) return [workers(": it needs a restart", "postmaster")];
  if (room === null || more <= room) return [workers("; a reload is enough", "sighup")];
  const slots = "and room for them, which needs a restart";
  return [workers("", "sighup"), change("autovacuum_worker_slots", String(more), slots, server, "postmaster")];
}

const TAKEN_UP = "workers take it up after a reload, with their next table at the latest";
