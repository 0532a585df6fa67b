import { lastResult } from "../analysis/last-result.ts";
import type { Counters } from "../model/counters.ts";
import type { History } from "./history.ts";
import { stretch } from "./stretch.ts";

/** Two readings of the counters of one server run, none of which were reset in between, and all of which mean the same in both. */
export interface Counted {
  readonly from: Counters;
  readonly to: Counters;
  /** Between the two, on the server's clock; more than 0. */
  readonly seconds: number;
}

/** What has been counted in about the last `seconds`: as far back as history goes, if it is less. Null: there are no two readings yet. */
export const counted = lastResult((history: History, seconds: number): Counted | null => {
  const entries = stretch(history);
  let to: Counters | null = null;
  let from: Counters | null = null;
  // From now back, no further than is asked for; from one reading of the counters to the next all samples have the same ones.
  for (let i = entries.length - 1; i >= 0; i--) {
    const { reading } = entries[i]!;
    const one = reading.kind === "sample" ? reading.counters : null;
    if (one === null || one === from) continue;
    to ??= one;
    if (wasReset(one, to) || ofStandby(one) !== ofStandby(to)) break;
    if (from === null || one.atSeconds < from.atSeconds) from = one;
    if (to.atSeconds - one.atSeconds >= seconds) break;
  }
  if (to === null || from === null) return null;
  return from === to || to.atSeconds <= from.atSeconds ? null : { from, to, seconds: to.atSeconds - from.atSeconds };
});

function wasReset(from: Counters, to: Counters): boolean {
  return RESETS.some((of) => of(from) !== of(to)) || from.temporary.bytes > to.temporary.bytes;
}

/** A promotion changes what is counted: WAL that was replayed, checkpoints that were restartpoints. */
function ofStandby({ archiver }: Counters): boolean {
  return archiver.currentWal === null;
}

const RESETS: readonly ((counters: Counters) => number | null)[] = [
  ({ checkpoints }) => checkpoints.resetSeconds,
  ({ buffers }) => buffers.resetSeconds,
  ({ archiver }) => archiver.resetSeconds,
];
