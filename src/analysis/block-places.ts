import type { LockWaits } from "./lock-waits.ts";
import { ringAmong } from "./lock-ring.ts";

/** Stands for whoever blocks those of whom it is not told. Never an id: prepared transactions count down from -1, and there are fewer. */
export const UNTOLD = Number.MIN_SAFE_INTEGER;

export interface Placed {
  readonly id: number;
  /** Whom it stands under; null for a root. */
  readonly parent: number | null;
  /** It is one of those that wait, in the end, for themselves. */
  readonly ring: boolean;
}

/** Everybody who blocks or waits, each once and after the one that it stands under. */
export function placed(waits: LockWaits, untold: readonly number[], blocks: (id: number) => number): Placed[] {
  const found: Placed[] = [];
  const seen = new Set<number>();
  const add = (id: number, parent: number | null, ring = false): void => {
    if (seen.has(id)) return;
    seen.add(id);
    found.push({ id, parent, ring });
  };
  let next = 0;
  // Breadth first, from all roots at once: nearest to a root is nearest to any of them.
  const spread = (ring: ReadonlySet<number>): void => {
    for (; next < found.length; next++) {
      const { id } = found[next]!;
      const waiters = id === UNTOLD ? untold : (waits.direct.get(id) ?? []);
      for (const waiter of waiters) add(waiter, id, ring.has(waiter));
    }
  };
  const roots = [...waits.direct.keys()].filter((id) => !waits.blockers.has(id));
  for (const id of roots.sort((a, b) => blocks(b) - blocks(a) || a - b)) add(id, null);
  if (untold.length > 0) add(UNTOLD, null);
  spread(new Set());
  // Whoever is left waits, in the end, for somebody in a ring: nobody there is a root.
  for (const waiter of waits.blockers.keys()) {
    if (seen.has(waiter)) continue;
    const ring = ringAmong(waiter, waits.blockers);
    add(
      ring.reduce((least, id) => Math.min(least, id)),
      null,
      true,
    );
    spread(new Set(ring));
  }
  return found;
}
