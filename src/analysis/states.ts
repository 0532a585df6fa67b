import { isClient, mayBeClient, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { lastResult } from "./last-result.ts";

/** The states of client backends in PostgreSQL's own words; `starting` exists from 18 on, `unknown` is a hidden row. */
export const STATES = [
  "active",
  "idle",
  "idle in transaction",
  "idle in transaction (aborted)",
  "fastpath function call",
  "disabled",
  "starting",
  "unknown",
] as const;

export type StateName = (typeof STATES)[number];

export interface StateCount {
  readonly count: number;
  /** How long the one that has been longest in this state has been in it; null when nobody is or nobody tells. */
  readonly oldestSeconds: number | null;
}

export interface States {
  readonly byState: Readonly<Record<StateName, StateCount>>;
  /** Of the active ones: waiting for a lock, by how long their query has been running. */
  readonly waitingForLock: StateCount;
  /**
   * At work in earnest: with a query or a fastpath call that waits neither for a lock nor for its client. Each of them wants a processor or a
   * disk, and of a pool a backend. Our own session is none of them: it is at work in every sample.
   */
  readonly working: number;
  /** Beside them; up to 10 nobody tells them from other background workers. */
  readonly parallelWorkers: number;
}

/** Every client backend counted under exactly one state, hidden sessions under `unknown`. */
export const states = lastResult((sample: Sample): States => {
  const tallies = Object.fromEntries(STATES.map((name) => [name, { count: 0, oldestSeconds: null }])) as Record<
    StateName,
    { count: number; oldestSeconds: number | null }
  >;
  const waiting = { count: 0, oldestSeconds: null as number | null };
  let [working, parallelWorkers] = [0, 0];
  for (const backend of sample.backends) {
    if (!isClient(backend) && !mayBeClient(backend)) {
      if (backend.backendType === "parallel worker") parallelWorkers++;
      continue;
    }
    if (isWorking(backend) && backend.pid !== sample.server.ownPid) working++;
    const tally = tallies[stateName(backend)];
    tally.count++;
    tally.oldestSeconds = older(tally.oldestSeconds, secondsSince(backend.stateChangeSeconds, sample));
    if (waitsForLock(backend)) {
      waiting.count++;
      waiting.oldestSeconds = older(waiting.oldestSeconds, secondsSince(backend.queryStartSeconds, sample));
    }
  }
  return { byState: tallies, waitingForLock: waiting, working, parallelWorkers };
});

/** A state we have no name for (a newer server's) counts as unknown rather than vanishing. */
export function stateName(backend: Backend): StateName {
  return KNOWN.has(backend.state ?? "") ? (backend.state as StateName) : "unknown";
}

export function waitsForLock(backend: Backend): boolean {
  return backend.waitEventType === "Lock";
}

function isWorking({ state, waitEventType }: Backend): boolean {
  if (state !== "active" && state !== "fastpath function call") return false;
  return waitEventType !== "Lock" && waitEventType !== "Client";
}

export function isInTransaction(backend: Backend): boolean {
  return backend.state === "idle in transaction" || backend.state === "idle in transaction (aborted)";
}

const KNOWN: ReadonlySet<string> = new Set(STATES);

function older(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null || a >= b ? a : b;
}
