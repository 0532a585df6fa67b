import { column, COLUMNS, USAGE_COLUMNS, type Column, type ColumnId } from "./columns.ts";
import type { Style } from "./layout.ts";

/** What somebody chose, in that order; null is ours, by the width of the screen. */
export type Chosen = readonly ColumnId[] | null;

/** The columns that are wanted on a screen of this style, whether or not all of them fit. */
export function columnsFor(chosen: Chosen, style: Style): readonly Column[] {
  if (chosen !== null) return withPid(chosen).map(column);
  return COLUMNS.filter((one) => !LEFT_OUT[style].includes(one.id));
}

/** The column that goes next where there are too many, or null when all that are left stay. */
export function nextToGo(columns: readonly Column[], chosen: Chosen): string | null {
  if (chosen !== null) return columns.findLast((one) => one.id !== "pid" && one.id !== "query")?.id ?? null;
  return GIVEN_UP.find((id) => columns.some((one) => one.id === id)) ?? null;
}

/** The least that the query gets before a column goes. */
export function queryCells(chosen: Chosen, style: Style): number {
  return chosen === null && (style === "tiny" || style === "line") ? PLENTY : LEAST;
}

/** A row without its pid would be nobody. */
export function withPid(chosen: readonly ColumnId[]): readonly ColumnId[] {
  const once = [...new Set(chosen)];
  return once.includes("pid") ? once : ["pid", ...once];
}

/** Which columns go first when the screen gets narrow; pid, state, xact and query stay. */
const GIVEN_UP: readonly ColumnId[] = [
  "xmin",
  "query-age",
  "state-age",
  "client",
  "db",
  "user",
  "app",
  "wait",
  "block",
];

/**
 * At 120 columns and below, a wider query is worth more than these. What processes take of the machine is read for those who ask
 * for it: it costs us more than all the rest.
 */
const LEFT_OUT: Readonly<Record<Style, readonly ColumnId[]>> = {
  wide: [...USAGE_COLUMNS],
  medium: [...USAGE_COLUMNS, ...GIVEN_UP.slice(0, 2)],
  small: [...USAGE_COLUMNS, ...GIVEN_UP.slice(0, 5)],
  tiny: [...USAGE_COLUMNS, ...GIVEN_UP.slice(0, 5)],
  line: [...USAGE_COLUMNS, ...GIVEN_UP.slice(0, 5)],
};

const LEAST = 12;
/** On a narrow screen the query and the state say most: others come only where the query has plenty. */
const PLENTY = 16;
