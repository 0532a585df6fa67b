import type { Thresholds } from "../analysis/slots.ts";
import { emptyHistory, type Caps, type History } from "../history/history.ts";
import type { Holdings } from "../model/action.ts";
import type { BackendKey } from "../model/backend.ts";
import type { DeadTuples } from "../model/horizon.ts";
import type { ClosedLane, Lane } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { NOTHING_WATCHED, type Watch } from "../model/watch.ts";
import type { Copying } from "./copy.ts";
import type { Dialog } from "./dialog.ts";
import type { Filter } from "./filter.ts";
import type { Size } from "./layout.ts";
import type { Outcome } from "./outcome.ts";
import { rows, type Rows } from "./rows.ts";
import { EMPTY_VIEW, type View } from "./view.ts";
import type { Needs } from "./widths.ts";

/** Everything the screen shows follows from this one value. */
export interface State {
  readonly options: Options;
  /** The latest time a message brought, milliseconds on our clock: the core has no clock of its own. */
  readonly now: number;
  readonly size: Size;
  readonly connection: Connection;
  readonly entry: Entry;
  readonly history: History;
  /** The two latest samples: the newer one is shown, the older one tells what is new and what is gone. */
  readonly live: Pair | null;
  /** What is shown while paused; history goes on behind it. */
  readonly frozen: Frozen | null;
  readonly interval: Interval;
  /** What samples have been asked to have beside what every sample has. */
  readonly watch: Watch;
  /** The sample that was last looked through for what is wrong, with the history up to it. */
  readonly assessed: { readonly sample: Sample; readonly history: History } | null;
  /** Until the first picture is on the terminal nothing is looked through: whoever was woken sees the sessions first. */
  readonly unpictured: boolean;
  readonly view: View;
  readonly detail: Detail | null;
  /** What the backend holds that was asked about last; whose they are stands in them. */
  readonly holdings: Holdings | null;
  readonly holdingsAsked: HoldingsAsked | null;
  /** Tables of our database with the most dead rows; read while somebody looks at what holds VACUUM back. */
  readonly deadTuples: DeadTuplesAsked | null;
  readonly copying: Copying | null;
  readonly notice: Notice | null;
  readonly dialog: Dialog | null;
  /** A question has been taken away under somebody's hands: until then keys were meant for it, and for nothing else. */
  readonly deafUntil: number;
  /** What was ordered in this run and what came of it, the latest last. */
  readonly outcomes: readonly Outcome[];
}

export interface Options {
  readonly target: Target;
  readonly thresholds: Thresholds;
  readonly historyCaps: Caps;
  /** Nothing that acts on a server exists: no key, no footer, no dialog. */
  readonly readOnly: boolean;
  /** Sessions that are ended singly only, and after a second step, because the user asked for that. */
  readonly protect: readonly Filter[];
  /** The one lane that the user wants (--lane): no other is tried, and it is not left for a better one. */
  readonly chosenLane: Lane | null;
}

/** Where we were asked to connect to; what a frame says before the server has said anything. */
export interface Target {
  /** `db1:5432`, or all that are tried: `db1:5432,db2:5432`. */
  readonly place: string;
  readonly database: string;
  readonly user: string;
}

export interface Pair {
  readonly sample: Sample;
  readonly before: Sample | null;
  /** How wide the columns have to be for them. */
  readonly needs: Needs;
}

/** A pair with the history up to it: the courses stand still as well. */
export interface Frozen extends Pair {
  readonly history: History;
}

export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Nothing could be read since `since`; the picture stays and is marked stale. */
  | { readonly kind: "lost"; readonly since: number; readonly reason: string };

/** The way in: what was tried, and what comes next. */
export interface Entry {
  /** Lanes that do not let us in, those above the one in which we are among them. */
  readonly closed: readonly ClosedLane[];
  /** While there is no connection: how often it has been tried, and when it is tried again on our clock; null is now. */
  readonly retry: { readonly tries: number; readonly at: number | null } | null;
  /** The walsender lane is open, but by its last place, which is not taken unasked. */
  readonly lastPlace: boolean;
}

export const ENTERING: Entry = { closed: [], retry: null, lastPlace: false };

/** Seconds between samples: what was asked for, and what it is because sampling costs too much. */
export interface Interval {
  readonly wanted: number;
  readonly actual: number;
}

/** The whole query text of one backend, fetched when the list has only its beginning. */
export interface Detail {
  readonly key: BackendKey;
  /** Start of the query whose text was asked for, and of the one whose text came: a backend runs many. */
  readonly askedSeconds: number | null;
  readonly queryStartSeconds: number | null;
  /** Null while it is on its way. */
  readonly query: string | null;
}

/** Whose holdings were asked for last, during which query, and when on our clock. */
export interface HoldingsAsked {
  readonly key: BackendKey;
  readonly queryStartSeconds: number | null;
  readonly at: number;
}

export interface DeadTuplesAsked {
  /** On our clock. */
  readonly askedAt: number;
  /** Null: on their way; "failed": the server did not tell. */
  readonly tables: readonly DeadTuples[] | "failed" | null;
}

export interface Notice {
  readonly text: string;
  readonly tone: "info" | "warn";
  readonly until: number;
}

export function initialState(
  options: Options,
  now: number,
  interval: number,
  size: Size,
  view: Partial<View> = {},
): State {
  return {
    options,
    now,
    size,
    connection: { kind: "connecting" },
    entry: ENTERING,
    history: emptyHistory(options.historyCaps),
    live: null,
    frozen: null,
    interval: { wanted: interval, actual: interval },
    watch: NOTHING_WATCHED,
    assessed: null,
    unpictured: false,
    view: { ...EMPTY_VIEW, ...view },
    detail: null,
    holdings: null,
    holdingsAsked: null,
    deadTuples: null,
    copying: null,
    notice: null,
    dialog: null,
    deafUntil: 0,
    outcomes: [],
  };
}

/** The reading that the screen shows. */
export function moment(state: State): Pair | null {
  return state.frozen ?? state.live;
}

/** The history up to the moment that the screen shows. */
export function shownHistory(state: State): History {
  return state.frozen?.history ?? state.history;
}

export function visibleRows(state: State): Rows {
  const pair = moment(state);
  if (pair === null) return NO_ROWS;
  const { sort, filter, showIdle, follow } = state.view;
  return rows(pair.sample, pair.before, sort, filter, showIdle, follow);
}

/** Milliseconds since the shown live sample was taken, when that is too long for the interval; null while it is fresh. */
export function staleMs(state: State): number | null {
  if (state.live === null) return null;
  const age = state.now - state.live.sample.takenAt;
  return state.connection.kind === "lost" || age > state.interval.actual * 2000 + 1000 ? age : null;
}

/** Why nothing newer is known than what is on the screen; null while all is well. */
export function trouble(state: State): string | null {
  if (state.connection.kind === "lost") return state.connection.reason;
  return staleMs(state) === null ? null : "no answer yet: the server, the network or this machine is slow";
}

/** Whether the passing of time alone changes what is shown. */
export function showsTime(state: State): boolean {
  return staleMs(state) !== null || state.frozen !== null || state.entry.retry !== null;
}

export function withView(state: State, view: Partial<View>): State {
  return { ...state, view: { ...state.view, ...view } };
}

export const NOTICE_MS = 5000;

export function withNotice(state: State, text: string, tone: Notice["tone"] = "info"): State {
  return { ...state, notice: { text, tone, until: state.now + NOTICE_MS } };
}

const NO_ROWS: Rows = { all: [], left: 0, leftIdle: 0 };
