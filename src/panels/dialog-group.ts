import { behind, blocking, seesAllWaiters } from "../analysis/blocking.ts";
import { mayHaveWritten } from "../analysis/waiting-ddl.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import type { Change, Dialog } from "../state/dialog.ts";
import { fit } from "../text/fit.ts";
import { duration } from "../text/format.ts";
import { apart, leftOutOf, unlistedWords } from "./dialog-target.ts";
import { fact, flow, warning, type Fact } from "./facts.ts";
import { line, toned, type Line } from "./line.ts";
import { forWords } from "./lock-words.ts";
import { whoWords } from "./target-words.ts";

const LISTED = 8;

/** What there is to know of several targets: who they are, what would be lost, and which of them are not what they were. */
export function groupFacts(dialog: Dialog, sample: Sample, width: number): Fact[] {
  const about = (rank: number, text: string): Fact[] => (text === "" ? [] : [fact(rank, "normal", text, width)]);
  const warn = (rank: number, text: string): Fact[] => (text === "" ? [] : [warning(rank, "warn", text, width)]);
  return [
    { rank: 5, lines: (room) => listed(dialog, sample, width, Math.min(room, LISTED + 1)) },
    ...apart([flow(1, "normal", countWords(dialog, sample), width)]),
    ...about(9, statesWords(dialog.targets)),
    ...warn(0, changeWords(dialog)),
    ...warn(2, leftOutOf(dialog)),
    ...warn(2, unlistedWords(dialog)),
    ...(dialog.voided === null ? about(3, CONSEQUENCE[dialog.action]) : []),
  ];
}

const CONSEQUENCE = {
  terminate: "Closes their connections; what is open there rolls back.",
  cancel: "Their queries end with an error; the connections stay, and transaction blocks are aborted.",
} as const;

/** The dearest first: who has written, then by the age of the transaction; as they were shown, so that no row moves. */
function listed({ targets, changes }: Dialog, sample: Sample, width: number, room: number): Line[] {
  const sorted = [...targets].sort(
    (a, b) =>
      Number(mayHaveWritten(b)) - Number(mayHaveWritten(a)) ||
      (a.xactStartSeconds ?? Infinity) - (b.xactStartSeconds ?? Infinity) ||
      a.pid - b.pid,
  );
  const rows = sorted.length <= Math.min(room, LISTED) ? sorted.length : Math.min(room - 1, LISTED);
  if (rows <= 0) return [];
  const shown = sorted.slice(0, rows);
  const states = new Map(shown.map((target) => [target, stateOf(target, sample, changes.get(target.key))]));
  // No wider than they need: what is left tells where each of them comes from.
  const longest = [...states.values()].reduce((most, text) => Math.max(most, text.length), 0);
  const cells = Math.min(longest, STATE_CELLS, Math.trunc(width / 2));
  const lines = shown.map((target) => row(target, changes.has(target.key), states.get(target)!, cells, width));
  return sorted.length === rows ? lines : [...lines, line(toned("muted", `        and ${sorted.length - rows} more`))];
}

const STATE_CELLS = 26;

function row(shown: Backend, changed: boolean, state: string, cells: number, width: number): Line {
  const written = mayHaveWritten(shown);
  const who = fit(whoWords(shown), width - PID_CELLS - 4 - cells, "left", "…");
  return line(
    toned(changed ? "muted" : "title", fit(String(shown.pid), PID_CELLS, "right")),
    toned(written ? "warn" : "muted", written ? " x " : "   "),
    toned(changed ? "muted" : "normal", `${who} `),
    toned(changed ? "warn" : "normal", fit(state, cells)),
  );
}

/** What it does and for how long, or what has become of it. */
function stateOf(shown: Backend, sample: Sample, change: Change | undefined): string {
  if (change !== undefined) return changedWords(change);
  const now = sample.backends.find(({ key }) => key === shown.key) ?? shown;
  const behindIt = blocking(sample).blocks.get(shown.pid);
  const age = secondsSince(shown.xactStartSeconds ?? shown.stateChangeSeconds, sample);
  return `${stateWords(now)} ${duration(age)}${behindIt === undefined ? "" : ` blocks ${behindIt}`}`;
}

/** Room for the largest pid there is. */
const PID_CELLS = 7;

function stateWords({ state, backendType }: Backend): string {
  if (state === "idle in transaction") return "idle in tx";
  return state === "idle in transaction (aborted)" ? "tx aborted" : (state ?? backendType ?? "no state");
}

function changedWords(change: Change): string {
  if (change.kind === "ended") return "ended";
  if (change.kind === "hidden") return "hidden now";
  return change.what === "state" ? `${change.state ?? "no state"} now` : `another ${change.what} now`;
}

function countWords({ targets }: Dialog, sample: Sample): string[] {
  const pids = targets.map(({ pid }) => pid);
  const { waiters, longest } = behind(sample, pids);
  const all = seesAllWaiters(sample);
  const wait = waiters.length === 1 ? "waits" : "wait";
  const writers = targets.filter(mayHaveWritten).length;
  const ages = targets.map((target) => secondsSince(target.xactStartSeconds, sample) ?? 0);
  const oldest = ages.reduce((most, age) => Math.max(most, age), 0);
  return [
    waiters.length === 0
      ? all
        ? ""
        : "whom they block is hidden from our role"
      : `${all ? "" : "at least "}${waiters.length} ${wait} behind them${longest === null ? "" : `, ${forWords(longest)}`}`,
    writers === 0 ? "none has written" : `${writers} may have written (x)`,
    oldest === 0 ? "" : `the longest transaction ${duration(oldest)}`,
  ].filter((part) => part !== "");
}

/** "9 idle, 3 active": not all of them are listed one by one. */
function statesWords(targets: readonly Backend[]): string {
  if (targets.length <= LISTED) return "";
  const counts = new Map<string, number>();
  for (const target of targets) counts.set(stateWords(target), (counts.get(stateWords(target)) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([state, n]) => `${n} ${state}`)
    .join(", ");
}

function changeWords({ changes }: Dialog): string {
  const all = [...changes.values()];
  const ended = all.filter(({ kind }) => kind === "ended").length;
  const others = all.length - ended;
  if (all.length === 0) return "";
  const words = [ended === 0 ? "" : `${ended} ended`, others === 0 ? "" : `${others} changed`];
  return `${words.filter((part) => part !== "").join(", ")}: ${all.length === 1 ? "it gets" : "they get"} nothing`;
}
