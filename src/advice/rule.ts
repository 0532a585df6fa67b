import { OLD_ACTIVE_TRANSACTION, OLD_IDLE_IN_TRANSACTION } from "../analysis/problems.ts";
import type { Thresholds } from "../analysis/slots.ts";
import type { History } from "../history/history.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";

/** A diagnosed problem: what it is, the numbers it rests on, and what to do. Names in it are raw, and cleaned where they are shown. */
export interface Finding {
  /** The rule's: "slots-nearly-full". */
  readonly id: string;
  /** What tells several findings of one rule apart, the same from sample to sample: a group, a backend's key, a slot. Else empty. */
  readonly about: string;
  readonly severity: Severity;
  /** One sentence with numbers, without a full stop, of about a hundred cells at the most. */
  readonly title: string;
  /** The numbers it rests on: two to five short sentences. */
  readonly evidence: readonly string[];
  /** What to do next, in this order. */
  readonly next: readonly Step[];
  /** What not to do, and why: three at the most. */
  readonly avoid: readonly string[];
  /** The culprits, the worst first, ten at the most. */
  readonly sessions: readonly Backend[];
  /** The kind of the server's own process that is to be looked at, as pg_stat_activity names it. */
  readonly process?: string;
}

export type Severity = "critical" | "warning" | "info";

export interface Step {
  readonly text: string;
  /** A statement to be pasted as it is. */
  readonly sql?: string;
  /** One more after it, to be sent by itself: ALTER SYSTEM fails in one message with others. */
  readonly thenSql?: string;
}

/** Its statements, to be pasted one after the other. */
export function statementsOf({ sql, thenSql }: Step): readonly string[] {
  return [sql, thenSql].filter((one) => one !== undefined);
}

/** Everything that a rule may look at. */
export interface Context {
  readonly sample: Sample;
  /** The readings up to this sample. */
  readonly history: History;
  readonly thresholds: Thresholds;
  readonly returned: readonly ReturnedGroup[];
  readonly ages: Ages;
}

/** Sessions that were ended by us, and what came from where they came from since. */
export interface ReturnedGroup {
  readonly role: string | null;
  readonly application: string | null;
  /** An address, or "local". */
  readonly client: string | null;
  readonly ended: number;
  readonly came: number;
  /** Since they were told to end. */
  readonly secondsAgo: number;
}

/** One problem that is looked for: a pure function that says something or, unless it is sure, nothing. */
export interface Rule {
  readonly id: string;
  /** What it looks for, for the documentation. */
  readonly title: string;
  check(context: Context): readonly Finding[];
}

/** From when on something is too old, or looked back at, in seconds. */
export interface Ages {
  /** Idle in one and the same transaction. */
  readonly idleInTransaction: number;
  /** A transaction that is at work. */
  readonly longTransaction: number;
  /** A query of which there are several. */
  readonly slowQuery: number;
  readonly prepared: number;
  /** What was opened within less is no leak but a pool. */
  readonly leak: number;
  /** How far connections in a rush are looked back at. */
  readonly storm: number;
  /** So soon after the server's start everybody connects. */
  readonly serverStart: number;
  /** How long the sessions of a pool have rested that nobody needs. */
  readonly poolIdle: number;
  /** Nobody needs that long to say who he is. */
  readonly starting: number;
  /** A replication slot whose consumer may be about to come back. */
  readonly slotInactive: number;
  /** How long what came back after an action is spoken of. */
  readonly returned: number;
  /** Nothing has been archived, although files wait. */
  readonly archiveHangs: number;
  /** Files that wait for the archiver have not become fewer. */
  readonly archiveBehind: number;
  /** All autovacuum workers have been at work. */
  readonly autovacuumBusy: number;
  /** How far checkpoints are looked back at. */
  readonly checkpoints: number;
  /** A process that was ended is started anew within less. */
  readonly processAbsent: number;
  /** A crash that somebody may be looking for the cause of. */
  readonly crash: number;
  /** And one that explains at least what is seen. */
  readonly crashNoted: number;
  /** So soon after its start whoever looks may not know of it. */
  readonly restart: number;
  /** A start that recovers for less is nothing to speak of. */
  readonly longRecovery: number;
}

export const AGES: Ages = {
  idleInTransaction: OLD_IDLE_IN_TRANSACTION,
  longTransaction: OLD_ACTIVE_TRANSACTION,
  slowQuery: 5,
  prepared: 300,
  leak: 20,
  storm: 60,
  serverStart: 15,
  poolIdle: 60,
  starting: 5,
  slotInactive: 60,
  returned: 60,
  archiveHangs: 300,
  archiveBehind: 120,
  autovacuumBusy: 300,
  checkpoints: 900,
  processAbsent: 30,
  crash: 900,
  crashNoted: 3600,
  restart: 180,
  longRecovery: 60,
};

/** As many culprits as a finding names. */
export const MOST_SESSIONS = 10;
