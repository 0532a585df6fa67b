import { lastResult } from "../analysis/last-result.ts";
import type { CheckpointCounters } from "../model/counters.ts";
import type { History } from "./history.ts";
import { stretch } from "./stretch.ts";

/**
 * When the last checkpoint, or restartpoint, was over, on the server's clock and as exactly as counters are read: the first reading that had it
 * counted. Null: none has ended since we look, and nobody tells of one before.
 */
export const lastCheckpoint = lastResult((history: History): number | null => {
  const read = stretch(history).flatMap(({ reading }) =>
    reading.kind === "sample" && reading.counters !== null ? [reading.counters] : [],
  );
  for (let i = read.length - 1; i > 0; i--) {
    const [before, after] = [read[i - 1]!, read[i]!];
    if (before !== after && hasEnded(before.checkpoints, after.checkpoints)) return after.atSeconds;
  }
  return null;
});

/** Before 18 they are counted when they begin, and what they have written when they end. */
function hasEnded(before: CheckpointCounters, after: CheckpointCounters): boolean {
  if (before.resetSeconds !== after.resetSeconds) return false;
  if (
    after.restartpoints !== null &&
    before.restartpoints !== null &&
    after.restartpoints.done > before.restartpoints.done
  )
    return true;
  return after.done === null ? after.writeMs > before.writeMs : after.done > (before.done ?? after.done);
}
