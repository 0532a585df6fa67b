import type { Action, Answer, Answers, Order, Verdict } from "../../model/action.ts";
import type { Backend } from "../../model/backend.ts";
import { NotSentError } from "../not-sent-error.ts";
import { assertNamed } from "../order.ts";
import type { Look } from "./children.ts";
import { startWord, type Seen } from "./processes-shown.ts";

/** What the door has to know of the server whose processes it signals. */
export interface Door {
  readonly postmasterPid: number;
  /** It is the same postmaster that was found: the same pid and start. */
  readonly postmasterLives: () => boolean;
  readonly look: (pid: number) => Look | null;
  /** How that process was seen in the last sample. */
  readonly seen: (pid: number) => Seen | undefined;
  /** Names that are taken for superusers. */
  readonly superusers: readonly string[];
  readonly nowSeconds: () => number;
  /** When a process began, on the clock of `nowSeconds`. */
  readonly startedSeconds: (startTicks: number) => number;
}

/**
 * The only door to a process: an order with its phrase, and each target only if it still is what was shown, looked at synchronously just
 * before. Node has no pidfd, so between the look and the signal lie some microseconds in which a process could end, its parent bury it and
 * another one get its pid; no child of that postmaster can be called the same by pid and start.
 *
 * @throws NotSentError
 */
export function signalFromHost(order: Order, door: Door): Answers {
  assertNamed(order, "kernel");
  if (!door.postmasterLives()) throw new NotSentError("the server has ended");
  const serverSeconds = door.nowSeconds();
  return { serverSeconds, answers: order.targets.map((target) => answer(target, order, door)) };
}

function answer(target: Backend, order: Order, door: Door): Answer {
  const { key } = target;
  const judged = judge(target, order, door);
  if (judged !== null) return { key, ...judged };
  return { key, verdict: send(target.pid, SENT_FOR[order.action]), state: target.state };
}

type Judged = Pick<Answer, "verdict" | "state">;

/** Why nothing is sent; null when it may be. The order is that of signal.sql, and what is not known passes none of them. */
function judge(target: Backend, { action, targets, notAfterSeconds }: Order, door: Door): Judged | null {
  if (!(door.nowSeconds() <= notAfterSeconds)) return no("late");
  const { pid } = target;
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === door.postmasterPid || pid === process.pid)
    return no("protected");
  const look = door.look(pid);
  if (look === null || look.stat.zombie) return no("gone");
  const { stat, title } = look;
  if (startWord(stat.startTicks) !== target.backendStart) return no("reused");
  // Its parent has gone, or it never was a process of this server.
  if (stat.parent !== door.postmasterPid) return no("protected");
  if (title === null) return no("hidden");
  const { backendType, state, query } = title;
  if (backendType !== target.backendType) return no("changed", state);
  if (!MAY_END.includes(backendType ?? "")) return no("protected");
  if (targets.length > 1 && !mayBeInGroup(backendType!, target, title.user, door)) return no("protected");
  if (state !== target.state) return no("changed", state);
  if (backendType === "half-open") {
    // Any process that has just begun looks like that, one of the server's own as well.
    if (!look.connected) return no("protected");
    const ageSeconds = door.nowSeconds() - door.startedSeconds(stat.startTicks);
    return action === "terminate" && ageSeconds >= HALF_OPEN_SECONDS ? null : no("changed", state);
  }
  if (action === "cancel") {
    // A cancel is meant for one query; the tag of its command is all that a title tells.
    const same = RUNNING.includes(state ?? "") && query === target.query && isAsSeen(target, door.seen(pid));
    return same ? null : no("changed", state);
  }
  // An open transaction that rests is meant as it was left: neither before the last sample nor since may it have run.
  if (state === "idle in transaction" && !restedSince(target, look, door.seen(pid))) return no("changed", state);
  return null;
}

function no(verdict: Verdict, state: string | null = null): Judged {
  return { verdict, state };
}

/** A flood of connections that never say who they are is ended together; whoever is protected is not. */
function mayBeInGroup(backendType: string, target: Backend, user: string | null, { superusers }: Door): boolean {
  if (backendType === "half-open") return true;
  const names = [user, target.user];
  return backendType === "client backend" && !names.some((name) => name === null || superusers.includes(name));
}

function restedSince(target: Backend, { counters }: Look, seen: Seen | undefined): boolean {
  return counters !== null && seen?.counters === counters && isAsSeen(target, seen);
}

/** No sample since has shown it at anything else. */
function isAsSeen(target: Backend, seen: Seen | undefined): boolean {
  return seen?.backend.key === target.key && seen.backend.stateChangeSeconds === target.stateChangeSeconds;
}

function send(pid: number, signal: "SIGINT" | "SIGTERM"): Verdict {
  try {
    process.kill(pid, signal);
    return "sent";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPERM") return "refused";
    if (code === "ESRCH") return "gone";
    throw error;
  }
}

/** What pg_cancel_backend and pg_terminate_backend send. There is no third one. */
const SENT_FOR: Readonly<Record<Action, "SIGINT" | "SIGTERM">> = { cancel: "SIGINT", terminate: "SIGTERM" };

/** Processes that are safe to end by themselves, and that a title names beyond doubt. */
const MAY_END: readonly string[] = ["client backend", "walsender", "autovacuum worker", "half-open"];

const RUNNING: readonly string[] = ["active", "fastpath function call"];

/** Longer than any process takes to write its own title. */
const HALF_OPEN_SECONDS = 1;
