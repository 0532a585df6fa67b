import { column } from "./columns.ts";
import { layout } from "./layout.ts";
import { placement } from "./placement.ts";
import { moment, visibleRows, withView, type State } from "./state.ts";
import { clean } from "../text/clean.ts";
import { textWidth } from "../text/width.ts";

/** Cells by which the query texts on the screen are scrolled: no further than the end of the longest one. */
export function queryOffset(state: State): number {
  return state.view.queryLeft === 0 ? 0 : Math.min(state.view.queryLeft, longest(state));
}

export function scrollQuery(state: State, by: number): State {
  const queryLeft = Math.max(0, Math.min(queryOffset(state) + by, longest(state)));
  return withView(state, { queryLeft });
}

/** How far the longest visible query goes beyond its column. */
function longest(state: State): number {
  const sample = moment(state)?.sample;
  const { list, shown } = placement(state);
  const cells = list.find((one) => one.column.id === "query")?.cells;
  if (sample === undefined || cells === undefined) return 0;
  const { top } = state.view;
  const visible = visibleRows(state).all.slice(top, top + layout(state.size).rows);
  const query = column("query");
  return visible.reduce(
    (most, { backend }) => Math.max(most, textWidth(clean(query.text(backend, sample, shown))) - cells),
    0,
  );
}
