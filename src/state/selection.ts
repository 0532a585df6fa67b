import type { Row } from "./rows.ts";
import { visibleRows, type State } from "./state.ts";
import { selectedTabRow } from "./tab-cursor.ts";

/**
 * The session that Enter, y, c and x mean: the one under the cursor of the list, or of the tab that is open. Null where there is none: a tab's
 * row may stand for a group, or for a transaction without a session.
 */
export function selectedRow(state: State): Row | null {
  if (state.view.tab !== "sessions") {
    const backend = selectedTabRow(state)?.backend ?? null;
    return backend === null ? null : { backend, worker: false, mark: null, sortKey: null };
  }
  const { all } = visibleRows(state);
  return all.find((row) => row.backend.key === state.view.cursor) ?? all[state.view.cursorIndex] ?? all.at(-1) ?? null;
}
