import { clientName } from "../analysis/holders.ts";
import type { Answers, Order } from "../model/action.ts";
import { isClient, type Backend, type BackendKey } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { byPid, changeSince } from "./as-shown.ts";
import type { Effect } from "./message.ts";
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
  /** Start of the server when the order was given. */
  readonly serverStartedSeconds: number;
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
  /** How many sessions from there, begun since the signal, there are now. */
  readonly came: number;
  /** Seconds from the signal to the start of the first of them; null while none has come. */
  readonly firstSeconds: number | null;
}

/** Seconds after which a target that is still there is said to be. */
export const STILL_THERE_SECONDS = 5;
/** So long after the last one has ended, whoever comes from where it came is counted. */
const RETURN_SECONDS = 5;
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
    serverStartedSeconds: state.live!.sample.server.startedSeconds,
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
  for (const outcome of state.outcomes) {
    if (outcome.phase !== "watching") continue;
    const seen = observe(outcome, sample, state.now);
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

function observe(outcome: Outcome, sample: Sample, now: number): Outcome {
  const { order, answers } = outcome;
  const sentSeconds = answers?.serverSeconds ?? sample.serverSeconds - (now - outcome.answeredAt!) / 1000;
  const seconds = Math.max(0, sample.serverSeconds - sentSeconds);
  const restarted = outcome.restarted || sample.server.startedSeconds !== outcome.serverStartedSeconds;
  const targets = sentTo(outcome);
  const rows = byPid(sample);
  const done = new Map(outcome.done);
  for (const target of targets) {
    if (!done.has(target.key) && isDone(order, target, rows.get(target.pid))) done.set(target.key, seconds);
  }
  const returned = order.action === "terminate" && !restarted ? returnedTo(targets, done, sample, sentSeconds) : [];
  const left = targets.length - done.size;
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
  const change = changeSince(target, now);
  if (change === null || change.kind === "hidden") return false;
  return action === "cancel" || change.kind === "ended";
}

/** Who has come from where those came that ended: by role, database, application and client, since nothing else tells a pool. */
function returnedTo(
  targets: readonly Backend[],
  done: ReadonlyMap<BackendKey, number>,
  sample: Sample,
  sentSeconds: number,
): Returned[] {
  const sources = new Map<string, Returned>();
  for (const target of targets) {
    if (!done.has(target.key) || !isClient(target)) continue;
    const { user, database, application } = target;
    const none = { user, database, application, client: clientName(target), ended: 0, came: 0, firstSeconds: null };
    const source = sources.get(sourceOf(target)) ?? none;
    sources.set(sourceOf(target), { ...source, ended: source.ended + 1 });
  }
  if (sources.size === 0) return [];
  for (const backend of sample.backends) {
    const begun = backend.backendStartSeconds;
    if (begun === null || begun < sentSeconds || !isClient(backend)) continue;
    const source = sources.get(sourceOf(backend));
    if (source === undefined) continue;
    const firstSeconds = Math.min(source.firstSeconds ?? Infinity, begun - sentSeconds);
    sources.set(sourceOf(backend), { ...source, came: source.came + 1, firstSeconds });
  }
  return [...sources.values()].sort((a, b) => b.came - a.came || b.ended - a.ended);
}

function sourceOf(backend: Backend): string {
  const { user, database, application } = backend;
  return JSON.stringify([user, database, application, clientName(backend)]);
}

function sameCame(a: readonly Returned[], b: readonly Returned[]): boolean {
  return a.length === b.length && a.every(({ came, ended }, i) => came === b[i]!.came && ended === b[i]!.ended);
}

/** The log has how it began, what the server said, who is still there after a while, and how it ended; not each step. */
function worthARecord(before: Outcome, after: Outcome): boolean {
  return (
    after.phase === "over" || (before.stillThere === 0 && after.stillThere > 0) || before.restarted !== after.restarted
  );
}
