import { ask, close } from "./ask.ts";
import { keepCursor, move, movePage, moveTo, nextProblem, sortBy, toggleFollow, toggleTag } from "./cursor.ts";
import { openChooser } from "./chooser.ts";
import type { ColumnId } from "./columns.ts";
import { openCopy } from "./copy.ts";
import { openEditor } from "./editor.ts";
import { NO_FILTER } from "./filter.ts";
import type { Effect } from "./message.ts";
import { placement } from "./placement.ts";
import { scrollQuery } from "./query-scroll.ts";
import { moment, staleMs, withNotice, withView, type State, type View } from "./state.ts";
import { tagListed } from "./tags.ts";

/** One key: its handler, its place in the footer, its line on the help screen and in docs/keys.md are all this entry. */
export interface Binding {
  /** As ui/keys names them: "j", "S-tab", "C-l", "pagedown". The first is the one that is shown. */
  readonly keys: readonly string[];
  /** As it stands on a keyboard, for footer, help and docs. */
  readonly shown: string;
  /** One or two words for the footer; empty keeps it out of there. */
  readonly label: string;
  readonly help: string;
  readonly group: "Look" | "Move" | "Choose" | "End" | "Time" | "Screen";
  /** Where it works: on the list alone, on one session's page too, or on every page. It must not change a list that nobody sees. */
  readonly on: "list" | "detail" | "everywhere";
  /** It can end in a signal, or shows what came of one: with --read-only it does not exist. */
  readonly acts?: true;
  readonly run: (state: State) => State | readonly [State, readonly Effect[]];
}

/** Intervals that + and − step through, in seconds. */
const STEPS = [0.5, 1, 2, 5, 10, 30, 60];

/**
 * Nothing that acts on a server is bound to a letter that half an escape sequence could leave behind (A-D F H P Q R S Z ~ [ O),
 * to Enter, to Delete or to Backspace.
 */
export const KEYMAP: readonly Binding[] = [
  bind(
    ["?", "f1", "h"],
    "?",
    "Help",
    "this help",
    "Screen",
    (s) => withView(s, { page: "help", back: s.view.page === "detail" ? "detail" : "sessions", pageTop: 0 }),
    "everywhere",
  ),
  bind(
    ["/", "f4"],
    "/",
    "Filter",
    "show only what matches: state:idle user:app >30s",
    "Choose",
    (s) => withView(s, { editor: openEditor("filter", s.view.filter.text, s.view.entries.filter) }),
    "everywhere",
  ),
  bind(["enter"], "Enter", "Detail", "everything about the selected session, its whole query", "Look", (s) =>
    withView(s, { page: "detail", pageTop: 0 }),
  ),
  acting(
    ["c"],
    "c",
    "Cancel",
    "cancel the running query of the tagged sessions, else of the selected one; asks first",
    (s) => ask(s, "cancel"),
  ),
  acting(["x", "f9"], "x", "Term", "terminate the tagged sessions, else the selected one; asks first", (s) =>
    ask(s, "terminate"),
  ),
  bind(
    ["n"],
    "n",
    "Problem",
    "jump to the next blocker, old transaction or aborted one, worst first",
    "Move",
    nextProblem,
    "detail",
  ),
  bind(["<", ","], "<", "", "sort by the column to the left", "Choose", (s) => sortStep(s, -1)),
  bind([">", "."], ">", "Sort", "sort by the column to the right", "Choose", (s) => sortStep(s, 1)),
  acting(["K"], "K", "", "nothing but a word: it ends processes in other tools, here x terminates", (s) =>
    withNotice(s, "c cancels a query, x terminates a session; both ask first"),
  ),
  acting(["l"], "l", "", "what was cancelled and terminated in this run, and what came of it", openLog),
  bind(["r"], "r", "Reverse", "reverse the order", "Choose", (s) =>
    keepCursor(withView(s, { sort: { ...s.view.sort, descending: !s.view.sort.descending } })),
  ),
  bind(["i"], "i", "Idle", "show or hide idle sessions", "Choose", (s) =>
    keepCursor(withView(s, { showIdle: !s.view.showIdle })),
  ),
  bind(["p"], "p", "Pause", "freeze what is shown; it can still be sorted and filtered", "Time", togglePause, "detail"),
  bind(["space"], "Space", "Tag", "tag the session and move down", "Choose", toggleTag),
  bind(["a"], "a", "", "tag all sessions that are listed; again: untag them", "Choose", tagListed),
  bind(["u"], "u", "", "untag all", "Choose", (s) => withView(s, { tagged: new Set() })),
  bind(
    ["f"],
    "f",
    "Follow",
    "keep this session selected and listed, whatever the filter says",
    "Move",
    (s) => keepCursor(toggleFollow(s)),
    "detail",
  ),
  bind(
    ["s", "f3"],
    "s",
    "",
    "find a text and put the cursor there; again: the next one",
    "Move",
    (s) => withView(s, { editor: openEditor("find", s.view.find, s.view.entries.find) }),
    "everywhere",
  ),
  bind(["\\"], "\\", "", "clear the filter", "Choose", (s) => keepCursor(withView(s, { filter: NO_FILTER }))),
  bind(["+", "="], "+", "", "sample less often", "Time", (s) => intervalStep(s, 1), "detail"),
  bind(["-"], "-", "", "sample more often", "Time", (s) => intervalStep(s, -1), "detail"),
  bind(["up", "k"], "↑ k", "", "up", "Move", (s) => move(s, -1)),
  bind(["down", "j"], "↓ j", "", "down", "Move", (s) => move(s, 1)),
  bind(["pageup", "C-b"], "PgUp", "", "a page up", "Move", (s) => movePage(s, -1)),
  bind(["pagedown", "C-f"], "PgDn", "", "a page down", "Move", (s) => movePage(s, 1)),
  bind(["g", "home"], "g Home", "", "to the first", "Move", (s) => moveTo(s, "first")),
  bind(["G", "end"], "G End", "", "to the last", "Move", (s) => moveTo(s, "last")),
  bind(["left"], "←", "", "scroll the query text back", "Look", (s) => scrollQuery(s, -8)),
  bind(["right"], "→", "", "scroll the query text on", "Look", (s) => scrollQuery(s, 8)),
  bind(
    ["o", "f2"],
    "o",
    "Columns",
    "choose columns: Space shows or hides, ← → move, 0 goes back to automatic",
    "Look",
    openChooser,
  ),
  bind(
    ["y"],
    "y",
    "Copy",
    "copy to the terminal's clipboard: y the query, p the pid, r the ROLLBACK PREPARED it waits for",
    "Look",
    openCopy,
    "detail",
  ),
  bind(
    ["m"],
    "m",
    "",
    "mouse on or off: click a row, click it again for its page, click a title to sort, wheel to move",
    "Screen",
    toggleMouse,
    "everywhere",
  ),
  bind(
    ["e"],
    "e",
    "Entry",
    "how we are connected, what it costs, which other ways in there are",
    "Screen",
    openEntry,
    "detail",
  ),
  bind(
    ["E"],
    "E",
    "",
    "try to get in now, or into a normal slot; asks for the password where that is what is missing",
    "Screen",
    tryNow,
    "everywhere",
  ),
  bind(
    ["W"],
    "W",
    "",
    "get in even by the last walsender place, which a standby may need; works while that is all there is",
    "Screen",
    (s) =>
      s.entry.lastPlace
        ? [s, [{ kind: "take-last-place" }]]
        : withNotice(s, "no walsender place is waiting for a word"),
    "everywhere",
  ),
  bind(["C-l"], "Ctrl-L", "", "draw the screen anew", "Screen", (s) => [s, [{ kind: "redraw" }]], "everywhere"),
  bind(["C-z"], "Ctrl-Z", "", "suspend; fg brings it back", "Screen", suspend, "everywhere"),
  bind(
    ["q", "f10", "C-c", "C-\\"],
    "q",
    "Quit",
    "quit; Ctrl-C quits from anywhere",
    "Screen",
    (s) => [s, [{ kind: "quit" }]],
    "everywhere",
  ),
];

/** Whoever wants to get away gets away: these are no text, whatever is being typed. */
export const ALWAYS: ReadonlySet<string> = new Set(["C-c", "C-\\", "C-z"]);

/** The keys that there are. */
export function bindings(readOnly: boolean): readonly Binding[] {
  return readOnly ? LOOKING : KEYMAP;
}

export function binding(key: string, page: View["page"] = "sessions", readOnly = false): Binding | undefined {
  const found = BY_KEY.get(key);
  if (found === undefined || (readOnly && found.acts === true)) return undefined;
  if (page === "sessions" || found.on === "everywhere") return found;
  return page === "detail" && found.on === "detail" ? found : undefined;
}

function bind(
  keys: readonly string[],
  shown: string,
  label: string,
  help: string,
  group: Binding["group"],
  run: Binding["run"],
  on: Binding["on"] = "list",
): Binding {
  return { keys, shown, label, help, group, run, on };
}

function acting(keys: readonly string[], shown: string, label: string, help: string, run: Binding["run"]): Binding {
  return { ...bind(keys, shown, label, help, "End", run, "detail"), acts: true };
}

const LOOKING: readonly Binding[] = KEYMAP.filter(({ acts }) => acts !== true);

const BY_KEY: ReadonlyMap<string, Binding> = new Map(KEYMAP.flatMap((entry) => entry.keys.map((key) => [key, entry])));

/** Through the columns that were chosen, in their order, else through all there are. */
function sortStep(state: State, by: number): State {
  const ids = placement(state).list.map((one) => one.column.id as ColumnId);
  const index = ids.indexOf(state.view.sort.column);
  const from = index < 0 && by < 0 ? 0 : index;
  return sortBy(state, ids[(from + by + ids.length) % ids.length]!);
}

function openLog(state: State): State {
  return withView(state, { page: "log", pageTop: 0, back: state.view.page === "detail" ? "detail" : "sessions" });
}

function tryNow(state: State): State | readonly [State, readonly Effect[]] {
  const lane = state.live?.sample.server.lane;
  if (state.connection.kind === "live" && lane === "normal")
    return withNotice(state, "we are in, in a normal slot: there is nothing to try");
  const { chosenLane } = state.options;
  if (state.connection.kind === "live" && chosenLane !== null)
    return withNotice(state, `we are in, and --lane ${chosenLane} is not left for another one`);
  return [state, [{ kind: "enter" }]];
}

function openEntry(state: State): State {
  return withView(state, { page: "entry", pageTop: 0, back: state.view.page === "detail" ? "detail" : "sessions" });
}

/** A question that nobody sees any more is closed. */
function suspend(state: State): readonly [State, readonly Effect[]] {
  return [close(state, "suspended"), [{ kind: "suspend" }]];
}

function togglePause(state: State): State {
  if (state.frozen !== null) {
    const live = { ...state, frozen: null };
    const stale = staleMs(live) !== null;
    return keepCursor(
      withNotice(live, stale ? "not paused any more, but nothing new is read" : "live again", stale ? "warn" : "info"),
    );
  }
  const pair = moment(state);
  if (pair === null) return state;
  const frozen = { ...pair, history: state.history };
  return withNotice({ ...state, frozen }, "paused: sampling goes on, p goes back to live");
}

function intervalStep(state: State, by: number): readonly [State, readonly Effect[]] {
  const { wanted } = state.interval;
  const next = by > 0 ? STEPS.find((step) => step > wanted) : STEPS.findLast((step) => step < wanted);
  if (next === undefined) return [withNotice(state, `${wanted} s is the ${by > 0 ? "longest" : "shortest"} step`), []];
  return [{ ...state, interval: { wanted: next, actual: next } }, [{ kind: "interval", seconds: next }]];
}

function toggleMouse(state: State): readonly [State, readonly Effect[]] {
  const on = !state.view.mouse;
  const said = withNotice(state, on ? "mouse on: Shift selects text" : "mouse off: the terminal selects text");
  return [withView(said, { mouse: on }), [{ kind: "mouse", on }]];
}
