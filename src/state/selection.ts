import type { Backend } from "../model/backend.ts";
import type { Row } from "./rows.ts";
import { moment, visibleRows, type State } from "./state.ts";
import { hasLeft, selectedTabRow, tabPlace } from "./tab-cursor.ts";

/**
 * The session that Enter, y, c and x mean: the one under the cursor of the list, or of the tab that is open. Null where there is none: a tab's
 * row may stand for a group, or for a transaction without a session; and the page of a session is about that one until it is closed.
 */
export function selectedRow(state: State): Row | null {
  if (hasLeft(state)) return rowOf(moment(state)?.sample.backends.find(({ key }) => key === tabPlace(state).cursor));
  if (state.view.tab !== "sessions") return rowOf(selectedTabRow(state)?.backend);
  const { all } = visibleRows(state);
  return all.find((row) => row.backend.key === state.view.cursor) ?? all[state.view.cursorIndex] ?? all.at(-1) ?? null;
}

function rowOf(backend: Backend | null | undefined): Row | null {
  return backend === null || backend === undefined ? null : { backend, worker: false, mark: null, sortKey: null };
}
