import { clientName } from "../analysis/client-name.ts";
import type { Action, Answer, Answers } from "../model/action.ts";
import type { Backend, BackendKey } from "../model/backend.ts";
import type { Server } from "../model/server.ts";
import { sameServer } from "../model/server-run.ts";
import { isUnseen, STILL_THERE_SECONDS, type Outcome } from "../state/outcome.ts";
import { missingRight } from "../state/standing.ts";
import { duration } from "../text/format.ts";

/** Of a query it is seen that it is over, not why: it may have caught the cancel, or have been as good as done. */
export const DONE: Readonly<Record<Action, string>> = { cancel: "query over", terminate: "terminated" };

/** Who it is, for somebody who looks for the program behind it: `app@shop  web-7  10.0.3.17:51422`. */
export function whoWords(backend: Backend): string {
  const { user, database, application, clientPort } = backend;
  const port = clientPort !== null && clientPort > 0 ? `:${clientPort}` : "";
  const role = user === null ? (backend.backendType ?? "?") : database === null ? user : `${user}@${database}`;
  const client = clientName(backend);
  return [role, application, client === null ? "" : `${client}${port}`].filter((part) => part !== "").join("  ");
}

/** What came of one target, as far as it is known: "sent", "terminated within 0.3 s", "not sent: 30412 is gone". */
export function targetWords(outcome: Outcome, target: Backend, server: Server | null): string {
  const { order, answers, failure, restarted } = outcome;
  const seconds = outcome.done.get(target.key);
  if (failure !== null) return failureWords(failure, restarted ? goneWords(outcome, server) : null, seconds);
  if (answers === null) return "sending …";
  const answer = answerTo(answers, target.key);
  if (answer === undefined) return "not answered for";
  if (answer.verdict !== "sent") return `not sent: ${refusalWords(answer, target, order.action, server)}`;
  if (seconds === undefined) {
    if (isUnseen(order.action, target)) return "sent; what it does is hidden, since track_activities is off";
    return outcome.stillThere > 0 ? `signal sent, ${STILL_THERE}` : "sent";
  }
  return restarted ? goneWords(outcome, server) : `${DONE[order.action]} within ${withinWords(seconds)}`;
}

/** Found at once among those of two thousand. */
function answerTo(answers: Answers, key: BackendKey): Answer | undefined {
  let known = ANSWERS.get(answers);
  if (known === undefined)
    ANSWERS.set(answers, (known = new Map(answers.answers.map((answer) => [answer.key, answer]))));
  return known.get(key);
}

const ANSWERS = new WeakMap<Answers, Map<BackendKey, Answer>>();

/** A failure tells nothing of a backend that has ended since: by us, or by the same accident. */
export function failureWords(
  { reason, unknown }: NonNullable<Outcome["failure"]>,
  restarted: string | null,
  doneSeconds: number | undefined,
): string {
  if (!unknown) return `not sent: ${reason}`;
  const since =
    doneSeconds === undefined ? "" : restarted !== null ? `; ${restarted}` : "; over since, by it or by itself";
  return `may have been sent, no answer came: ${reason}${since}`;
}

export const STILL_THERE = `still there after ${STILL_THERE_SECONDS} s`;

/** They are not there any more, which says nothing of our signal. */
export function goneWords(outcome: Outcome, server: Server | null): string {
  if (server !== null && !sameServer(server, outcome.server)) return "not on the server that answers now";
  return "gone with the restart of the server";
}

/** Seen at the first sample after it, so it took no longer than that: 0.34 is "0.4 s". */
export function withinWords(seconds: number): string {
  if (seconds >= 59.95) return duration(seconds);
  return `${Math.max(0.1, Math.ceil(seconds * 10 - ROUNDING) / 10).toFixed(1)} s`;
}

/** Differences of seconds since the epoch are not exact beyond the microsecond. */
const ROUNDING = 1e-3;

function refusalWords({ verdict, state }: Answer, target: Backend, action: Action, server: Server | null): string {
  switch (verdict) {
    case "gone":
      return `${target.pid} is gone`;
    case "reused":
      return "its pid belongs to another session now";
    case "changed":
      if (state !== null && state !== target.state) return `it is ${state} now, was ${target.state ?? "in no state"}`;
      if (target.state === "idle in transaction") return "it has worked on since";
      return action === "cancel" ? "it runs another query now" : "it is in another transaction now";
    case "refused":
      return `refused${grantWords(target, action, server)}`;
    case "hidden":
      return `${target.pid} is hidden from our role now`;
    case "protected":
      return "it is protected";
    case "late":
      return "the order was too late on its way";
    case "sent":
      return "";
  }
}

/** What would have to be granted. What we last read of our rights was wrong, or nothing had been sent: look as if there were none. */
export function grantWords(target: Backend, action: Action, server: Server | null): string {
  if (server === null) return "";
  const rights = { ...server.rights, superuser: false, signal: false, signalAutovacuum: false, roles: [] };
  const missing = missingRight(target, action, { ...server, rights });
  return missing === null ? "" : `: ${missing}`;
}
