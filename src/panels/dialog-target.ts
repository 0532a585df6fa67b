import { behind, blocking, seesAllWaiters } from "../analysis/blocking.ts";
import { slots } from "../analysis/slots.ts";
import { isInTransaction } from "../analysis/states.ts";
import { inTransactionBlock } from "../analysis/transaction-block.ts";
import { inSeveralTransactions, mayHaveWritten, waitingDdl, withoutComments } from "../analysis/waiting-ddl.ts";
import type { Holdings } from "../model/action.ts";
import { isClient, isNamedByKernel, type Backend } from "../model/backend.ts";
import { secondsSince, xidAge, type Sample } from "../model/reading.ts";
import { leftOutWords } from "../state/ask.ts";
import type { Dialog } from "../state/dialog.ts";
import { rollback } from "../state/prepared.ts";
import { count, duration, plural } from "../text/format.ts";
import { literal } from "../text/literal.ts";
import { choice, fact, warning, type Fact } from "./facts.ts";
import { fit } from "../text/fit.ts";
import { line, toned, type Tone } from "./line.ts";
import { forWords } from "./lock-words.ts";
import { whoWords } from "./target-words.ts";

/** What there is to know of the only target before its phrase is typed. */
export function targetFacts(dialog: Dialog, sample: Sample, width: number): Fact[] {
  const [shown] = dialog.targets as readonly [Backend];
  const now = sample.backends.find(({ key }) => key === shown.key) ?? shown;
  const about = (rank: number, tone: Tone, text: string): Fact[] =>
    text === "" ? [] : [fact(rank, tone, text, width)];
  const some = (rank: number, tone: Tone, wordings: readonly string[]): Fact[] => {
    const [first, ...others] = wordings;
    return first === undefined ? [] : [choice(rank, tone, [first, ...others], width)];
  };
  const warn = (rank: number, text: string): Fact[] => (text === "" ? [] : [warning(rank, "warn", text, width)]);
  return [
    oneLine(0, "title", `${now.pid}  ${whoWords(now)}`, width),
    ...warn(1, protectionWords(dialog)),
    ...some(0, "title", stepWords(dialog)),
    ...warn(4, pointedAtWords(dialog)),
    ...warn(4, leftOutOf(dialog)),
    ...warn(4, unlistedWords(dialog)),
    ...some(5, stateTone(now), stateWords(now, sample)),
    ...(now.query === "" ? [] : [oneLine(8, "normal", now.query.trim(), width)]),
    ...some(2, "blocker", blocksWords(now, sample)),
    ...about(3, "waiting", waitsWords(now, sample, dialog.holdings)),
    ...preparedFacts(dialog.holdings, sample, width),
    ...warn(2, ddlWords(now, sample)),
    ...warn(2, leftBehindWords(now)),
    ...some(4, mayHaveWritten(now) ? "warn" : "normal", writtenWords(now, sample)),
    ...about(9, "normal", locksWords(dialog)),
    ...(dialog.voided === null
      ? [...apart(about(6, "normal", consequence(dialog, now))), ...about(7, "normal", cancelWords(dialog, now))]
      : []),
  ];
}

export function leftOutOf({ leftOut, targets }: Dialog): string {
  if (leftOut.length === 0) return "";
  const tagged = targets.length + leftOut.length;
  return `${leftOut.length} of ${tagged} tagged ${leftOut.length === 1 ? "is" : "are"} left out: ${leftOutWords(leftOut)}`;
}

/** Tagged under another filter, and perhaps forgotten. */
export function unlistedWords({ unlisted, targets }: Dialog): string {
  if (unlisted === 0) return "";
  if (targets.length === 1) return "It was tagged, and is not in the list now.";
  return `${unlisted === targets.length ? "None of them is" : `${unlisted} of them ${unlisted === 1 ? "is not" : "are not"}`} in the list now.`;
}

export function apart(facts: readonly Fact[]): Fact[] {
  return facts.map((one, i) => (i === 0 ? { ...one, apart: true } : one));
}

/** A name or a query is cut, not wrapped: its beginning says which one it is. */
function oneLine(rank: number, tone: Tone, text: string, width: number): Fact {
  return { rank, lines: () => [line(toned(tone, fit(text, width, "left", "…")))] };
}

function protectionWords({ protection }: Dialog): string {
  return protection === null ? "" : `▲ ${protection.why}${/[.!?]$/.test(protection.why) ? "" : "."}`;
}

function stepWords({ protection, step, action, targets }: Dialog): string[] {
  if (protection === null) return [];
  const { pid } = targets[0]!;
  if (step === "act") return [`Second of two steps: ${pid} is unlocked.`, "Second of two steps: unlocked."];
  return [`Two steps: first unlock ${pid}, then ${action} ${pid}.`, "First of two steps: unlock it."];
}

function pointedAtWords({ pointedAt }: Dialog): string {
  return pointedAt === null ? "" : `You pointed at its parallel worker ${pointedAt.pid}; the leader runs the query.`;
}

function stateTone(backend: Backend): Tone {
  if (backend.state === "idle in transaction (aborted)") return "aborted";
  return backend.state === "idle in transaction" ? "idle-in-transaction" : "normal";
}

/** From the longest wording to the shortest. */
function stateWords(backend: Backend, sample: Sample): string[] {
  const aged = (what: string, since: number | null): string =>
    since === null ? "" : `${what} ${duration(secondsSince(since, sample))}`;
  const kind = isClient(backend) ? "" : (backend.backendType ?? "");
  const state = backend.state === null ? "" : aged(backend.state, backend.stateChangeSeconds) || backend.state;
  const xact = aged("transaction", backend.xactStartSeconds);
  const connected = aged("connected", backend.backendStartSeconds);
  return [[kind, state, xact, connected], [state, xact, connected], [state, xact], [state === "" ? kind : state]].map(
    (parts) => parts.filter((part) => part !== "").join(", "),
  );
}

function blocksWords({ pid }: Backend, sample: Sample): string[] {
  const { waiters, longest } = behind(sample, [pid]);
  if (waiters.length === 0) return slots(sample).hidden === 0 ? [] : ["whom it blocks is hidden from our role"];
  const atLeast = seesAllWaiters(sample) ? "" : "at least ";
  const age = longest === null ? "" : `, the longest ${forWords(longest)}`;
  return [
    `blocks ${atLeast}${plural(waiters.length, "session")}${age}`,
    `blocks ${atLeast}${waiters.length}${age}`,
    `blocks ${atLeast}${plural(waiters.length, "session")}`,
  ];
}

function waitsWords(backend: Backend, sample: Sample, holdings: Holdings | null): string {
  const blocker = blocking(sample).blocker.get(backend.pid);
  const lock = holdings?.waitsFor;
  const what = lock === undefined || lock === null ? "" : ` for ${lock.mode} on ${lock.relation}`;
  const whom = blocker === undefined || blocker === 0 ? "" : `, behind ${blocker}`;
  if (what !== "") return `waits${what}${whom}`;
  if (holdings !== null && holdings.prepared.length > 0) return "";
  return blocker === undefined || blocker === 0 ? "" : `waits for ${blocker}: look at that one first`;
}

/** No session stands behind what it waits for: no signal ends that, and its statement is for the user to run, never for us. */
function preparedFacts(holdings: Holdings | null, sample: Sample, width: number): Fact[] {
  const all = [...(holdings?.prepared ?? [])].sort((a, b) => a.preparedSeconds - b.preparedSeconds);
  const [oldest] = all;
  if (oldest === undefined) return [];
  const { gid, owner, database, preparedSeconds } = oldest;
  const more = all.length === 1 ? "" : ` (and ${all.length - 1} more)`;
  const age = duration(secondsSince(preparedSeconds, sample));
  const why = `It waits for prepared transaction ${literal(gid)} of ${owner}, ${age} old${more}: no session to end; in database ${database} run:`;
  return [warning(2, "warn", why, width), warning(1, "key", rollback(oldest), width)];
}

/** The statement that queues everybody behind itself: this one, or the one of those behind it that holds up most. */
function ddlWords(backend: Backend, sample: Sample): string {
  const own = waitingDdl(backend);
  if (own !== null)
    return own.changedNothing ? "It waits and has changed nothing yet: the safe first thing to cancel." : "";
  const { blocks } = blocking(sample);
  const inTheQueue = behind(sample, [backend.pid]).waiters.flatMap((waiter) => {
    const ddl = waitingDdl(waiter);
    const holdsUp = blocks.get(waiter.pid) ?? 0;
    return ddl === null || holdsUp === 0 ? [] : [{ pid: waiter.pid, ddl, holdsUp }];
  });
  const [worst] = inTheQueue.sort((a, b) => b.holdsUp - a.holdsUp);
  if (worst === undefined) return "";
  const { pid, ddl, holdsUp } = worst;
  const many = `${holdsUp} ${holdsUp === 1 ? "waits" : "wait"} behind it`;
  if (ddl.changedNothing) return `First cancel ${pid}: its ${ddl.kind} waits and has changed nothing, ${many}.`;
  return `Look at ${pid} first: its ${ddl.kind} waits, and ${many}; its transaction may have written before.`;
}

/** Begun in one transaction and finished in another: between them it leaves something behind. */
function leftBehindWords(backend: Backend): string {
  const text = withoutComments(backend.query);
  if (!inSeveralTransactions(backend) || !/\bconcurrently\b/i.test(text)) return "";
  return "Ended now, it may leave an invalid index behind: look for one, and DROP INDEX it.";
}

function writtenWords(backend: Backend, sample: Sample): string[] {
  const snapshot = xidAge(backend.backendXmin, sample) ?? 0;
  const held = snapshot === 0 ? "" : `holds a snapshot, ${count(snapshot)} ${snapshot === 1 ? "xid" : "xids"} behind`;
  const xid = backend.backendXid;
  // Of DDL that waits it is said already.
  const said = waitingDdl(backend)?.changedNothing === true || inSeveralTransactions(backend);
  const nothing = said || (xid === null && backend.xactStartSeconds === null);
  if (nothing) return held === "" ? [] : [held];
  const written = mayHaveWritten(backend) ? `may have written (holds xid ${xid})` : "has written nothing";
  return held === "" ? [written] : [`${written}; ${held}`, written];
}

function locksWords({ holdings, holdingsFailed, targets }: Dialog): string {
  if (isNamedByKernel(targets[0]!)) return "what it holds and whom it blocks is not told without SQL";
  if (holdings === null) return holdingsFailed ? "its locks cannot be read" : "reading its locks …";
  const { locks, relations, moreRelations } = holdings;
  const names = relations.map(({ relation, mode }) => `${relation} (${mode})`);
  if (moreRelations > 0) names.push(plural(moreRelations, "more table"));
  if (locks === 0) return "holds no locks";
  return `holds ${plural(locks, "lock")}${names.length === 0 ? "" : `: ${names.join(", ")}`}`;
}

function consequence({ action }: Dialog, backend: Backend): string {
  if (action === "cancel") {
    if (backend.state === "disabled")
      return "What it does is hidden (track_activities is off): if a query runs, it ends with an error.";
    const block = inTransactionBlock(backend);
    const after = block ? "stays; its transaction block is aborted, and nothing but ROLLBACK goes on there." : "stays.";
    return `Its query ends with an error; the connection ${after}`;
  }
  const closes = isClient(backend) ? "Closes its connection" : "Ends its process";
  if (mayHaveWritten(backend)) return `${closes}; the open transaction rolls back: what it has written is lost.`;
  return backend.xactStartSeconds === null ? `${closes}.` : `${closes}; the open transaction rolls back.`;
}

function cancelWords({ action }: Dialog, backend: Backend): string {
  if (action !== "terminate") return "";
  const resting = backend.state === "idle" || isInTransaction(backend);
  return resting ? "Cancel would do nothing: no query is running." : "";
}
