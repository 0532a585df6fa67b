import { move, selectVisible, sortBy } from "./cursor.ts";
import { layout } from "./layout.ts";
import type { Message } from "./message.ts";
import { placement } from "./placement.ts";
import { withView, type State } from "./state.ts";
import type { ColumnId } from "./columns.ts";

type Click = Extract<Message, { kind: "mouse" }>;

const WHEEL_ROWS = 3;

/**
 * What the mouse does on the list: a row is selected, the selected one opened, a title sorted by, the wheel moves the cursor.
 * Nothing that a click reaches acts on a server.
 */
export function pointAt(state: State, { action, column, row }: Click): State {
  const own = withView(state, { chosen: true });
  if (action !== "click") return move(own, action === "wheel-up" ? -WHEEL_ROWS : WHEEL_ROWS);
  if (state.view.editor !== null) return state;
  const { header, states, tabs, titles, rows } = layout(state.size);
  const y = row - header - states - tabs;
  if (titles > 0 && y === 0) return clickTitle(own, column);
  if (y < titles || y >= titles + rows) return state;
  const selected = selectVisible(own, y - titles);
  if (selected === null) return state;
  // The first click of all finds the cursor on the worst session, where nobody has put it yet.
  const again = state.view.chosen && selected.view.cursor === state.view.cursor;
  return again ? withView(selected, { page: "detail", pageTop: 0 }) : selected;
}

function clickTitle(state: State, x: number): State {
  const found = placement(state).list.find(({ left, cells }) => x >= left && x <= left + cells);
  return found === undefined ? state : sortBy(state, found.column.id as ColumnId);
}
