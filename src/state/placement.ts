import { lastResult } from "../analysis/last-result.ts";
import { column, COLUMNS, type Column, type ColumnId } from "./columns.ts";
import { layout, type Size, type Style } from "./layout.ts";
import { moment, type State } from "./state.ts";
import type { Needs } from "./widths.ts";

/** Which columns stand on the screen, in which order and how wide: the same for what is drawn and for what is clicked. */
export interface Placement {
  readonly list: readonly Placed[];
  readonly shown: ReadonlySet<string>;
  /** Columns that were chosen and do not fit. */
  readonly missing: number;
}

export interface Placed {
  readonly column: Column;
  readonly cells: number;
  /** Where it begins. */
  readonly left: number;
}

export function placement(state: State): Placement {
  return placed(state.view.columns, moment(state)?.needs ?? NO_NEEDS, state.size);
}

/** What the automatic choice shows on this screen. */
export function automaticColumns(state: State): ColumnId[] {
  const { list } = placed(null, moment(state)?.needs ?? NO_NEEDS, state.size);
  return list.map((one) => one.column.id as ColumnId);
}

const placed = lastResult((chosen: readonly ColumnId[] | null, needs: Needs, size: Size): Placement => {
  const { style } = layout(size);
  const index = WIDTH_INDEX[style];
  const wanted = chosen === null ? automatic(style) : withPid(chosen).map(column);
  // Where few columns are the rule, the next best ones come as long as the query has plenty.
  const queryLeast = chosen === null && FEW.has(style) ? QUERY_PLENTY : QUERY_CELLS;

  function want({ id, title, most, moreBeside }: Column, shown: ReadonlySet<string>): number {
    const need = needs.get(id);
    const cells = (moreBeside !== undefined && shown.has(moreBeside) ? need?.more.cells : need?.brief.cells) ?? 0;
    // Two cells for marks, one where cells are dear; and one for the arrow of what is sorted by.
    if (id === "pid") return Math.max(5, cells) + (index === 0 && style !== "small" ? 1 : 2);
    return Math.min(Math.max(title.length + 1, cells), most![index]);
  }
  const right = (one: Column, shown: ReadonlySet<string>): number => {
    if (one.id === "query") return 0;
    if (one.most === undefined) return one.width[index];
    return one.id === "pid" ? want(one, shown) : Math.min(want(one, shown), one.width[index]);
  };
  const rest = (columns: readonly Column[]): number => {
    const shown = new Set(columns.map((one) => one.id));
    return size.width - columns.reduce((sum, one) => sum + right(one, shown) + 1, 0);
  };
  const fits = (columns: readonly Column[]): boolean =>
    rest(columns) >= (columns.some((one) => one.id === "query") ? queryLeast : -1);

  let columns = wanted;
  for (let id = giveUp(columns, chosen); id !== null && !fits(columns); id = giveUp(columns, chosen)) {
    const given = id;
    columns = columns.filter((one) => one.id !== given);
  }

  const shown = new Set(columns.map((one) => one.id));
  const cells = new Map(columns.map((one) => [one.id, right(one, shown)]));
  const hasQuery = shown.has("query");
  // What the query can spare goes to those that miss the least, so that as many as possible are whole.
  let spare = rest(columns) - (hasQuery ? Math.trunc(size.width * QUERY_SHARE[style]) : -1);
  const cut = columns
    .filter((one) => one.most !== undefined)
    .map((one) => ({ id: one.id, missing: want(one, shown) - cells.get(one.id)! }))
    .sort((a, b) => a.missing - b.missing);
  for (const { id, missing } of cut) {
    const given = Math.max(0, Math.min(spare, missing));
    cells.set(id, cells.get(id)! + given);
    spare -= given;
  }
  if (hasQuery) {
    const used = columns.reduce((sum, one) => sum + (one.id === "query" ? 0 : cells.get(one.id)! + 1), 0);
    // A blank follows the query where it is not the last.
    cells.set("query", Math.max(0, size.width - used - (columns.at(-1)!.id === "query" ? 0 : 1)));
  }
  let left = 0;
  const list = columns.map((one) => {
    const place = { column: one, cells: cells.get(one.id)!, left };
    left += place.cells + 1;
    return place;
  });
  return { list, shown, missing: chosen === null ? 0 : wanted.length - columns.length };
});

/** The column that goes next, or null when all that are left stay. */
function giveUp(columns: readonly Column[], chosen: readonly ColumnId[] | null): string | null {
  if (chosen !== null) return columns.findLast((one) => one.id !== "pid" && one.id !== "query")?.id ?? null;
  return GIVEN_UP.find((id) => columns.some((one) => one.id === id)) ?? null;
}

function automatic(style: Style): readonly Column[] {
  if (FEW.has(style)) return COLUMNS.filter((one) => TINY.includes(one.id));
  // At 120 columns and below, a wider query is worth more than these.
  const left: readonly ColumnId[] =
    style === "small"
      ? ["xmin", "query-age", "state-age", "client", "db"]
      : style === "medium"
        ? ["xmin", "query-age"]
        : [];
  return COLUMNS.filter((one) => !left.includes(one.id));
}

/** A row without its pid would be nobody. */
function withPid(chosen: readonly ColumnId[]): readonly ColumnId[] {
  const once = [...new Set(chosen)];
  return once.includes("pid") ? once : ["pid", ...once];
}

/** Which columns go first when the screen gets narrow; pid, state, xact and query stay. */
const GIVEN_UP: readonly ColumnId[] = [
  ...(["xmin", "query-age", "state-age", "client", "db"] as const),
  ...(["user", "app", "wait", "block"] as const),
];
const TINY: readonly ColumnId[] = ["pid", "user", "app", "state", "xact", "wait", "block", "query"];
const FEW: ReadonlySet<Style> = new Set(["tiny", "line"]);
const WIDTH_INDEX: Readonly<Record<Style, 0 | 1 | 2>> = { wide: 2, medium: 1, small: 0, tiny: 0, line: 0 };
/** The least the query gets before a column goes, and what it keeps before one grows beyond its right. */
const QUERY_CELLS = 12;
const QUERY_PLENTY = 28;
const QUERY_SHARE: Readonly<Record<Style, number>> = { wide: 0.3, medium: 0.22, small: 0.18, tiny: 0, line: 0 };
const NO_NEEDS: Needs = new Map();
