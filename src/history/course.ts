import type { History } from "./history.ts";

/** A stretch of time in a chart: the largest values in it, so that a short peak is not averaged away. */
export interface Stretch {
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Null where nothing was read. */
  readonly most: { readonly used: number; readonly idleInTransaction: number } | null;
}

/**
 * The whole history in at most so many stretches of equal length. A stretch in which no sample happened to fall goes on as the one
 * before it; one that lies in a gap, from its beginning to the next sample, is not known.
 */
export function course(history: History, stretches: number): Stretch[] {
  const { entries } = history;
  const first = entries[0]?.reading.takenAt;
  if (first === undefined) return [];
  const n = Math.max(1, Math.min(stretches, entries.length));
  const length = Math.max(1, (entries.at(-1)!.reading.takenAt - first) / n);
  const out: Stretch[] = [];
  let next = 0;
  let last: Stretch["most"] = null;
  for (let i = 0; i < n; i++) {
    let most: Stretch["most"] = null;
    let gap = false;
    for (; next < entries.length; next++) {
      const { reading, tally } = entries[next]!;
      if (i < n - 1 && reading.takenAt >= first + (i + 1) * length) break;
      gap = tally === null;
      if (tally === null) continue;
      most = greater(most, tally);
    }
    out.push({ from: first + i * length, most: most ?? (gap ? null : last) });
    if (gap) last = null;
    else last = most ?? last;
  }
  return out;
}

function greater(a: Stretch["most"], b: NonNullable<Stretch["most"]>): NonNullable<Stretch["most"]> {
  const { used, idleInTransaction } = a ?? b;
  return {
    used: Math.max(used, b.used),
    idleInTransaction: Math.max(idleInTransaction, b.idleInTransaction),
  };
}
