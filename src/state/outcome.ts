import type { Action, Answers, Order } from "../model/action.ts";
import type { Backend, BackendKey } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { Server } from "../model/server.ts";
import { runOf, sameRun, type ServerRun } from "../model/server-run.ts";
import { byPid, changeSince } from "./as-shown.ts";
import type { Effect } from "./message.ts";
import { RETURN_SECONDS, returnedTo, sameCame, sourcesOf, type Returned } from "./returned.ts";
import type { State } from "./state.ts";

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
  /** A while has passed since the signal, and some are there as if nothing had been. */
  readonly stillThere: number;
  /** Sessions that have come since from where those came that ended. */
  readonly returned: readonly Returned[];
  /** Who was there from where the targets are when the order was given, the targets among them. */
  readonly sources: ReadonlyMap<string, readonly Backend[]>;
  /** Which server it was given to, and in which run of it; a crash ends one as well. */
  readonly server: Server;
  readonly run: ServerRun;
  /** The server was restarted meanwhile: whoever is gone, is gone with it. */
  readonly restarted: boolean;
  /** When something in here changed last, on our clock. */
  readonly changedAt: number;
}

/** Seconds after which a target that is still there is said to be. */
export const STILL_THERE_SECONDS = 5;
/** Whoever is there after so long stays there. */
const WATCHED_SECONDS = 600;
const KEPT = 200;

type Next = readonly [State, readonly Effect[]];

export function ordered(state: State, order: Order): Next {
  return put(state, {
    order,
    phase: "sending",
    answers: null,
    failure: null,
    answeredAt: null,
    done: new Map(),
    stillThere: 0,
    returned: [],
    sources: sourcesOf(order, state.live!.sample),
    server: state.live!.sample.server,
    run: runOf(state.live!.sample),
    restarted: false,
    changedAt: state.now,
  });
}

export function answered(state: State, id: number, answers: Answers): Next {
  const outcome = sending(state, id);
  if (outcome === undefined) return [state, []];
  const anySent = answers.answers.some(({ verdict }) => verdict === "sent");
  const phase = anySent ? "watching" : "over";
  return put(state, { ...outcome, answers, phase, answeredAt: state.now, changedAt: state.now });
}

/** Not sent, or nobody knows: then it is watched like one that was. */
export function unanswered(state: State, id: number, reason: string, unknown: boolean): Next {
  const outcome = sending(state, id);
  if (outcome === undefined) return [state, []];
  const phase = unknown ? "watching" : "over";
  return put(state, { ...outcome, failure: { reason, unknown }, phase, answeredAt: state.now, changedAt: state.now });
}

/** What a sample tells about those that are still being watched. */
export function observed(state: State, sample: Sample): Next {
  let result: Next = [state, []];
  if (!state.outcomes.some(({ phase }) => phase === "watching")) return result;
  const rows = byPid(sample);
  for (const outcome of state.outcomes) {
    if (outcome.phase !== "watching") continue;
    const seen = observe(outcome, sample, rows, state.now);
    if (seen === outcome) continue;
    const [next, effects] = put(result[0], seen, worthARecord(outcome, seen));
    result = [next, [...result[1], ...effects]];
  }
  return result;
}

function sending(state: State, id: number): Outcome | undefined {
  return state.outcomes.find(({ order, phase }) => order.id === id && phase === "sending");
}

function put(state: State, outcome: Outcome, record = true): Next {
  const { id } = outcome.order;
  const known = state.outcomes.some((other) => other.order.id === id);
  const outcomes = known
    ? state.outcomes.map((other) => (other.order.id === id ? outcome : other))
    : [...state.outcomes, outcome].slice(-KEPT);
  return [{ ...state, outcomes }, record ? [{ kind: "record", outcome }] : []];
}

function observe(outcome: Outcome, sample: Sample, rows: ReadonlyMap<number, Backend>, now: number): Outcome {
  const { order, answers } = outcome;
  // Without an answer it was sent when it was given, if it was sent at all.
  const sentSeconds = answers?.serverSeconds ?? sample.serverSeconds - (now - order.at) / 1000;
  const seconds = Math.max(0, sample.serverSeconds - sentSeconds);
  const restarted = outcome.restarted || !sameRun(runOf(sample), outcome.run);
  const targets = sentTo(outcome);
  const done = new Map(outcome.done);
  for (const target of targets) {
    if (!done.has(target.key) && isDone(order, target, rows.get(target.pid))) done.set(target.key, seconds);
  }
  const returned = order.action === "terminate" && !restarted ? returnedTo(outcome, done, sample, sentSeconds) : [];
  const left = targets.filter((target) => !done.has(target.key) && !isUnseen(order.action, target)).length;
  const stillThere = seconds >= STILL_THERE_SECONDS ? left : 0;
  const lastDone = Math.max(0, ...done.values());
  const settled = order.action === "cancel" || restarted || seconds - lastDone >= RETURN_SECONDS;
  const phase = (left === 0 && settled) || seconds >= WATCHED_SECONDS ? "over" : "watching";
  const same =
    done.size === outcome.done.size &&
    stillThere === outcome.stillThere &&
    restarted === outcome.restarted &&
    sameCame(returned, outcome.returned);
  if (same && phase === outcome.phase) return outcome;
  return { ...outcome, phase, done, stillThere, returned, restarted, changedAt: now };
}

/** To whom the signal went, as far as anybody knows. */
function sentTo({ order, answers }: Outcome): readonly Backend[] {
  if (answers === null) return order.targets;
  const sent = new Set(answers.answers.filter(({ verdict }) => verdict === "sent").map(({ key }) => key));
  return order.targets.filter(({ key }) => sent.has(key));
}

/** One that is merely hidden from our role, since the role lost its rights, has not ended for all we know. */
function isDone({ action }: Order, target: Backend, now: Backend | undefined): boolean {
  const change = changeSince(target, now, action);
  if (change === null || change.kind === "hidden") return false;
  return action === "cancel" || change.kind === "ended";
}

/** Whether nobody can see what a cancel does there: with track_activities off, a query comes and goes unseen. */
export function isUnseen(action: Action, target: Backend): boolean {
  return action === "cancel" && target.state === "disabled";
}

/** The log has how it began, what the server said, who is still there after a while, and how it ended; not each step. */
function worthARecord(before: Outcome, after: Outcome): boolean {
  return (
    after.phase === "over" || (before.stillThere === 0 && after.stillThere > 0) || before.restarted !== after.restarted
  );
}
