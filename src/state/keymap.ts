import { ask } from "./ask.ts";
import { acting, bind, onTabs, type Binding } from "./binding.ts";
import { keepCursor, move, movePage, moveTo, toggleFollow, toggleTag } from "./cursor.ts";
import { openChooser } from "./chooser.ts";
import { openCopy } from "./copy.ts";
import { openEditor } from "./editor.ts";
import { NO_FILTER } from "./filter.ts";
import { scrollQuery } from "./query-scroll.ts";
import { intervalStep, openPage, sortStep, suspend, toggleMouse, togglePause, tryNow } from "./key-actions.ts";
import { nextFinding } from "./next-finding.ts";
import { nextServerView, resetWhatIf, stepWhatIf } from "./server-keys.ts";
import { withNotice, withView } from "./state.ts";
import type { TabId, View } from "./view.ts";
import { chooseTab, enter, fold, groupNext, stepTab } from "./tab-keys.ts";
import { TABS } from "./tabs.ts";
import { tagListed } from "./tags.ts";

/**
 * Nothing that acts on a server is bound to a letter that half an escape sequence could leave behind (A-D F H P Q R S Z ~ [ O),
 * to Enter, to Delete or to Backspace.
 */
export const KEYMAP: readonly Binding[] = [
  bind(["?", "f1", "h"], "?", "Help", "this help", "Screen", (s) => openPage(s, "help"), "everywhere"),
  bind(
    ["/", "f4"],
    "/",
    "Filter",
    "show only what matches: state:idle user:app >30s",
    "Choose",
    (s) => withView(s, { tab: "sessions", editor: openEditor("filter", s.view.filter.text, s.view.entries.filter) }),
    "everywhere",
  ),
  ...TABS.map(({ id, key, help }) => bind([key], key, "", help, "Look", (s) => chooseTab(s, id), "everywhere")),
  onTabs(bind(["tab"], "Tab", "", "to the next tab", "Look", (s) => stepTab(s, 1))),
  onTabs(bind(["S-tab"], "Shift-Tab", "", "to the tab before", "Look", (s) => stepTab(s, -1))),
  onTabs(
    bind(
      ["enter"],
      "Enter",
      "Detail",
      "everything about the selected session or process, its whole query; on Holders: its sessions",
      "Look",
      enter,
    ),
  ),
  bind(
    ["v"],
    "v",
    "Why",
    "what was found, the evidence, what to do about it and what not to do",
    "Look",
    (s) => openPage(s, "findings"),
    "everywhere",
  ),
  onTabs(
    bind(["t", "f5"], "t", "Tree", "who waits for whom, as a tree; again: back to the sessions", "Look", (s) =>
      chooseTab(s, s.view.tab === "blocking" ? "sessions" : "blocking"),
    ),
  ),
  onTabs(
    bind(
      ["z"],
      "z",
      "",
      "who holds the slots; again: by the next grouping; on Server: memory and what if, settings",
      "Look",
      (s) =>
        s.view.tab === "server" ? nextServerView(s) : s.view.tab === "holders" ? groupNext(s) : chooseTab(s, "holders"),
    ),
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
    "Next",
    "to the next finding, and in it to the next of its sessions, worst first",
    "Move",
    nextFinding,
    "everywhere",
  ),
  onTabs(
    bind(["<", ","], "<", "", "sort by the column to the left", "Choose", (s) => sortStep(s, -1)),
    ["holders"],
  ),
  onTabs(
    bind([">", "."], ">", "Sort", "sort by the column to the right", "Choose", (s) => sortStep(s, 1)),
    ["holders"],
  ),
  acting(["K"], "K", "", "nothing but a word: it ends processes in other tools, here x terminates", (s) =>
    withNotice(s, "c cancels a query, x terminates a session; both ask first"),
  ),
  acting(["l"], "l", "", "what was cancelled and terminated in this run, and what came of it", (s) =>
    openPage(s, "log"),
  ),
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
  onTabs(
    bind(
      ["f"],
      "f",
      "Follow",
      "keep this session selected and listed, whatever the filter says",
      "Move",
      (s) => keepCursor(toggleFollow(s)),
      "detail",
    ),
    [],
  ),
  bind(
    ["s", "f3"],
    "s",
    "",
    "find a text and put the cursor there; again: the next one",
    "Move",
    (s) => withView(s, { tab: "sessions", editor: openEditor("find", s.view.find, s.view.entries.find) }),
    "everywhere",
  ),
  onTabs(
    bind(["\\"], "\\", "", "clear the filter; in what if: as it is now", "Choose", (s) =>
      s.view.tab === "server" ? resetWhatIf(s) : keepCursor(withView(s, { filter: NO_FILTER })),
    ),
    ["server"],
  ),
  bind(["+", "="], "+", "", "sample less often", "Time", (s) => intervalStep(s, 1), "detail"),
  bind(["-"], "-", "", "sample more often", "Time", (s) => intervalStep(s, -1), "detail"),
  onTabs(bind(["up", "k"], "↑ k", "", "up", "Move", (s) => move(s, -1))),
  onTabs(bind(["down", "j"], "↓ j", "", "down", "Move", (s) => move(s, 1))),
  onTabs(bind(["pageup", "C-b"], "PgUp", "", "a page up", "Move", (s) => movePage(s, -1))),
  onTabs(bind(["pagedown", "C-f"], "PgDn", "", "a page down", "Move", (s) => movePage(s, 1))),
  onTabs(bind(["g", "home"], "g Home", "", "to the first", "Move", (s) => moveTo(s, "first"))),
  onTabs(bind(["G", "end"], "G End", "", "to the last", "Move", (s) => moveTo(s, "last"))),
  onTabs(
    bind(["left"], "←", "", "scroll the query text back; in the blocking tree: fold; in what if: less", "Look", (s) =>
      s.view.tab === "blocking" ? fold(s, true) : s.view.tab === "server" ? stepWhatIf(s, -1) : scrollQuery(s, -8),
    ),
    ["blocking", "server"],
  ),
  onTabs(
    bind(["right"], "→", "", "scroll the query text on; in the blocking tree: unfold; in what if: more", "Look", (s) =>
      s.view.tab === "blocking" ? fold(s, false) : s.view.tab === "server" ? stepWhatIf(s, 1) : scrollQuery(s, 8),
    ),
    ["blocking", "server"],
  ),
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
    "copy to the terminal's clipboard: y the query, p the pid, r the ROLLBACK PREPARED it waits for; on the page of a finding its statements, one by one",
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
    (s) => openPage(s, "entry"),
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

export function binding(
  key: string,
  page: View["page"] = "sessions",
  readOnly = false,
  tab: TabId = "sessions",
): Binding | undefined {
  const found = BY_KEY.get(key);
  if (found === undefined || (readOnly && found.acts === true)) return undefined;
  if (found.on === "everywhere") return found;
  if (page === "sessions") return worksOn(found, tab) ? found : undefined;
  return page === "detail" && found.on === "detail" ? found : undefined;
}

export function worksOn({ tabs }: Binding, tab: TabId): boolean {
  return tab === "sessions" || tabs === "all" || tabs.includes(tab);
}

const LOOKING: readonly Binding[] = KEYMAP.filter(({ acts }) => acts !== true);

const BY_KEY: ReadonlyMap<string, Binding> = new Map(KEYMAP.flatMap((entry) => entry.keys.map((key) => [key, entry])));
