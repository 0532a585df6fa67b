import type { HolderBy } from "../analysis/holder-groups.ts";
import { lastResult } from "../analysis/last-result.ts";
import { isFull, slots } from "../analysis/slots.ts";
import { forecast, type Forecast } from "../history/forecast.ts";
import type { History } from "../history/history.ts";
import type { Sample } from "../model/reading.ts";
import { holderRows, type HolderRow, type HolderSort } from "../state/holder-rows.ts";
import { clean } from "../text/clean.ts";
import { fit, type Align } from "../text/fit.ts";
import { duration, plural } from "../text/format.ts";
import { textWidth } from "../text/width.ts";
import { forecastTone, forecastWords, paceWords } from "./forecast-words.ts";
import { byWords, changeWords, countWords, groupName, limitUseWords, rateWords } from "./holder-words.ts";
import { line, toned, type Line, type Span, type Tone } from "./line.ts";
import { rangeWords } from "./slots-words.ts";
import { spansWidth, spread } from "./spread.ts";
import { BAR_LEGEND, stateBar } from "./state-bar.ts";

/** All that the holders tab shows at a time. */
export interface HoldersShown {
  readonly sample: Sample;
  readonly by: HolderBy;
  readonly sort: HolderSort;
  readonly rows: readonly HolderRow[];
  readonly forecast: Forecast | null;
}

/** The same object for the same arguments: columns are laid out once for all lines of a paint. */
export const holdersShown = lastResult(
  (history: History, sample: Sample, by: HolderBy, sort: HolderSort): HoldersShown => ({
    sample,
    by,
    sort,
    rows: holderRows(history, sample, by, sort),
    forecast: forecast(history, slots(sample)),
  }),
);

/** What it is about and what comes of it in one line, and the titles of the columns. */
export function holdersHead(shown: HoldersShown, width: number): Line[] {
  const { sample, by, sort, rows, forecast } = shown;
  const { app, used } = slots(sample);
  const words = forecastWords(forecast);
  // In the order in which they are said; the number tells which of them must be said, where there is not room for all.
  const parts: readonly (readonly [importance: number, Span])[] = [
    [0, toned("title", ` By ${byWords(by)}`)],
    [2, toned("title", `, ${SORT_WORDS[sort]} first`)],
    [1, words === null ? growing(rows) : toned(forecastTone(forecast!), `  ${words}`)],
    [3, toned("normal", `  ${plural(rows.length, "group")}, ${rangeWords(used)} of ${app ?? "?"} app slots`)],
  ];
  const left = whatFits(parts, width);
  const legend = spansWidth(left) + spansWidth(BAR_LEGEND) < width ? BAR_LEGEND : [];
  return [spread(left, legend, width), titles(shown, width)];
}

function whatFits(parts: readonly (readonly [importance: number, Span])[], width: number): Span[] {
  const kept = new Set<Span>();
  let room = width;
  for (const [importance, span] of [...parts].sort(([a], [b]) => a - b)) {
    const cells = spansWidth([span]);
    if (importance > 0 && cells > room) continue;
    kept.add(span);
    room -= cells;
  }
  return parts.map(([, span]) => span).filter((span) => kept.has(span));
}

const SORT_WORDS: Readonly<Record<HolderSort, string>> = {
  count: "the largest",
  growth: "what grows",
  idle: "the longest idle",
  "never used": "the never used",
  new: "what opens most",
  name: "by name, a",
};

/** Where no wall is foretold: who climbs all the same. */
function growing(rows: readonly HolderRow[]): Span {
  const [first] = rows
    .filter(({ growth }) => growth.trend !== null)
    .sort((a, b) => b.growth.trend!.perSecond - a.growth.trend!.perSecond);
  if (first === undefined) return toned("normal", "");
  return toned("old", `  ${groupName(first.group, 0)} ${paceWords(first.growth.trend!.perSecond * 60)}`);
}

/** One group. The first cell is left for the cursor. */
export function holdersLine(row: HolderRow, shown: HoldersShown, width: number): Line {
  const { placed, largest } = layout(shown, width);
  const spans: Span[] = [toned("normal", " ")];
  for (const { column, cells } of placed) spans.push(...column.spans(row, cells, largest), toned("normal", " "));
  return { spans };
}

/** Why there is none. */
export function holdersEmpty(): string {
  return "no session holds a slot: there is no client backend, and we ourselves take none";
}

function titles(shown: HoldersShown, width: number): Line {
  const texts = layout(shown, width).placed.map(({ column, cells }) => {
    if (column.sort !== shown.sort) return fit(column.title, cells, column.align);
    const arrow = shown.sort === "name" ? "▲" : "▼";
    return fit(`${fit(column.title, Math.min(column.title.length, cells - 1))}${arrow}`, cells, column.align);
  });
  return line(toned("title", fit(` ${texts.join(" ")}`, width)));
}

interface Column {
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
const layout = lastResult((shown: HoldersShown, width: number): { placed: readonly Placed[]; largest: number } => {
  const { by, rows } = shown;
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
  return { placed, largest: Math.max(1, ...rows.map(({ group }) => group.count)) };
});

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
