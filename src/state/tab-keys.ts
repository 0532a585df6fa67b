import { SESSIONS } from "../analysis/process-tree.ts";
import { parseFilter } from "./filter.ts";
import { HOLDER_SORTS, holderFilter, nextHolderBy, type HolderRow } from "./holder-rows.ts";
import { keepCursor } from "./cursor.ts";
import type { BlockingRow } from "./blocking-rows.ts";
import { currentFindings } from "./current-findings.ts";
import { editWhatIf, processIndex, showsProcesses, whatIfField } from "./server-keys.ts";
import { withNotice, withView, type State } from "./state.ts";
import type { TabId } from "./view.ts";
import type { TabRow } from "./tab-row.ts";
import { keepTabCursor, selectedTabRow, selectInTab, tabPlace } from "./tab-cursor.ts";
import { TABS } from "./tabs.ts";

export function chooseTab(state: State, tab: TabId): State {
  const there = withView(state, { tab, page: "sessions", back: "sessions", pageTop: 0, chooser: null });
  return pointAtAiling(there) ?? keepTabCursor(there);
}

/** A sample has come. While nobody has pressed a key, the cursor goes to a process that a finding is about as soon as there is one. */
export function followAiling(state: State): State {
  return (state.view.chosen ? null : ailing(state)) ?? keepTabCursor(state);
}

/** The processes are looked at for the first time: the cursor goes to one that a finding is about; null: nobody ails, or it has been there. */
function pointAtAiling(state: State): State | null {
  return tabPlace(state).cursor === null ? ailing(state) : null;
}

function ailing(state: State): State | null {
  if (!showsProcesses(state)) return null;
  const [first] = currentFindings(state).filter(({ process }) => processIndex(state, process) >= 0);
  return first === undefined ? null : selectInTab(state, processIndex(state, first.process));
}

export function stepTab(state: State, by: number): State {
  const index = TABS.findIndex(({ id }) => id === state.view.tab);
  return chooseTab(state, TABS[(index + by + TABS.length) % TABS.length]!.id);
}

/** What is selected, from near: a session has a page, a group its sessions. */
export function enter(state: State): State {
  if (state.view.tab === "holders") return listGroup(state);
  if (whatIfField(state) !== null) return editWhatIf(state);
  const row = state.view.tab === "sessions" ? null : selectedTabRow(state);
  if (row?.key === SESSIONS && showsProcesses(state)) return chooseTab(state, "sessions");
  // There each line has a page, also a process of which pg_stat_activity has no row.
  if (row?.backend === null && !showsProcesses(state))
    return state.view.tab === "blocking" ? toggle(state, row) : state;
  if (state.view.tab !== "sessions" && row === null) return state;
  return withView(state, { page: "detail", pageTop: 0 });
}

function listGroup(state: State): State {
  const row = selectedTabRow(state) as HolderRow | null;
  if (row === null) return state;
  const filter = parseFilter(holderFilter(row));
  return keepCursor(withView(state, { tab: "sessions", filter, showIdle: true, follow: null, chosen: true }));
}

export function groupNext(state: State): State {
  const holdersBy = nextHolderBy(state.view.holdersBy);
  return withNotice(selectInTab(withView(state, { holdersBy }), 0), `by ${holdersBy.join(" and ")}`);
}

export function sortHolders(state: State, by: number): State {
  const index = HOLDER_SORTS.indexOf(state.view.holderSort);
  const holderSort = HOLDER_SORTS[(index + by + HOLDER_SORTS.length) % HOLDER_SORTS.length]!;
  return selectInTab(withView(state, { holderSort }), 0);
}

/** Folds what is selected in the tree, or unfolds it. */
export function fold(state: State, folded: boolean): State {
  const row = selectedTabRow(state) as BlockingRow | null;
  return row === null || row.folded === folded ? state : toggle(state, row);
}

function toggle(state: State, { key }: TabRow): State {
  const toggled = new Set(state.view.toggled);
  if (!toggled.delete(key)) toggled.add(key);
  return keepTabCursor(withView(state, { toggled }));
}
