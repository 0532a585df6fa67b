import type { Backend, BackendKey } from "./backend.ts";

/** What can be done to a backend: end its query, or end its session. There is nothing else, and never a SIGKILL. */
export type Action = "cancel" | "terminate";

/**
 * What somebody has decided, and confirmed by typing the phrase. The targets are the rows as they were shown: which of their fields
 * are compared before anything is sent, signal.sql says.
 */
export interface Order {
  /** 1, 2, 3 … of this run. */
  readonly id: number;
  readonly action: Action;
  readonly targets: readonly Backend[];
  /** Word for word what was typed. The source compares it once more with phrase(): the last door before the server. */
  readonly typed: string;
  /** Milliseconds on our clock. */
  readonly at: number;
  /** Seconds since the epoch on the server's clock: an order that arrives later than that does nothing. */
  readonly notAfterSeconds: number;
}

/**
 * What the server said to one target, decided in the statement that signals:
 * - `sent`: the signal went out. Not: done.
 * - `gone`: no such process any more, or it went in this very moment.
 * - `reused`: the pid is another session's now.
 * - `changed`: the same session, doing something else than was shown.
 * - `refused`: our role may not.
 * - `hidden`: our role does not see (any more) who that is.
 * - `protected`: our own session, a process of the server's own, or a superuser's or other protected kind within a group.
 * - `late`: the order was too long on its way.
 */
export type Verdict = "sent" | "gone" | "reused" | "changed" | "refused" | "hidden" | "protected" | "late";

export interface Answer {
  readonly key: BackendKey;
  readonly verdict: Verdict;
  /** What the backend was doing instead; null where that is not the point. */
  readonly state: string | null;
}

/** What all targets were answered, in one round trip. */
export interface Answers {
  /** The server's clock at that instant, seconds since the epoch. */
  readonly serverSeconds: number;
  readonly answers: readonly Answer[];
}

/** What has to be typed, word for word: it names the action and the target. */
export function phrase(action: Action, targets: readonly Backend[]): string {
  return targets.length === 1 ? `${action} ${targets[0]!.pid}` : `${action} all ${targets.length}`;
}

/** What one backend holds, read when somebody thinks of ending it. */
export interface Holdings {
  readonly key: BackendKey;
  /** Locks that it holds, of all kinds. */
  readonly locks: number;
  /** Tables it holds locks on, the strongest lock first, a bounded number of them. */
  readonly relations: readonly RelationLock[];
  /** Tables beyond those. */
  readonly moreRelations: number;
  /** The lock that it waits for; null when it waits for none, or for one that is on no relation. */
  readonly waitsFor: RelationLock | null;
  /** Prepared transactions that it waits for. */
  readonly prepared: readonly PreparedTransaction[];
}

export interface RelationLock {
  /** `public.accounts`; of another database, which has names of its own: `relation 16384 of shop`. */
  readonly relation: string;
  /** In pg_locks' words: AccessExclusiveLock. */
  readonly mode: string;
}

/** A transaction without a session: no signal ends it. */
export interface PreparedTransaction {
  readonly gid: string;
  readonly owner: string;
  readonly database: string;
  readonly preparedSeconds: number;
}
