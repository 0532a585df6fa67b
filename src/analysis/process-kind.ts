import type { Backend } from "../model/backend.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import type { ProcessUsage } from "../model/usage.ts";

/**
 * What a process is, in the words of pg_stat_activity: an open list, extensions add theirs. What is hidden from our role, its title may tell
 * us all the same; null: nobody does.
 */
export function processKind(backend: Backend, usage: ProcessUsage | null, sample: Sample): string | null {
  const type = backend.backendType ?? usage?.kind ?? null;
  if (type !== "background worker" || majorOf(sample.server) !== 10) return type;
  return workerOf10(backend, usage, sample) ?? type;
}

/** PostgreSQL 10 has one word for all background workers: what else is known of this one tells more. */
function workerOf10({ pid, waitEvent, query }: Backend, usage: ProcessUsage | null, sample: Sample): string | null {
  // Without SQL the row has its name where others have their query.
  const told = BGWORKER.exec(usage?.title ?? "")?.[1] ?? (speaksSql(sample.server.lane) ? "" : query);
  const name = told.trim();
  if (LEADER.test(name)) return "parallel worker";
  if (name === LAUNCHER || waitEvent === "LogicalLauncherMain") return LAUNCHER;
  const applies = sample.workings?.subscriptions?.some((worker) => worker.pid === pid) === true;
  if (applies || waitEvent === "LogicalApplyMain" || name.startsWith(WORKER)) return WORKER;
  return name === "" ? null : name;
}

/** Before it may stand cluster_name. */
const BGWORKER = /(?:^|: )bgworker: (.*)$/;
const LAUNCHER = "logical replication launcher";
const WORKER = "logical replication worker";

/** Before 13 no row tells the leader of a parallel worker; its title always does. */
export function leaderOf({ pid, leaderPid }: Backend, usage: ProcessUsage | null): number | null {
  if (leaderPid !== null) return leaderPid === pid ? null : leaderPid;
  const title = usage?.title ?? null;
  const told = title === null ? null : LEADER.exec(title);
  return told === null ? null : Number(told[1]);
}

const LEADER = /\bparallel worker for PID (\d+)\s*$/;

/** A logical replication worker that applies changes, copies a table, or helps to apply. */
export function isLogicalWorker(kind: string): boolean {
  return /^logical replication (?:\w+ )?worker$/.test(kind);
}

/** The apply worker for which a parallel apply worker (16 and later) works; null: it is none. */
export function applyLeader({ backendType, leaderPid }: Backend): number | null {
  return backendType !== null && isLogicalWorker(backendType) ? leaderPid : null;
}

/**
 * Processes that have a row in pg_stat_activity on this major. Whoever of these is among the processes of the machine and not among
 * the rows has come, or gone, between the two readings.
 */
export function hasRow(kind: string, major: number | null): boolean {
  if (kind === "archiver") return (major ?? 14) >= 14;
  return ALWAYS_ROWS.has(kind) || isLogicalWorker(kind);
}

const ALWAYS_ROWS: ReadonlySet<string> = new Set([
  ...["startup", "walreceiver", "checkpointer", "background writer", "walwriter", "walsummarizer", "io worker"],
  ...["autovacuum launcher", "autovacuum worker", LAUNCHER, "slotsync worker", "walsender", "parallel worker"],
]);

/** What has been accepted and is not in yet, as a title tells it: up to 17 no row of pg_stat_activity does. */
export function isConnecting({ kind, title }: ProcessUsage): boolean {
  if (kind === "half-open") return true;
  return kind === "client backend" && /(?:\)|\[local\]) (?:authentication|startup|initializing)\s*$/.test(title ?? "");
}
