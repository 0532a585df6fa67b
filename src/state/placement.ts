import { lastResult } from "../analysis/last-result.ts";
import { columnsFor, nextToGo, queryCells, type Chosen } from "./column-choice.ts";
import type { Column, ColumnId } from "./columns.ts";
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

const placed = lastResult((chosen: Chosen, needs: Needs, size: Size): Placement => {
  const { style } = layout(size);
  const wanted = columnsFor(chosen, style);
  let columns = wanted;
  let widths = widthsOf(columns, needs, style);
  for (let going = nextToGo(columns, chosen); going !== null; going = nextToGo(columns, chosen)) {
    const least = columns.some(isQuery) ? queryCells(chosen, style) : 0;
    if (rest(columns, widths, size) >= least) break;
    columns = columns.filter((one) => one.id !== going);
    widths = widthsOf(columns, needs, style);
  }
  const cells = spread(columns, widths, size, style);
  let left = 0;
  const list = columns.map((column) => {
    const place = { column, cells: cells.get(column.id)!, left };
    left += place.cells + 1;
    return place;
  });
  const missing = chosen === null ? 0 : wanted.length - columns.length;
  return { list, shown: new Set(columns.map((one) => one.id)), missing };
});

/** By the name of the column: the cells that it has a right to, and those that it could use. */
type Widths = ReadonlyMap<string, { readonly right: number; readonly want: number }>;

function widthsOf(columns: readonly Column[], needs: Needs, style: Style): Widths {
  const shown = new Set(columns.map((one) => one.id));
  return new Map(
    columns.map((column) => {
      const { id, title, width, most, moreBeside } = column;
      const index = WIDTH_INDEX[style];
      const right = width[index];
      if (most === undefined) return [id, { right: isQuery(column) ? 0 : right, want: right }];
      const need = needs.get(id);
      const cells = (moreBeside !== undefined && shown.has(moreBeside) ? need?.more : need?.brief)?.cells ?? 0;
      if (id === "pid") {
        // The digits and two cells for marks; one where cells are dear.
        const whole = Math.max(right, cells) + (style === "tiny" || style === "line" ? 1 : 2);
        return [id, { right: whole, want: whole }];
      }
      // One more than the title, for the arrow of what is sorted by.
      const want = Math.min(Math.max(title.length + 1, cells), most[index]);
      return [id, { right: Math.min(right, want), want }];
    }),
  );
}

/** Cells that are left for the query; a blank parts the columns. */
function rest(columns: readonly Column[], widths: Widths, { width }: Size): number {
  return width - columns.reduce((sum, { id }) => sum + widths.get(id)!.right, 0) - (columns.length - 1);
}

/** What the query can spare goes to those that miss the least, so that as many as possible are whole; the query has the rest. */
function spread(columns: readonly Column[], widths: Widths, size: Size, style: Style): ReadonlyMap<string, number> {
  const cells = new Map(columns.map(({ id }) => [id, widths.get(id)!.right]));
  const query = columns.find(isQuery);
  let left = rest(columns, widths, size);
  let spare = query === undefined ? left : left - Math.trunc(size.width * QUERY_SHARE[style]);
  const cut = columns
    .filter((one) => one !== query)
    .map(({ id }) => ({ id, missing: widths.get(id)!.want - widths.get(id)!.right }))
    .sort((a, b) => a.missing - b.missing);
  for (const { id, missing } of cut) {
    const given = Math.max(0, Math.min(spare, missing));
    cells.set(id, cells.get(id)! + given);
    spare -= given;
    left -= given;
  }
  if (query !== undefined) cells.set(query.id, Math.max(0, left));
  return cells;
}

function isQuery({ id }: Column): boolean {
  return id === "query";
}

const WIDTH_INDEX: Readonly<Record<Style, 0 | 1 | 2>> = { wide: 2, medium: 1, small: 0, tiny: 0, line: 0 };
/** What the query keeps of the width before a column grows beyond its right. */
const QUERY_SHARE: Readonly<Record<Style, number>> = { wide: 0.3, medium: 0.22, small: 0.18, tiny: 0, line: 0 };
const NO_NEEDS: Needs = new Map();
