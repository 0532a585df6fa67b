import { blocking } from "../analysis/blocking.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { clean } from "../text/clean.ts";
import { textWidth } from "../text/width.ts";
import { COLUMNS, type Column } from "./columns.ts";
import { isListed } from "./rows.ts";

/**
 * How many cells the texts of each column need, so that a column is as wide as its data and no wider. All rows count, listed or
 * not: columns stay where they are while one types a filter.
 *
 * A column grows at once and gets narrower once a minute at most: sessions come and go with every sample, and a list that jumps
 * cannot be read.
 */
export type Needs = ReadonlyMap<string, { readonly brief: Need; readonly more: Need }>;

interface Need {
  readonly cells: number;
  /** When so many cells were last known to be needed, milliseconds on our clock. */
  readonly at: number;
}

const KEPT_MS = 60_000;

const MEASURED: readonly Column[] = (COLUMNS as readonly Column[]).filter((column) => column.most !== undefined);

/** @param before what the sample before it needed, and that sample: rows that did not change need no more than they did */
export function needs(sample: Sample, before: { readonly needs: Needs; readonly sample: Sample } | null): Needs {
  const now = sample.takenAt;
  const changed = before === null ? sample.backends : changedRows(sample, before.sample);
  function after(old: Need | undefined, column: Column, shown: ReadonlySet<string>): Need {
    if (old === undefined || now - old.at > KEPT_MS)
      return { cells: widest(sample.backends, sample, column, shown), at: now };
    const cells = widest(changed, sample, column, shown);
    return cells >= old.cells ? { cells, at: now } : old;
  }
  return new Map(
    MEASURED.map((column) => {
      const old = before?.needs.get(column.id);
      const brief = after(old?.brief, column, NOTHING);
      const more = column.moreBeside === undefined ? brief : after(old?.more, column, new Set([column.moreBeside]));
      return [column.id, { brief, more }];
    }),
  );
}

function widest(backends: readonly Backend[], sample: Sample, column: Column, shown: ReadonlySet<string>): number {
  let most = 0;
  for (const backend of backends) {
    const text = column.text(backend, sample, shown);
    // Most texts are too short to matter: no character takes more than two cells.
    if (text.length * 2 > most && isListed(backend)) most = Math.max(most, textWidth(clean(text)));
  }
  return most;
}

/**
 * The rows that are not the same objects as before, and those behind which others wait: their number changes without them. Rows
 * keep their order from sample to sample, so that one looks for each near the place where it would be.
 */
function changedRows(sample: Sample, { backends: before }: Sample): Backend[] {
  const { blocks } = blocking(sample);
  const changed: Backend[] = [];
  let expected = 0;
  for (const backend of sample.backends) {
    const same = nearby(before, backend, expected);
    expected = (same ?? expected) + 1;
    if (same === null || blocks.has(backend.pid)) changed.push(backend);
  }
  return changed;
}

function nearby(backends: readonly Backend[], backend: Backend, expected: number): number | null {
  if (backends[expected] === backend) return expected;
  for (let away = 1; away <= FARTHEST; away++) {
    if (backends[expected + away] === backend) return expected + away;
    if (backends[expected - away] === backend) return expected - away;
  }
  return null;
}

const FARTHEST = 8;
const NOTHING: ReadonlySet<string> = new Set();
