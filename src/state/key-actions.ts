import { close } from "./ask.ts";
import type { ColumnId } from "./columns.ts";
import { keepCursor, sortBy } from "./cursor.ts";
import type { Effect } from "./message.ts";
import { placement } from "./placement.ts";
import { moment, staleMs, withNotice, withView, type State } from "./state.ts";
import type { View } from "./view.ts";
import { keepTabCursor } from "./tab-cursor.ts";
import { sortHolders } from "./tab-keys.ts";

/** Intervals that + and − step through, in seconds. */
const STEPS = [0.5, 1, 2, 5, 10, 30, 60];

/** A page over what is open; Esc leads back to where it was opened. */
export function openPage(state: State, page: View["page"]): State {
  return withView(state, { page, pageTop: 0, back: state.view.page === "detail" ? "detail" : "sessions" });
}

/** Through the columns that were chosen, in their order, else through all there are. */
export function sortStep(state: State, by: number): State {
  if (state.view.tab === "holders") return sortHolders(state, by);
  const ids = placement(state).list.map((one) => one.column.id as ColumnId);
  const index = ids.indexOf(state.view.sort.column);
  const from = index < 0 && by < 0 ? 0 : index;
  return sortBy(state, ids[(from + by + ids.length) % ids.length]!);
}

export function tryNow(state: State): State | readonly [State, readonly Effect[]] {
  const lane = state.live?.sample.server.lane;
  if (state.connection.kind === "live" && lane === "normal")
    return withNotice(state, "we are in, in a normal slot: there is nothing to try");
  const { chosenLane } = state.options;
  if (state.connection.kind === "live" && chosenLane !== null)
    return withNotice(state, `we are in, and --lane ${chosenLane} is not left for another one`);
  return [state, [{ kind: "enter" }]];
}

/** A question that nobody sees any more is closed. */
export function suspend(state: State): readonly [State, readonly Effect[]] {
  return [close(state, "suspended"), [{ kind: "suspend" }]];
}

export function togglePause(state: State): State {
  if (state.frozen !== null) {
    const live = { ...state, frozen: null };
    const stale = staleMs(live) !== null;
    const words = stale ? "not paused any more, but nothing new is read" : "live again";
    return keepTabCursor(keepCursor(withNotice(live, words, stale ? "warn" : "info")));
  }
  const pair = moment(state);
  if (pair === null) return state;
  const frozen = { ...pair, history: state.history };
  return withNotice({ ...state, frozen }, "paused: sampling goes on, p goes back to live");
}

export function intervalStep(state: State, by: number): readonly [State, readonly Effect[]] {
  const { wanted } = state.interval;
  const next = by > 0 ? STEPS.find((step) => step > wanted) : STEPS.findLast((step) => step < wanted);
  if (next === undefined) return [withNotice(state, `${wanted} s is the ${by > 0 ? "longest" : "shortest"} step`), []];
  return [{ ...state, interval: { wanted: next, actual: next } }, [{ kind: "interval", seconds: next }]];
}

export function toggleMouse(state: State): readonly [State, readonly Effect[]] {
  const on = !state.view.mouse;
  const said = withNotice(state, on ? "mouse on: Shift selects text" : "mouse off: the terminal selects text");
  return [withView(said, { mouse: on }), [{ kind: "mouse", on }]];
}
