import { withPid } from "./column-choice.ts";
import { COLUMNS, type ColumnId } from "./columns.ts";
import { automaticColumns } from "./placement.ts";
import { withView, type State } from "./state.ts";

/** The page on which columns are chosen: all of them in the order in which they stand or would stand, and one under the cursor. */
export interface Chooser {
  readonly order: readonly ColumnId[];
  readonly index: number;
}

export function openChooser(state: State): State {
  return withView(state, { page: "columns", pageTop: 0, chooser: { order: orderOf(state), index: 0 } });
}

/** Those that are marked; while nobody has chosen, what is shown on a screen of this width. */
export function markedColumns(state: State): readonly ColumnId[] {
  return state.view.columns === null ? automaticColumns(state) : withPid(state.view.columns);
}

/** The chooser after a key, or null when the key means nothing here. */
export function choose(state: State, key: string): State | null {
  const { order, index } = state.view.chooser!;
  const last = order.length - 1;
  const to = MOVES[key]?.(index, last);
  if (to !== undefined) return withView(state, { chooser: { order, index: Math.max(0, Math.min(last, to)) } });
  switch (key) {
    case "space":
      return toggle(state, order[index]!);
    case "left":
    case "<":
    case ",":
      return shift(state, -1);
    case "right":
    case ">":
    case ".":
      return shift(state, 1);
    case "0":
    case "backspace": {
      const automatic = withView(state, { columns: null });
      return withView(automatic, { chooser: { order: orderOf(automatic), index } });
    }
    default:
      return null;
  }
}

const MOVES: Readonly<Record<string, (index: number, last: number) => number>> = {
  up: (index) => index - 1,
  k: (index) => index - 1,
  down: (index) => index + 1,
  j: (index) => index + 1,
  home: () => 0,
  g: () => 0,
  end: (_, last) => last,
  G: (_, last) => last,
  pageup: () => 0,
  pagedown: (_, last) => last,
};

/** The pid stays: it is who a row is about. */
function toggle(state: State, id: ColumnId): State {
  if (id === "pid") return state;
  const marked = new Set(markedColumns(state));
  if (!marked.delete(id)) marked.add(id);
  return withView(state, { columns: state.view.chooser!.order.filter((one) => marked.has(one)) });
}

function shift(state: State, by: number): State {
  const { order, index } = state.view.chooser!;
  const to = index + by;
  const moved = order[index]!;
  const other = order[to];
  if (other === undefined) return state;
  const next = order.with(to, moved).with(index, other);
  const marked = markedColumns(state);
  return withView(state, {
    chooser: { order: next, index: to },
    columns: next.filter((one) => marked.includes(one)),
  });
}

/** The marked ones in their order, each of the others behind the one that it usually follows. */
function orderOf(state: State): readonly ColumnId[] {
  const order = [...markedColumns(state)];
  COLUMNS.forEach(({ id }, i) => {
    if (!order.includes(id)) order.splice(order.indexOf(COLUMNS[i - 1]!.id) + 1, 0, id);
  });
  return order;
}
