import type { HolderBy } from "../analysis/holder-groups.ts";
import { lastResult } from "../analysis/last-result.ts";
import { isFull } from "../analysis/slots.ts";
import type { HolderRow, HolderSort } from "../state/holder-rows.ts";
import { clean } from "../text/clean.ts";
import { fit, type Align } from "../text/fit.ts";
import { duration } from "../text/format.ts";
import { textWidth } from "../text/width.ts";
import { paceWords } from "./forecast-words.ts";
import { changeWords, countWords, groupName, limitUseWords, rateWords } from "./holder-words.ts";
import { toned, type Span, type Tone } from "./line.ts";
import { stateBar } from "./state-bar.ts";

export interface Column {
  readonly title: string;
  readonly cells: number;
  readonly align: Align;
  /** Sorting by this puts the arrow here. */
  readonly sort?: HolderSort;
  readonly spans: (row: HolderRow, cells: number, largest: number) => Span[];
}

interface Placed {
  readonly column: Column;
  readonly cells: number;
}

/** The columns that there is room for: names and what matters most first, what is left over to the names and to the bar. */
export const placedColumns = lastResult(
  (by: HolderBy, rows: readonly HolderRow[], width: number): readonly Placed[] => {
    const names = by.map((_, i) => nameColumn(by, i));
    const wanted = rows.some(({ limits }) => limits.length > 0) ? COLUMNS : COLUMNS.filter((one) => one !== LIMIT);
    let room = width - 1 - names.reduce((sum, { cells }) => sum + cells + 1, 0);
    const kept = new Set<Column>();
    for (const column of BY_IMPORTANCE) {
      if (!wanted.includes(column) || room < column.cells + 1) continue;
      kept.add(column);
      room -= column.cells + 1;
    }
    const placed: Placed[] = [];
    for (const [i, column] of names.entries()) {
      const longest = rows.reduce((most, { group }) => Math.max(most, textWidth(clean(groupName(group, i)))), 0);
      const more = Math.max(0, Math.min(room, longest - column.cells, MOST_NAME));
      room -= more;
      placed.push({ column, cells: column.cells + more });
    }
    for (const column of COLUMNS) {
      if (!kept.has(column)) continue;
      const more = column === BAR ? Math.max(0, Math.min(room, MOST_BAR)) : 0;
      placed.push({ column, cells: column.cells + more });
    }
    return placed;
  },
);

/** Cells beyond the least: longer names are read in the pane below. */
const MOST_NAME = 60;
const MOST_BAR = 40;

function nameColumn(by: HolderBy, i: number): Column {
  return {
    title: by[i]!.toUpperCase(),
    cells: by.length === 1 ? 16 : 12,
    align: "left",
    ...(i === 0 && { sort: "name" }),
    spans: ({ group }, cells) => [toned("normal", fit(groupName(group, i), cells, "left", "…"))],
  };
}

function column(
  title: string,
  cells: number,
  text: (row: HolderRow) => string,
  tone: Toned,
  sort?: HolderSort,
): Column {
  return {
    title,
    cells,
    align: "right",
    ...(sort !== undefined && { sort }),
    spans: (row, width) => [toned(tone(row), fit(text(row), width, "right"))],
  };
}

type Toned = (row: HolderRow) => Tone;

const plain: Toned = () => "normal";
const grows: Toned = ({ growth }) => (growth.trend === null ? "normal" : "old");

const COUNT = column("COUNT", 6, ({ group }) => countWords(group), plain, "count");
const SHARE = column("SHARE", 5, ({ share }) => (share === null ? "?" : `${Math.round(share * 100)}%`), plain);
const IDLE = column(
  "IDLE+",
  7,
  ({ group }) => duration(group.oldestIdleSeconds),
  () => "idle",
  "idle",
);
const NEVER = column("NEVER", 6, ({ group }) => some(group.neverUsed), plain, "never used");
const PACE = column("/MIN", 6, ({ growth }) => pace(growth.trend), grows);
const CHANGES = ["Δ1m", "Δ5m", "Δ15m"].map((title, i) =>
  column(
    title,
    5,
    ({ growth }) => changeWords(growth.changes[i]!),
    (row) => ((row.growth.changes[i] ?? 0) === 0 ? "muted" : grows(row)),
    i === 1 ? "growth" : undefined,
  ),
);
const OPENED = column("NEW/S", 6, ({ growth }) => rateWords(growth.openedPerSecond), plain, "new");
const GONE = column("GONE/S", 6, ({ growth }) => rateWords(growth.gonePerSecond), plain);

const BAR: Column = {
  title: "STATES",
  cells: 10,
  align: "left",
  spans: ({ group }, cells, largest) => stateBar(group, largest, cells),
};

const LIMIT: Column = {
  title: "LIMIT",
  cells: 11,
  align: "left",
  spans: ({ limits: [limit] }, cells) => [
    toned(limit !== undefined && isFull(limit) ? "very-old" : "normal", fit(limit ? limitUseWords(limit) : "", cells)),
  ],
};

const COLUMNS: readonly Column[] = [COUNT, SHARE, LIMIT, BAR, IDLE, NEVER, ...CHANGES, PACE, OPENED, GONE];
const BY_IMPORTANCE: readonly Column[] = [
  ...[COUNT, CHANGES[1]!, BAR, IDLE, SHARE, CHANGES[0]!, LIMIT, NEVER, PACE, CHANGES[2]!, OPENED, GONE],
];

function some(n: number): string {
  return n === 0 ? "" : String(n);
}

function pace(trend: HolderRow["growth"]["trend"]): string {
  if (trend === null) return "";
  return paceWords(trend.perSecond * 60).replace("/min", "");
}
