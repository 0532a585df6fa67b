import { KEYMAP } from "../state/keymap.ts";
import { column } from "../state/columns.ts";
import { layout } from "../state/layout.ts";
import { moment, visibleRows, type State } from "../state/state.ts";
import { span } from "../text/format.ts";
import { textWidth } from "../text/width.ts";
import { line, toned, type Line, type Span } from "./line.ts";
import { fitSpans, spread } from "./spread.ts";

export function tabs(state: State): Line {
  const head = "─[1 Sessions]";
  return line(toned("frame", head + "─".repeat(Math.max(0, state.size.width - head.length))));
}

/** Where in the list we are and what shapes it; a notice or a text entry takes its place while it lasts. */
export function status(state: State): Line {
  const { width } = state.size;
  if (state.view.editor !== null) return editorLine(state);
  if (state.notice !== null) {
    return spread(
      [toned("frame", "─ "), toned(state.notice.tone === "warn" ? "warn" : "title", state.notice.text)],
      [],
      width,
    );
  }
  const spans = statusParts(state).flatMap((part, i) => [toned("frame", i === 0 ? "─ " : " ─ "), part]);
  const used = spans.reduce((sum, part) => sum + textWidth(part.text), 0);
  return { spans: fitSpans([...spans, toned("frame", ` ${"─".repeat(Math.max(0, width - used - 1))}`)], width) };
}

function statusParts(state: State): Span[] {
  const { all, left } = visibleRows(state);
  const { view } = state;
  const height = layout(state.size).rows;
  const last = Math.min(all.length, view.top + height);
  const sort = `sort ${column(view.sort.column).title} ${view.sort.descending ? "desc" : "asc"}`;
  const parts = [
    toned("normal", all.length === 0 ? "0 of 0" : `${view.top + 1}-${last} of ${all.length}`),
    toned("muted", sort),
  ];
  if (view.filter.kind === "wrong") parts.push(toned("warn", `filter not used: ${view.filter.reason}`));
  else if (view.filter.text === "") parts.push(toned("muted", "no filter"));
  else parts.push(toned("warn", `filter ${view.filter.text}`));
  if (left > 0) parts.push(toned("warn", `${left} not listed${view.showIdle ? "" : " (idle hidden)"}`));
  if (view.tagged.size > 0) parts.push(toned("title", `${view.tagged.size} tagged`));
  if (view.follow !== null) parts.push(toned("title", `following ${view.follow.split("@")[0]}`));
  const notResolved = moment(state)?.sample.waitersNotResolved ?? 0;
  if (notResolved > 0) parts.push(toned("warn", `${notResolved} more waiters not resolved`));
  parts.push(state.frozen === null ? toned("muted", "live") : pausedFor(state));
  return parts;
}

function pausedFor(state: State): Span {
  return toned("warn", `paused, ${span((state.now - state.frozen!.sample.takenAt) / 1000)} old`);
}

export function editorLine(state: State): Line {
  const editor = state.view.editor!;
  const chars = [...editor.text];
  const help = editor.purpose === "filter" ? "Enter keeps  Esc takes back" : "Enter next  Esc closes";
  const { filter } = state.view;
  const wrong = editor.purpose === "filter" && filter.kind === "wrong" ? filter.reason : null;
  return spread(
    [
      toned("title", editor.purpose === "filter" ? " Filter: " : " Find: "),
      toned("normal", chars.slice(0, editor.caret).join("")),
      toned("caret", chars[editor.caret] ?? " "),
      toned("normal", `${chars.slice(editor.caret + 1).join("")}  `),
    ],
    [wrong === null ? toned("muted", help) : toned("warn", wrong), toned("normal", " ")],
    state.size.width,
  );
}

/** The keys that do something now, as many as fit; the way out is always among them. */
export function footer(state: State): Line {
  const { width } = state.size;
  if (layout(state.size).status === 0 && state.view.editor !== null) return editorLine(state);
  const shown = KEYMAP.filter((entry) => entry.label !== "");
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
