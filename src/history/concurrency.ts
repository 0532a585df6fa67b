import { lastResult } from "../analysis/last-result.ts";
import type { Concurrency, Unseen } from "../analysis/pool-size.ts";
import { states } from "../analysis/states.ts";
import type { Tally } from "../analysis/tally.ts";
import type { Sample } from "../model/reading.ts";
import type { History } from "./history.ts";
import { stretch } from "./stretch.ts";

/** Of about the last `seconds`: as far back as can be compared with now, if it is less. Null: there is no sample. */
export const concurrency = lastResult((history: History, seconds: number = HOUR): Concurrency | null => {
  const entries = stretch(history);
  const now = entries.at(-1)?.reading;
  if (now?.kind !== "sample") return null;
  const tallies: Tally[] = [];
  let oldest = now;
  for (let i = entries.length - 1; i >= 0; i--) {
    const { reading, tally } = entries[i]!;
    if (reading.kind === "gap" || tally === null) continue;
    if (now.serverSeconds - reading.serverSeconds > seconds) break;
    tallies.push(tally);
    oldest = reading;
  }
  const working = tallies.map((one) => one.working).sort((a, b) => a - b);
  return {
    average: mean(tallies, (one) => one.working),
    p95: working[Math.ceil(0.95 * working.length) - 1]!,
    most: working.at(-1)!,
    samples: tallies.length,
    seconds: now.serverSeconds - oldest.serverSeconds,
    inTransaction: mean(tallies, (one) => one.idleInTransaction + one.aborted),
    parallelWorkers: {
      average: mean(tallies, (one) => one.parallelWorkers),
      most: tallies.reduce((most, one) => Math.max(most, one.parallelWorkers), 0),
    },
    unseen: unseenOf(now),
  };
});

const HOUR = 3600;

/** Without the right to see them, others may have come and gone in between. */
function unseenOf(sample: Sample): Unseen | null {
  const { byState } = states(sample);
  if (!sample.server.rights.seeAll) return { sessions: byState.unknown.count, why: "hidden" };
  return byState.disabled.count === 0 ? null : { sessions: byState.disabled.count, why: "not tracked" };
}

function mean(tallies: readonly Tally[], of: (tally: Tally) => number): number {
  return tallies.reduce((sum, one) => sum + of(one), 0) / tallies.length;
}
