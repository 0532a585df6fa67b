import { LIST_QUERY_BYTES, mayBeClient, type Backend } from "../model/backend.ts";
import type { Holdouts } from "../model/horizon.ts";
import type { Ask } from "./round-trip.ts";
import type { StatementName } from "./statement.ts";

/** What is known when a sample is asked for. */
export interface Occasion {
  readonly sessionSet: boolean;
  /** Rows that have been resting since then are known; null: every row travels. */
  readonly since: number | null;
  /** Settings, limits and rights. */
  readonly slow: boolean;
  /** What a first picture does not wait for. */
  readonly rest: boolean;
  /** What counters and workings need. */
  readonly closeLook: readonly StatementName[];
  /** How long the server was busy with the last sample. */
  readonly busyMs: number;
  readonly backends: readonly Backend[];
  readonly holdouts: Holdouts;
}

/** All that is asked of the server for one sample, in the order of its message. */
export function sampleAsks(occasion: Occasion): readonly Ask[] {
  const { sessionSet, since, slow, rest, closeLook, busyMs, backends, holdouts } = occasion;
  return [
    ...(sessionSet ? [] : (["session"] as const)),
    "clock",
    { name: "activity", values: [LIST_QUERY_BYTES, since, busyMs > DEAR_MS ? WAITERS_WHEN_DEAR : WAITERS, BLOCKERS] },
    // pg_locks looks at every lock there is: while nobody waits, nobody asks. It tells as well who of the hidden ones does.
    ...(rest || backends.some((backend) => waits(backend) || mayBeClient(backend))
      ? [{ name: "queues", values: [QUEUES] } as const]
      : []),
    // Most servers have neither prepared transactions nor replication slots: now and then is often enough to see the first one.
    ...(slow || holdouts.prepared.length + holdouts.slots.length > 0 || backends.some(waitsForPrepared)
      ? (["holdouts"] as const)
      : []),
    ...(slow ? SLOW : []),
    ...(rest ? REST : []),
    ...closeLook,
    "cost",
  ];
}

/** pg_blocking_pids of a queue of n waiters costs n²; the longest waiting ones lead to the head of it. */
const WAITERS = 100;
const BLOCKERS = 16;
/** So many are asked for while sampling is dear: whoever stands in the same queue is blocked by the same ones. */
const WAITERS_WHEN_DEAR = 20;
const DEAR_MS = 50;
/** Locks that somebody waits for, those with the most waiters first. */
const QUEUES = 100;

const SLOW = ["server", "limits", "roles", "encodings"] as const;
const REST = ["tuning", "overrides", "ages"] as const;

function waitsForPrepared({ blockedBy }: Backend): boolean {
  return blockedBy.includes(0);
}

function waits({ waitEventType }: Backend): boolean {
  return waitEventType === "Lock";
}
