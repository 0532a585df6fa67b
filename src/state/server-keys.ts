import { NO_WISH, type WhatIfField } from "../analysis/outlook.ts";
import { poolSize } from "../analysis/pool-size.ts";
import { concurrency } from "../history/concurrency.ts";
import { memoryText } from "../text/amount.ts";
import { openEditor, type Editor } from "./editor.ts";
import type { MemoryRow } from "./memory-rows.ts";
import { moment, shownHistory, withNotice, withView, type State } from "./state.ts";
import type { ProcessRow } from "./process-rows.ts";
import { keepTabCursor, selectedTabRow } from "./tab-cursor.ts";
import { tabRows } from "./tabs.ts";
import type { ServerView } from "./view.ts";
import { isAsking, reset, step, typed, valueNow } from "./what-if.ts";

/** What the Server tab shows, one at a time, in the order in which the key goes through them. */
export const SERVER_VIEWS: readonly { readonly id: ServerView; readonly title: string; readonly short: string }[] = [
  { id: "processes", title: "Processes", short: "Processes" },
  { id: "memory", title: "Memory, what if", short: "Memory" },
  { id: "settings", title: "Settings", short: "Settings" },
];

export function nextServerView(state: State): State {
  const index = SERVER_VIEWS.findIndex(({ id }) => id === state.view.serverView);
  return keepTabCursor(withView(state, { serverView: SERVER_VIEWS[(index + 1) % SERVER_VIEWS.length]!.id }));
}

export function showsProcesses({ view }: State): boolean {
  return view.tab === "server" && view.serverView === "processes";
}

/** Where the first process of that kind is listed, the one that ought to be there among them; -1: nowhere. */
export function processIndex(state: State, kind: string | undefined): number {
  if (kind === undefined || !showsProcesses(state)) return -1;
  return (tabRows(state) as readonly ProcessRow[]).findIndex(({ node }) => node.kind === kind);
}

/** What is thought of otherwise, and stands under the cursor; null: nothing that can be. */
export function whatIfField(state: State): WhatIfField | null {
  if (state.view.tab !== "server" || state.view.serverView !== "memory") return null;
  const row = selectedTabRow(state) as MemoryRow | null;
  return row?.kind === "input" ? row.field : null;
}

export function stepWhatIf(state: State, by: 1 | -1): State {
  const field = whatIfField(state);
  const sample = moment(state)?.sample;
  if (field === null || sample === undefined) return state;
  const pool = poolSize(concurrency(shownHistory(state))) ?? undefined;
  return withView(state, { whatIf: step(state.view.whatIf, field, by, sample, pool) });
}

/** Enter on one of the fields: its value can be typed. */
export function editWhatIf(state: State): State {
  const field = whatIfField(state);
  const sample = moment(state)?.sample;
  if (field === null || sample === undefined) return state;
  const value = state.view.whatIf[field] ?? valueNow(field, sample);
  // Exactly: whoever types nothing changes nothing.
  const text = value === null ? "" : field === "workMemBytes" ? memoryText(value) : String(value);
  return withView(state, { editor: openEditor("what-if", text) });
}

/** What has been typed, taken over; or why it can't be. */
export function whatIfTyped(state: State, { text }: Editor): State {
  const field = whatIfField(state);
  const sample = moment(state)?.sample;
  if (field === null || sample === undefined)
    return withNotice(state, "not changed: what is set is not told any more", "warn");
  const read = typed(field, text);
  if ("error" in read) return withNotice(state, `not changed by "${text.trim()}": ${read.error}`, "warn");
  const value = read.value === valueNow(field, sample) ? null : read.value;
  return withView(state, { whatIf: { ...state.view.whatIf, [field]: value } });
}

/** The field under the cursor as it is now; on any other line all of them. */
export function resetWhatIf(state: State): State {
  const { whatIf } = state.view;
  if (state.view.serverView !== "memory" || !isAsking(whatIf)) return state;
  const field = whatIfField(state);
  return withView(state, { whatIf: field === null || whatIf[field] === null ? NO_WISH : reset(whatIf, field) });
}
