import { isNamedByKernel } from "../model/backend.ts";
import { phrase, type Answers, type Order, type Verdict } from "../model/action.ts";
import type { TextRow } from "./decode.ts";
import { NotSentError } from "./not-sent-error.ts";
import type { Ask } from "./round-trip.ts";

/**
 * What every lane asks of an order before it looks at anybody: it carries its phrase, and says exactly whom it means, in the words of this
 * lane. One that was given in another lane while this one was being opened is void.
 *
 * @throws NotSentError
 */
export function assertNamed({ action, targets, typed }: Order, by: "kernel" | "server"): void {
  if (targets.length === 0) throw new NotSentError("nobody was named");
  if (typed !== phrase(action, targets)) throw new NotSentError(`"${typed}" is not "${phrase(action, targets)}"`);
  const nameless = targets.find(({ backendStart }) => backendStart === null);
  if (nameless !== undefined) {
    throw new NotSentError(`${nameless.pid} is hidden from our role: who that is cannot be compared`);
  }
  const foreign = targets.find((target) => isNamedByKernel(target) !== (by === "kernel"));
  if (foreign !== undefined) throw new NotSentError(`${foreign.pid} was shown by another lane than we are in now`);
}

/**
 * The last door before the server: signal.sql for an order that may go.
 *
 * @throws NotSentError
 */
export function asked(order: Order): Ask {
  assertNamed(order, "server");
  const { action, targets, notAfterSeconds } = order;
  const rows = targets.map((target, n) => ({
    n,
    pid: target.pid,
    backend_start: target.backendStart,
    backend_type: target.backendType,
    state: target.state,
    query_start: target.queryStartSeconds,
    xact_start: target.xactStartSeconds,
    state_change: target.stateChangeSeconds,
  }));
  return { name: "signal", values: [JSON.stringify(rows), action, notAfterSeconds] };
}

/** The rows of signal.sql: one for each target, in any order. */
export function answersOf({ targets }: Order, rows: readonly TextRow[]): Answers {
  const byTarget = new Map(rows.map((row) => [Number(row[0]), row]));
  return {
    // Of the first signal: a pool may be back for the first of two hundred before the last of them was signalled.
    serverSeconds: Math.min(...rows.map((row) => Number(row[5]))),
    answers: targets.map(({ key }, n) => {
      const row = byTarget.get(n);
      if (row === undefined) throw new Error(`signal.sql did not answer for ${key}`);
      return { key, verdict: row[3] as Verdict, state: row[4] ?? null };
    }),
  };
}
