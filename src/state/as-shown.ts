import { inTransactionBlock } from "../analysis/transaction-block.ts";
import type { Action } from "../model/action.ts";
import { isSameBackend, type Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";

/** What has become of a backend since it was shown. */
export type Change =
  | { readonly kind: "ended" }
  /** Our role does not see any more who has this pid. */
  | { readonly kind: "hidden" }
  /** It runs another query, has begun another transaction, or is in another state. */
  | { readonly kind: "went-on"; readonly state: string | null; readonly what: "state" | "query" | "transaction" };

/**
 * Whether a backend still is what somebody has decided about: the same session in the same state, for a cancel at the same query, at
 * work in a transaction block in the same transaction, and at rest in one without having worked since. The same comparison as signal.sql makes; null when nothing has changed.
 */
export function changeSince(shown: Backend, now: Backend | undefined, action: Action): Change | null {
  if (now === undefined) return { kind: "ended" };
  if (!isSameBackend(now, shown)) return now.backendStart === null ? { kind: "hidden" } : { kind: "ended" };
  const { state } = now;
  // Seen by another lane, it has the times of another clock.
  if (now.key !== shown.key) return state === shown.state ? null : { kind: "went-on", state, what: "state" };
  if (state !== shown.state) return { kind: "went-on", state, what: "state" };
  const runs = RUNNING.includes(state ?? "");
  // The start names a query; where it is not told, as in the host lane, there is the name of its command, and since when it has that one.
  const otherQuery =
    now.queryStartSeconds !== shown.queryStartSeconds ||
    (now.queryStartSeconds === null &&
      (now.query !== shown.query || now.stateChangeSeconds !== shown.stateChangeSeconds));
  if (action === "cancel" && runs && otherQuery) return { kind: "went-on", state, what: "query" };
  const other = now.xactStartSeconds !== shown.xactStartSeconds;
  if (state === "idle in transaction" && now.stateChangeSeconds !== shown.stateChangeSeconds)
    return { kind: "went-on", state, what: other ? "transaction" : "query" };
  if (runs && inTransactionBlock(shown) && other) return { kind: "went-on", state, what: "transaction" };
  return null;
}

/** The rows of a sample by their pids. */
export function byPid({ backends }: Sample): ReadonlyMap<number, Backend> {
  return new Map(backends.map((backend) => [backend.pid, backend]));
}

const RUNNING: readonly string[] = ["active", "fastpath function call"];
