import { problems, worst } from "../analysis/problems.ts";
import { nameOrType, type Backend } from "../model/backend.ts";
import { column, type ColumnId } from "./columns.ts";
import { clean } from "../text/clean.ts";
import { currentFindings } from "./current-findings.ts";
import { layout } from "./layout.ts";
import { moveInTab, tabHeight } from "./tab-cursor.ts";
import { selectedRow } from "./selection.ts";
import { moment, visibleRows, withNotice, withView, type State } from "./state.ts";

export function move(state: State, by: number): State {
  if (state.view.tab !== "sessions") return moveInTab(state, by);
  const { all } = visibleRows(state);
  const index = Math.max(0, Math.min(all.length - 1, cursorIndex(state) + by));
  return select(withView(state, { follow: null }), index);
}

export function movePage(state: State, pages: number): State {
  const height = state.view.tab === "sessions" ? layout(state.size).rows : tabHeight(state);
  return move(state, pages * Math.max(1, height - 1));
}

export function moveTo(state: State, end: "first" | "last"): State {
  return move(state, end === "first" ? -Infinity : Infinity);
}

/**
 * Puts the cursor on the worst session, as near to the top of the list as that allows; before anybody has touched a key. Where none is
 * worth a look by itself, on the first one that a finding names: a leak is made of sessions of which each is nothing.
 */
export function selectWorst(state: State): State {
  const pair = moment(state);
  const backend = pair === null ? null : (problems(pair.sample)[0] ?? named(state) ?? worst(pair.sample));
  const fromTop = withView(state, { top: 0 });
  return backend === null ? select(fromTop, 0) : selectBackend(fromTop, backend);
}

function named(state: State): Backend | undefined {
  const { all } = visibleRows(state);
  const sessions = currentFindings(state).flatMap((one) => (one.severity === "info" ? [] : one.sessions));
  return sessions.find(({ key }) => all.some(({ backend }) => backend.key === key));
}

export function toggleTag(state: State): State {
  const row = selectedRow(state);
  if (row === null || row.mark === "gone") return state;
  const tagged = new Set(state.view.tagged);
  if (!tagged.delete(row.backend.key)) tagged.add(row.backend.key);
  return move(withView(state, { tagged }), 1);
}

export function toggleFollow(state: State): State {
  if (state.view.follow !== null) return withView(state, { follow: null });
  const row = selectedRow(state);
  return row === null ? state : withView(state, { follow: row.backend.key, cursor: row.backend.key });
}

/**
 * After rows have changed: the cursor stays on its backend, wherever that is now; if it has ended, on whoever took its
 * place; and the window moves no more than it must to keep the cursor visible.
 */
export function keepCursor(state: State): State {
  return select(state, cursorIndex(state));
}

/** By this column, the way that one wants it first; by the one that is sorted by already, the other way. */
export function sortBy(state: State, id: ColumnId): State {
  const { sort } = state.view;
  const descending = sort.column === id ? !sort.descending : column(id).descending;
  return keepCursor(withView(state, { sort: { column: id, descending } }));
}

/** The row that stands there on the screen, counted from the first visible one; null where there is none. */
export function selectVisible(state: State, y: number): State | null {
  const index = state.view.top + y;
  return index < visibleRows(state).all.length ? select(withView(state, { follow: null }), index) : null;
}

export function find(state: State, text: string, from: "here" | "next"): State {
  const { all } = visibleRows(state);
  const wanted = text.toLowerCase();
  if (wanted === "" || all.length === 0) return state;
  const start = cursorIndex(state) + (from === "next" ? 1 : 0);
  for (let i = 0; i < all.length; i++) {
    const index = (start + i) % all.length;
    const text = findable(all[index]!.backend);
    // What is typed is what was seen: a query of several lines is shown with blanks.
    if (text.includes(wanted) || clean(text).includes(wanted)) return select(withView(state, { follow: null }), index);
  }
  return withNotice(state, `not found: ${text}`, "warn");
}

function findable(b: Backend): string {
  return `${b.pid} ${b.user ?? ""} ${b.database ?? ""} ${nameOrType(b)} ${b.clientAddress ?? ""} ${b.query}`.toLowerCase();
}

export function selectBackend(state: State, backend: Backend): State {
  const index = visibleRows(state).all.findIndex((row) => row.backend.key === backend.key);
  return index < 0 ? keepCursor(state) : select(withView(state, { follow: null }), index);
}

function cursorIndex(state: State): number {
  const { all } = visibleRows(state);
  const index = all.findIndex((row) => row.backend.key === state.view.cursor);
  return index >= 0 ? index : Math.max(0, Math.min(all.length - 1, state.view.cursorIndex));
}

function select(state: State, index: number): State {
  const { all } = visibleRows(state);
  const height = Math.max(1, layout(state.size).rows);
  const lowest = Math.max(0, all.length - height);
  const top = Math.min(lowest, Math.max(index - height + 1, Math.min(state.view.top, index)));
  return withView(state, { cursor: all[index]?.backend.key ?? null, cursorIndex: Math.max(0, index), top });
}
