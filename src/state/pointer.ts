import { move, selectVisible, sortBy } from "./cursor.ts";
import { layout, tabLayout } from "./layout.ts";
import type { Message } from "./message.ts";
import { placement } from "./placement.ts";
import { withView, type State } from "./state.ts";
import type { ColumnId } from "./columns.ts";
import { selectedTabRow, selectInTab, tabHead, tabHeight, tabPlace } from "./tab-cursor.ts";
import { chooseTab, enter } from "./tab-keys.ts";
import { tabPlaces, tabRows, type Tab } from "./tabs.ts";

type Click = Extract<Message, { kind: "mouse" }>;

const WHEEL_ROWS = 3;

/**
 * What the mouse does on the list: a row is selected, the selected one opened, a title sorted by, the wheel moves the cursor.
 * Nothing that a click reaches acts on a server.
 */
export function pointAt(state: State, { action, column, row }: Click): State {
  // What is typed is for the field under the cursor.
  if (state.view.editor?.purpose === "what-if") return state;
  const own = withView(state, { chosen: true });
  if (action !== "click") return move(own, action === "wheel-up" ? -WHEEL_ROWS : WHEEL_ROWS);
  if (state.view.editor !== null) return state;
  const { header, states, tabs, titles, rows } =
    state.view.tab === "sessions" ? layout(state.size) : tabLayout(state.size);
  const y = row - header - states - tabs;
  const tab = tabs > 0 && y === -1 ? tabAt(own, column) : undefined;
  if (tab !== undefined) return chooseTab(own, tab.id);
  if (state.view.tab !== "sessions") return clickInTab(own, row);
  if (titles > 0 && y === 0) return clickTitle(own, column);
  if (y < titles || y >= titles + rows) return state;
  const selected = selectVisible(own, y - titles);
  if (selected === null) return state;
  // The first click of all finds the cursor on the worst session, where nobody has put it yet.
  const again = state.view.chosen && selected.view.cursor === state.view.cursor;
  return again ? withView(selected, { page: "detail", pageTop: 0 }) : selected;
}

function tabAt(state: State, x: number): Tab | undefined {
  return tabPlaces(state).find(({ left, text }) => x >= left && x < left + text.length)?.tab;
}

function clickInTab(state: State, y: number): State {
  const { header, states, tabs } = tabLayout(state.size);
  const index = tabPlace(state).top + y - header - states - tabs - tabHead(state);
  const inSight = index >= tabPlace(state).top && index < tabPlace(state).top + tabHeight(state);
  if (!inSight || index >= tabRows(state).length) return state;
  const before = selectedTabRow(state)?.key;
  const selected = selectInTab(state, index);
  return selectedTabRow(selected)?.key === before ? enter(selected) : selected;
}

function clickTitle(state: State, x: number): State {
  const found = placement(state).list.find(({ left, cells }) => x >= left && x <= left + cells);
  return found === undefined ? state : sortBy(state, found.column.id as ColumnId);
}
