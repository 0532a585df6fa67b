import type { Action, Holdings } from "../model/action.ts";
import type { Backend, BackendKey } from "../model/backend.ts";
import type { Protection } from "./standing.ts";

/**
 * The question that stands between a key and a signal. Its targets are frozen when it opens; sampling goes on behind it, and what
 * has changed since makes its phrase void. Every road to an order goes through the whole phrase, typed key by key.
 */
export interface Dialog {
  readonly action: Action;
  /** As they were shown when it opened: what is compared before anything is sent. */
  readonly targets: readonly Backend[];
  /** Tagged, and not among the targets. */
  readonly leftOut: readonly LeftOut[];
  /** The parallel worker that was pointed at, when its leader is the target. */
  readonly pointedAt: Backend | null;
  /** A protected target is unlocked first, by a phrase of its own. */
  readonly step: "unlock" | "act";
  readonly protection: Protection | null;
  readonly typed: string;
  /** Why the last Enter or paste did nothing; null when there is nothing to say. */
  readonly said: string | null;
  readonly openedAt: number;
  /** When it was first on the terminal: keys before that, and shortly after, were meant for something else. */
  readonly paintedAt: number | null;
  /** When the keys of one burst began, and how many they are: a hand does not type ten letters in ten milliseconds. */
  readonly burst: { readonly since: number; readonly keys: number };
  /** What the only target holds; null until it has been read, and for several targets. */
  readonly holdings: Holdings | null;
  /** Targets that have ended or gone on to something else since it opened: they get nothing. */
  readonly changes: ReadonlyMap<BackendKey, Change>;
  /** Why nothing can be sent any more, in a sentence; null while the phrase counts. */
  readonly voided: string | null;
}

/** Tagged, but not in the group: `why` as in "a walsender", "idle, no query to cancel", "ours". */
export interface LeftOut {
  readonly backend: Backend;
  readonly why: string;
}

/** What has become of a target behind the dialog. */
export type Change =
  | { readonly kind: "ended" }
  /** It runs another query, has begun another transaction, or is in another state. */
  | { readonly kind: "went-on"; readonly state: string | null; readonly what: "state" | "query" | "transaction" };
