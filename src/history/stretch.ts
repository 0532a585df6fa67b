import { lastResult } from "../analysis/last-result.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { runOf, sameRun, type ServerRun } from "../model/server-run.ts";
import type { Entry, History } from "./history.ts";

/**
 * The newest readings that can be compared with each other, gaps among them, the last one a sample; oldest first. They begin where the
 * server was started, where another one answered, and where our role began to see more or less than it does now.
 */
export const stretch = lastResult((history: History): readonly Entry[] => {
  const { entries } = history;
  let end = entries.length;
  while (end > 0 && entries[end - 1]!.reading.kind === "gap") end--;
  const newest = entries[end - 1]?.reading;
  if (newest?.kind !== "sample") return [];
  let from = end - 1;
  for (let i = end - 1; i >= 0; i--) {
    const { reading } = entries[i]!;
    if (reading.kind === "gap") continue;
    if (!comparable(reading, newest)) break;
    from = i;
  }
  return entries.slice(from, end);
});

function comparable(a: Sample, b: Sample): boolean {
  // Nothing that the server says of itself was read anew in between.
  if (a.server === b.server) return true;
  return (
    speaksSql(a.server.lane) === speaksSql(b.server.lane) &&
    a.server.rights.seeAll === b.server.rights.seeAll &&
    sameRun(run(a), run(b))
  );
}

/** Looking for the checkpointer among all processes takes time: once for each sample is enough. */
function run(sample: Sample): ServerRun {
  let known = RUNS.get(sample);
  if (known === undefined) RUNS.set(sample, (known = runOf(sample)));
  return known;
}

const RUNS = new WeakMap<Sample, ServerRun>();
