import type { Answers, Order } from "../model/action.ts";
import type { BackendKey } from "../model/backend.ts";

/** An order and what came of it: the server's answer, then what was seen of its targets, sample by sample. */
export interface Outcome {
  readonly order: Order;
  readonly phase: "sending" | "watching" | "over";
  readonly answers: Answers | null;
  /** It got no answer: not sent, or `unknown`. */
  readonly failure: { readonly reason: string; readonly unknown: boolean } | null;
  /** Our clock; null until then. */
  readonly answeredAt: number | null;
  /** Who has ended (of a cancel: whose query has), and how many seconds after the signal that was seen. */
  readonly done: ReadonlyMap<BackendKey, number>;
  /** Sessions that have come since from where those came that ended. */
  readonly returned: readonly Returned[];
  /** The server was restarted meanwhile: whoever is gone, is gone with it. */
  readonly restarted: boolean;
  /** When something in here changed last, on our clock. */
  readonly changedAt: number;
}

/** One source of sessions: a pool, a leaking worker. */
export interface Returned {
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string;
  readonly client: string | null;
  /** How many of the targets from there have ended. */
  readonly ended: number;
  /** How many sessions have come from there since the signal. */
  readonly came: number;
  /** Seconds from the signal to the start of the first of them; null while none has come. */
  readonly firstSeconds: number | null;
}

/** Seconds after which a target that is still there is said to be. */
export const STILL_THERE_SECONDS = 5;
