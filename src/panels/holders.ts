import type { HolderBy } from "../analysis/holder-groups.ts";
import { lastResult } from "../analysis/last-result.ts";
import { slots, type Slots } from "../analysis/slots.ts";
import { forecast, type Forecast } from "../history/forecast.ts";
import type { History } from "../history/history.ts";
import type { Sample } from "../model/reading.ts";
import { holderRows, type HolderRow, type HolderSort } from "../state/holder-rows.ts";
import { fit } from "../text/fit.ts";
import { plural } from "../text/format.ts";
import { forecastTone, forecastWords, paceWords } from "./forecast-words.ts";
import { placedColumns } from "./holder-columns.ts";
import { byWords, groupName } from "./holder-words.ts";
import { line, toned, type Line, type Span } from "./line.ts";
import { rangeWords } from "./slots-words.ts";
import { spansWidth, spread } from "./spread.ts";
import { BAR_LEGEND } from "./state-bar.ts";

/** All that the holders tab shows at a time. */
export interface HoldersShown {
  readonly sample: Sample;
  readonly by: HolderBy;
  readonly sort: HolderSort;
  readonly rows: readonly HolderRow[];
  /** Sessions of the largest group, which has the longest bar. */
  readonly largest: number;
  readonly forecast: Forecast | null;
}

/** The same object for the same arguments, so that all lines of a paint ask once. */
export const holdersShown = lastResult(
  (history: History, sample: Sample, by: HolderBy, sort: HolderSort): HoldersShown => {
    const rows = holderRows(history, sample, by, sort);
    const largest = rows.reduce((most, { group }) => Math.max(most, group.count), 1);
    return { sample, by, sort, rows, largest, forecast: forecast(history, slots(sample)) };
  },
);

/** What it is about and what comes of it in one line, and the titles of the columns. */
export function holdersHead(shown: HoldersShown, width: number): Line[] {
  const { sample, by, sort, rows, forecast } = shown;
  const words = forecastWords(forecast);
  // In the order in which they are said; the number tells which of them must be said, where there is not room for all.
  const parts: readonly (readonly [importance: number, Span])[] = [
    [0, toned("title", ` By ${byWords(by)}`)],
    [2, toned("title", `, ${SORT_WORDS[sort]} first`)],
    [1, words === null ? growing(rows) : toned(forecastTone(forecast!), `  ${words}`)],
    [3, toned("normal", `  ${plural(rows.length, "group")}, ${heldWords(slots(sample))}`)],
  ];
  const left = whatFits(parts, width);
  const legend = spansWidth(left) + spansWidth(BAR_LEGEND) < width ? BAR_LEGEND : [];
  return [spread(left, legend, width), titles(shown, width)];
}

/** "62 of 94 app slots"; "all 94 app slots and 6 reserved ones". */
function heldWords({ app, used }: Slots): string {
  if (app === null || used.low <= app) return `${rangeWords(used)} of ${app ?? "?"} app slots`;
  return `all ${app} app slots and ${used.low - app} reserved ones`;
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
  const spans: Span[] = [toned("normal", " ")];
  for (const { column, cells } of placedColumns(shown.by, shown.rows, width))
    spans.push(...column.spans(row, cells, shown.largest), toned("normal", " "));
  return { spans };
}

/** Why there is none. */
export function holdersEmpty(): string {
  return "no session holds a slot: there is no client backend, and we ourselves take none";
}

function titles(shown: HoldersShown, width: number): Line {
  const texts = placedColumns(shown.by, shown.rows, width).map(({ column, cells }) => {
    if (column.sort !== shown.sort) return fit(column.title, cells, column.align);
    const arrow = shown.sort === "name" ? "▲" : "▼";
    return fit(`${fit(column.title, Math.min(column.title.length, cells - 1))}${arrow}`, cells, column.align);
  });
  return line(toned("title", fit(` ${texts.join(" ")}`, width)));
}
