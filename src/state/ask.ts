import type { Action } from "../model/action.ts";
import type { Backend } from "../model/backend.ts";
import { plural } from "../text/format.ts";
import { DIALOG_SIZE, type Dialog, type LeftOut } from "./dialog.ts";
import type { Effect } from "./message.ts";
import { standing, type Protection, type Standing } from "./standing.ts";
import { selectedRow } from "./selection.ts";
import { trouble, visibleRows, withNotice, type State } from "./state.ts";

type Asked = State | readonly [State, readonly Effect[]];

/** Opens the question for what is tagged, else for what is selected; or says why there is nothing to ask. */
export function ask(state: State, action: Action): Asked {
  const obstacle = notNow(state);
  if (obstacle !== null) return withNotice(state, obstacle, "warn");
  const { backends } = state.live!.sample;
  // Tags belong to the list of sessions: on another tab, or on the page of one session, nobody sees them, and that one is meant.
  const onList = state.view.tab === "sessions" && state.view.page === "sessions";
  const tagged = onList ? backends.filter((backend) => state.view.tagged.has(backend.key)) : [];
  if (tagged.length > 1) return askSeveral(state, action, tagged);
  const row = selectedRow(state);
  const one = tagged[0] ?? row?.backend;
  if (one === undefined) return withNotice(state, `no session is selected: nothing to ${action}`);
  if (tagged.length === 0 && row?.mark === "gone") return withNotice(state, `${one.pid} has ended already`);
  return askOne(state, action, one);
}

/** What is on the screen must be what is on the server. */
function notNow(state: State): string | null {
  if (state.frozen !== null) return "paused: nothing is sent on the strength of an old picture; p goes back to live";
  if (state.live === null) return "nothing has been read yet";
  const why = trouble(state);
  if (why !== null) return `not now: ${why}`;
  if (state.outcomes.at(-1)?.phase === "sending") return "the server has not answered the last order yet";
  const { width, height } = DIALOG_SIZE;
  const fits = state.size.width >= width && state.size.height >= height;
  return fits ? null : `this screen is too small for the question: ${width}x${height} at least`;
}

function askOne(state: State, action: Action, backend: Backend): Asked {
  const is = standingOf(state, action, backend);
  switch (is.kind) {
    case "impossible":
      return withNotice(state, is.why, "warn");
    case "free":
      return open(state, action, [backend]);
    case "protected":
      return open(state, action, [backend], { protection: is.protection });
    case "redirect": {
      const leader = standingOf(state, action, is.leader);
      if (leader.kind === "impossible") return withNotice(state, leader.why, "warn");
      const protection = leader.kind === "protected" ? leader.protection : null;
      return open(state, action, [is.leader], { pointedAt: backend, protection });
    }
  }
}

/** A group never holds one that is protected: these are asked for one by one. */
function askSeveral(state: State, action: Action, tagged: readonly Backend[]): Asked {
  const targets: Backend[] = [];
  const leftOut: LeftOut[] = [];
  for (const backend of tagged) {
    const is = standingOf(state, action, backend);
    if (is.kind === "free") targets.push(backend);
    else leftOut.push({ backend, why: shortly(is) });
  }
  if (targets.length > 0) return open(state, action, targets, { leftOut });
  const why = leftOutWords(leftOut);
  const instead = action === "cancel" ? "x terminates" : "untag them (u) and go one by one";
  return withNotice(state, `none of the ${tagged.length} tagged is for this (${why}): ${instead}`, "warn");
}

/** "3 idle, 1 walsender": the most frequent first. */
export function leftOutWords(leftOut: readonly LeftOut[]): string {
  const counts = new Map<string, number>();
  for (const { why } of leftOut) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([why, count]) => `${count} ${why}`)
    .join(", ");
}

function standingOf(state: State, action: Action, backend: Backend): Standing {
  return standing(backend, action, state.live!.sample, state.options.protect);
}

function shortly(is: Standing): string {
  if (is.kind === "impossible") return is.short;
  if (is.kind === "protected") return is.protection.kind === "asked for" ? "protected" : is.protection.kind;
  return "parallel worker";
}

interface Particulars {
  readonly leftOut?: readonly LeftOut[];
  readonly pointedAt?: Backend | null;
  readonly protection?: Protection | null;
}

function open(
  state: State,
  action: Action,
  targets: readonly Backend[],
  { leftOut = [], pointedAt = null, protection = null }: Particulars = {},
): Asked {
  const listed = new Set(visibleRows(state).all.map(({ backend }) => backend.key));
  const dialog: Dialog = {
    action,
    targets,
    leftOut,
    unlisted: targets.filter(({ key }) => !listed.has(key)).length,
    pointedAt,
    protection,
    step: protection === null ? "act" : "unlock",
    typed: "",
    said: null,
    openedAt: state.now,
    paintedAt: null,
    burst: { last: 0, keys: 0 },
    typedSince: 0,
    holdings: null,
    holdingsFailed: false,
    changes: new Map(),
    voided: null,
  };
  const about: readonly Effect[] = targets.length === 1 ? [{ kind: "fetch-holdings", backend: targets[0]! }] : [];
  // What was shown may be as old as the interval is long: look at once whether it still holds.
  return [{ ...state, dialog, notice: null }, [...about, { kind: "hurry", seconds: 0 }]];
}

/** Closed by something else than a key for it: whoever is typing the phrase must not type commands all of a sudden. */
export function takeAway(state: State, why: string): State {
  if (state.dialog === null) return state;
  return { ...close(state, why), deafUntil: state.now + DEAF_MS };
}

const DEAF_MS = 1500;

/** What a question was closed without: nothing was sent, and that is said. */
export function close(state: State, why: string | null = null): State {
  if (state.dialog === null) return state;
  const { action, targets } = state.dialog;
  const whom = targets.length === 1 ? String(targets[0]!.pid) : `the ${plural(targets.length, "session")}`;
  const done = { cancel: "cancelled", terminate: "terminated" }[action];
  return withNotice(
    { ...state, dialog: null },
    `${why === null ? "" : `${why}: `}${whom} not ${done}, nothing was sent`,
  );
}
