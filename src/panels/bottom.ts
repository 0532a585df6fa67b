import { untoldWaiters } from "../analysis/blocking.ts";
import { column } from "../state/columns.ts";
import { bindings, worksOn } from "../state/keymap.ts";
import type { Editor } from "../state/editor.ts";
import { layout } from "../state/layout.ts";
import { placement } from "../state/placement.ts";
import { whatIfField } from "../state/server-keys.ts";
import { moment, staleMs, visibleRows, type State } from "../state/state.ts";
import { tabHeight, tabPlace } from "../state/tab-cursor.ts";
import { tabPlaces, tabRows } from "../state/tabs.ts";
import { isAsking } from "../state/what-if.ts";
import { clean } from "../text/clean.ts";
import { plural, span } from "../text/format.ts";
import { skip, textWidth } from "../text/width.ts";
import { missingWords } from "./chooser.ts";
import { copyLine } from "./copying.ts";
import { toned, type Line, type Span } from "./line.ts";
import { isFresh, isNewer, resultLine } from "./result-line.ts";
import { fitSpans, spansWidth, spread } from "./spread.ts";

export function tabs(state: State): Line {
  const spans = tabPlaces(state).flatMap(({ tab, text }): Span[] => {
    const open = tab.id === state.view.tab;
    return [toned("frame", "─"), toned(open ? "title" : "normal", text)];
  });
  const left = state.size.width - spansWidth(spans);
  return { spans: fitSpans([...spans, toned("frame", "─".repeat(Math.max(0, left)))], state.size.width) };
}

/** Where in the list we are and what shapes it; a text entry, a notice or the result of an action takes its place while it lasts. */
export function status(state: State): Line {
  const { width } = state.size;
  const only = onlyLine(state);
  if (only !== null) return only;
  const spans = statusParts(state).flatMap((part, i) => [toned("frame", i === 0 ? "─ " : " ─ "), part]);
  const used = spansWidth(spans);
  return { spans: fitSpans([...spans, toned("frame", ` ${"─".repeat(Math.max(0, width - used - 1))}`)], width) };
}

/** What takes the place of a line while it lasts: a text entry, a question, a notice, or what came of the last order. */
export function onlyLine(state: State): Line | null {
  if (state.view.editor !== null) return editorLine(state);
  const copying = copyLine(state);
  if (copying !== null) return copying;
  // Whichever is the newer: a word on the log must not hide what became of the order.
  const result = resultLine(state);
  if (state.notice === null || (result !== null && isNewer(state, state.notice))) return result;
  const tone = state.notice.tone === "warn" ? "warn" : "title";
  return spread([toned("frame", "─ "), toned(tone, state.notice.text)], [], state.size.width);
}

function statusParts(state: State): Span[] {
  if (moment(state) === null) return [toned("muted", "connecting")];
  if (state.view.tab !== "sessions") return tabStatus(state);
  const { all, left, leftIdle } = visibleRows(state);
  const { view } = state;
  const last = Math.min(all.length, view.top + layout(state.size).rows);
  const parts = [toned("normal", all.length === 0 ? "0 of 0" : `${view.top + 1}-${last} of ${all.length}`)];
  parts.push(toned("muted", `sort ${column(view.sort.column).title} ${view.sort.descending ? "desc" : "asc"}`));
  if (view.filter.kind === "wrong") parts.push(toned("warn", `filter not used: ${view.filter.reason}`));
  else if (view.filter.text !== "") parts.push(toned("warn", `filter ${view.filter.text}`));
  if (left > 0) parts.push(toned("warn", `${left} not listed${leftIdle === 0 ? "" : ` (${leftIdle} idle)`}`));
  const { missing } = placement(state);
  if (missing > 0) parts.push(toned("warn", missingWords(missing)));
  if (view.tagged.size > 0) parts.push(toned("title", `${view.tagged.size} tagged`));
  if (view.follow !== null) parts.push(toned("title", `following ${view.follow.split("@")[0]}`));
  const untold = untoldWaiters(moment(state)!.sample);
  if (untold > 0) parts.push(toned("warn", `of ${plural(untold, "waiter")} not told for whom`));
  if (state.frozen !== null) parts.push(pausedFor(state));
  else parts.push(staleMs(state) === null ? toned("muted", "live") : toned("warn", "stale"));
  return parts;
}

/** On another tab: where in its list, and what shapes that. */
function tabStatus(state: State): Span[] {
  const rows = tabRows(state);
  const { top } = tabPlace(state);
  const last = Math.min(rows.length, top + tabHeight(state));
  const parts = [toned("normal", rows.length === 0 ? "0 of 0" : `${top + 1}-${last} of ${rows.length}`)];
  if (state.view.tab === "holders") parts.push(toned("muted", `z next grouping, < > sort`));
  if (state.view.tab === "blocking" && rows.length > 0) parts.push(toned("muted", "← → fold"));
  if (whatIfField(state) !== null) parts.push(toned("muted", "← → less, more"), toned("muted", "Enter types"));
  if (state.view.tab === "server" && isAsking(state.view.whatIf)) parts.push(toned("muted", "\\ as it is now"));
  if (state.frozen !== null) parts.push(pausedFor(state));
  else parts.push(staleMs(state) === null ? toned("muted", "live") : toned("warn", "stale"));
  return parts;
}

function pausedFor(state: State): Span {
  return toned("warn", `paused, ${span((state.now - state.frozen!.sample.takenAt) / 1000)} old`);
}

/** What is typed for what, and what the two keys do that end it. */
const TYPING: Readonly<Record<Editor["purpose"], { label: string; enter: EndingKey; escape: EndingKey }>> = {
  filter: {
    label: " Filter: ",
    enter: { does: "keeps", label: "Keep" },
    escape: { does: "takes back", label: "Take back" },
  },
  find: { label: " Find: ", enter: { does: "next", label: "Next" }, escape: { does: "closes", label: "Close" } },
  "what-if": {
    label: " What if it were: ",
    enter: { does: "reckons, empty: as it is", label: "Reckon" },
    escape: { does: "takes back", label: "Take back" },
  },
};

interface EndingKey {
  readonly does: string;
  readonly label: string;
}

function editorLine(state: State): Line {
  const editor = state.view.editor!;
  const { width } = state.size;
  const { label, enter, escape } = TYPING[editor.purpose];
  const { filter } = state.view;
  const wrong = editor.purpose === "filter" && filter.kind === "wrong" ? filter.reason : null;
  const hint = `Enter ${enter.does}  Esc ${escape.does}`;
  const room = width - label.length;
  const typed = textWidth(clean(editor.text)) + 1;
  // What is typed stays in sight, however much there is to say about it; where cells are few, it needs them all.
  if (wrong !== null) {
    const cells = Math.min(typed, Math.max(Math.trunc(room / 2), room - wrong.length - 2));
    return spread([toned("title", label), ...typedSpans(editor, cells), toned("warn", `  ${wrong}`)], [], width);
  }
  const help = width < 80 || typed + hint.length + 3 > room ? [] : [toned("muted", hint), toned("normal", " ")];
  return spread([toned("title", label), ...typedSpans(editor, room)], help, width);
}

/** The text in so many cells, scrolled so that the caret is always in sight, and what comes behind it for a bit. */
function typedSpans(editor: Editor, cells: number): Span[] {
  const chars = [...editor.text];
  const before = clean(chars.slice(0, editor.caret).join(""));
  const caret = clean(chars[editor.caret] ?? " ") || " ";
  const behind = clean(chars.slice(editor.caret + 1).join(""));
  const left = textWidth(before);
  const all = left + textWidth(caret) + textWidth(behind);
  const ahead = Math.min(textWidth(behind), Math.trunc(cells / 4));
  const offset = all <= cells ? 0 : Math.max(0, left + textWidth(caret) + ahead - cells);
  const kept = offset === 0 ? before : `…${skip(before, offset + 1)}`;
  const spans = [toned(editor.replaces ? "selected" : "normal", kept), toned("caret", caret), toned("normal", behind)];
  return ahead === 0 || spansWidth(spans) <= cells
    ? fitSpans(spans, cells)
    : [...fitSpans(spans, cells - 1), toned("normal", "…")];
}

/** The keys that do something now, as many as fit; the way out is always among them. */
export function footer(state: State): Line {
  const { width } = state.size;
  const { editor } = state.view;
  // A result that takes minutes must not keep the keys away for so long.
  const brief = editor !== null || state.copying !== null || state.notice !== null || isFresh(state);
  const only = layout(state.size).status === 0 && brief ? onlyLine(state) : null;
  if (only !== null) return only;
  if (editor !== null) return typingKeys(editor.purpose, width);
  const shown = bindings(state.options.readOnly).filter(
    (entry) => entry.label !== "" && worksOn(entry, state.view.tab),
  );
  const quit = shown.at(-1)!;
  const size = (key: string, label: string): number => textWidth(key) + label.length + 3;
  let left = width - size(quit.shown, quit.label) - 1;
  const spans: Span[] = [toned("normal", " ")];
  for (const entry of shown.slice(0, -1)) {
    left -= size(entry.shown, entry.label);
    if (left < 0) break;
    spans.push(toned("key", entry.shown), toned("normal", ` ${entry.label}  `));
  }
  return { spans: fitSpans([...spans, toned("key", quit.shown), toned("normal", ` ${quit.label}`)], width) };
}

/** While one types, the others are letters. */
function typingKeys(purpose: Editor["purpose"], width: number): Line {
  const { enter, escape } = TYPING[purpose];
  const shown = [
    ["Enter", enter.label],
    ["Esc", escape.label],
    ["↑ ↓", "Former ones"],
    ["Ctrl-U", "Clear"],
  ] as const;
  const keys = shown.flatMap(([key, does]) => [toned("key", key), toned("normal", ` ${does}  `)]);
  return { spans: fitSpans([toned("normal", " "), ...keys], width) };
}
