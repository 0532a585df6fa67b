import type { Backend } from "./backend.ts";
import type { Counters } from "./counters.ts";
import type { Holdouts } from "./horizon.ts";
import type { LockQueue } from "./lock-queue.ts";
import type { Refusal } from "./refusal.ts";
import type { Server } from "./server.ts";
import type { Usage } from "./usage.ts";
import type { Workings } from "./workings.ts";

/** Everything read from the server at one instant, in one round trip. Immutable. */
export interface Sample {
  readonly kind: "sample";
  /** When it arrived, milliseconds since the epoch on our clock. */
  readonly takenAt: number;
  /** From asking to having it decoded, in milliseconds. */
  readonly costMs: number;
  /** Of these, what we ourselves were busy decoding, in milliseconds. */
  readonly ownMs: number;
  /** How long the server was busy with it, milliseconds: what sampling costs the patient, whatever the network does. */
  readonly serverMs: number;
  /** The server's clock at the instant of the sample, seconds since the epoch: ages are differences to this. */
  readonly serverSeconds: number;
  /** The next transaction id, 32 bits: ages of xids are differences to this. Null in the host lane. */
  readonly nextXid: number | null;
  readonly backends: readonly Backend[];
  /** Backends that wait for a lock beyond those whose blockers were asked for. */
  readonly waitersNotResolved: number;
  /** Who waits for which lock; none in the host lane, where nobody tells. The same array as in the sample before if nothing changed. */
  readonly queues: readonly LockQueue[];
  /** Null in the host lane. The same object as in the sample before if nothing changed. */
  readonly holdouts: Holdouts | null;
  /** Connections that no session accounts for, by who has opened them, the most first: in the host lane alone, else none. */
  readonly unfinished: readonly Unfinished[];
  /**
   * Null in the host lane, before they are read for the first time, and where the server refuses them. The same object as in the
   * sample before if they were not read anew.
   */
  readonly counters: Counters | null;
  /** Null while nobody looks at the processes, and in the host lane. History keeps it of the latest sample alone. */
  readonly workings: Workings | null;
  /** What of the counters and workings the server does not tell us, and why. The same array as in the sample before if nothing changed. */
  readonly refused: readonly Refusal[];
  /**
   * Null while nobody looks at it, where the server runs elsewhere, and where /proc does not tell. History keeps it of the latest
   * sample alone.
   */
  readonly usage: Usage | null;
  readonly server: Server;
}

export interface Unfinished {
  /** An address. */
  readonly client: string;
  readonly count: number;
}

/** An instant at which nothing could be read, and why. Never zeros. */
export interface Gap {
  readonly kind: "gap";
  readonly takenAt: number;
  readonly reason: string;
}

export type Reading = Sample | Gap;

const XIDS = 2 ** 32;

/** Seconds between a server time and the sample; never negative, although clocks of backends may be read late. */
export function secondsSince(startSeconds: number | null, sample: Pick<Sample, "serverSeconds">): number | null {
  return startSeconds === null ? null : Math.max(0, sample.serverSeconds - startSeconds);
}

/**
 * How many transactions ago an xid was handed out; xids wrap at 32 bits. The next id is that after the last one whose transaction has
 * ended: an xid that is handed out already and still open may be beyond it, and its age is 0.
 */
export function xidAge(xid: number | null, sample: Pick<Sample, "nextXid">): number | null {
  if (xid === null || sample.nextXid === null) return null;
  const age = (sample.nextXid - xid + XIDS) % XIDS;
  return age < XIDS / 2 ? age : 0;
}
