import { tabLayout } from "./layout.ts";
import { withView, type State } from "./state.ts";
import type { PlaceId, TabPlace } from "./view.ts";
import { tabOf, tabRows } from "./tabs.ts";
import type { TabRow } from "./tab-row.ts";

const FIRST: TabPlace = { cursor: null, index: 0, top: 0 };

export function tabPlace({ view }: State): TabPlace {
  return view.places[placeOf(view)] ?? FIRST;
}

/** Each of the lists that the Server tab shows has its own. */
function placeOf({ tab, serverView }: State["view"]): PlaceId {
  return tab === "server" ? serverView : tab;
}

export function selectedTabRow(state: State): TabRow | null {
  return tabRows(state)[tabIndex(state)] ?? null;
}

/** Lines of the list that are in sight. */
export function tabHeight(state: State): number {
  return Math.max(1, tabLayout(state.size).rows - tabHead(state));
}

/** Lines above the list: one row stays, and so the cursor with it, as long as there is a line. */
export function tabHead(state: State): number {
  return Math.min(tabOf(state).head, Math.max(0, tabLayout(state.size).rows - 1));
}

export function moveInTab(state: State, by: number): State {
  return selectInTab(state, Math.max(0, Math.min(tabRows(state).length - 1, tabIndex(state) + by)));
}

/**
 * After rows have changed: on the same one, wherever it is now, else on whoever took its place. While its page is open it stays the one that
 * is read: it does not become another one because it waits no longer.
 */
export function keepTabCursor(state: State): State {
  if (state.view.tab === "sessions" || hasLeft(state)) return state;
  return selectInTab(state, tabIndex(state));
}

/** The session whose page is open is none of the rows of the tab any more. */
export function hasLeft(state: State): boolean {
  const { page, back, tab } = state.view;
  const over = page !== "sessions" && back === "detail";
  if (tab === "sessions" || (page !== "detail" && !over)) return false;
  const { cursor } = tabPlace(state);
  return cursor !== null && tabRows(state).every(({ key }) => key !== cursor);
}

export function selectInTab(state: State, index: number): State {
  const rows = tabRows(state);
  const height = tabHeight(state);
  const { top } = tabPlace(state);
  const lowest = Math.max(0, rows.length - height);
  const place: TabPlace = {
    cursor: rows[index]?.key ?? null,
    index: Math.max(0, index),
    top: Math.min(lowest, Math.max(index - height + 1, Math.min(top, index))),
  };
  return withView(state, { places: { ...state.view.places, [placeOf(state.view)]: place } });
}

function tabIndex(state: State): number {
  const rows = tabRows(state);
  const { cursor, index } = tabPlace(state);
  const found = cursor === null ? -1 : rows.findIndex(({ key }) => key === cursor);
  return found >= 0 ? found : Math.max(0, Math.min(rows.length - 1, index));
}
