import type { Sample } from "../model/reading.ts";
import { clean } from "../text/clean.ts";
import { textWidth } from "../text/width.ts";
import { COLUMNS, type Column } from "./columns.ts";
import { isSession } from "./rows.ts";

/**
 * How many cells the texts of each column need, so that a column is as wide as its data and no wider. All sessions count, listed or
 * not: columns stay where they are while one types a filter.
 */
export type Needs = ReadonlyMap<string, { readonly brief: Need; readonly more: Need }>;

/**
 * A column grows at once, and gets narrower only when nothing has needed its width for a minute: sessions come and go with
 * every sample, and a list that jumps cannot be read.
 */
interface Need {
  readonly cells: number;
  /** When so many cells were last needed, milliseconds on our clock. */
  readonly at: number;
  /** What was needed since. */
  readonly since: number;
}

const KEPT_MS = 60_000;

const MEASURED: readonly Column[] = (COLUMNS as readonly Column[]).filter((column) => column.most !== undefined);

export function needs(before: Needs | null, sample: Sample): Needs {
  const sessions = sample.backends.filter(isSession);
  const measured = (column: Column, shown: ReadonlySet<string>): number =>
    sessions.reduce((most, backend) => wider(most, column.text(backend, sample, shown)), 0);
  return new Map(
    MEASURED.map((column) => {
      const old = before?.get(column.id);
      const brief = after(old?.brief, measured(column, NOTHING), sample.takenAt);
      const { moreBeside } = column;
      const more =
        moreBeside === undefined ? brief : after(old?.more, measured(column, new Set([moreBeside])), sample.takenAt);
      return [column.id, { brief, more }];
    }),
  );
}

function after(old: Need | undefined, cells: number, at: number): Need {
  if (old === undefined || cells >= old.cells) return { cells, at, since: 0 };
  const since = Math.max(old.since, cells);
  return at - old.at > KEPT_MS ? { cells: since, at, since: 0 } : { ...old, since };
}

/** Most texts are short enough to need no measuring: no character takes more than two cells. */
function wider(most: number, text: string): number {
  return text.length * 2 <= most ? most : Math.max(most, textWidth(clean(text)));
}

const NOTHING: ReadonlySet<string> = new Set();
