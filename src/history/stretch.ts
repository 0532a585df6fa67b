import { lastResult } from "../analysis/last-result.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { runOf, sameRun, type ServerRun } from "../model/server-run.ts";
import type { Entry, History } from "./history.ts";

/**
 * The newest readings that can be compared with each other, gaps among them, the last one a sample; oldest first. They begin where the
 * server was started, where another one answered, and where our role began to see more or less than it does now.
 */
export const stretch = lastResult(({ entries }: History): readonly Entry[] => {
  let end = entries.length;
  while (end > 0 && entries[end - 1]!.reading.kind === "gap") end--;
  const newest = entries[end - 1]?.reading;
  if (newest?.kind !== "sample") return [];
  const from = goesOn(entries, newest) ? stillFirst(entries, last!.first) : beginning(entries, end, newest);
  last = { first: entries[from]!, entry: entries[end - 1]!, newest };
  return from === 0 && end === entries.length ? entries : entries.slice(from, end);
});

/**
 * The stretch that was looked for last. Its entries are known by their tallies: the newest one is put down anew, without what only the latest
 * sample keeps.
 */
let last: { readonly first: Entry; readonly entry: Entry; readonly newest: Sample } | null = null;

/** What was comparable with the sample before is so with this one as well, as long as the server says the same of itself. */
function goesOn(entries: readonly Entry[], newest: Sample): boolean {
  if (
    last === null ||
    newest.server !== last.newest.server ||
    run(newest).checkpointer !== run(last.newest).checkpointer
  )
    return false;
  for (let i = entries.length - 1; i >= 0; i--) {
    const { reading, tally } = entries[i]!;
    if (reading !== newest && reading.kind === "sample") return tally === last.entry.tally;
  }
  return false;
}

/** Where that one is now, or else, when it has been dropped, the first sample that is left. */
function stillFirst(entries: readonly Entry[], first: Entry): number {
  const at = entries.findIndex(({ tally }) => tally === first.tally);
  return at >= 0 ? at : entries.findIndex(({ reading }) => reading.kind === "sample");
}

function beginning(entries: readonly Entry[], end: number, newest: Sample): number {
  let from = end - 1;
  for (let i = end - 1; i >= 0; i--) {
    const { reading } = entries[i]!;
    if (reading.kind === "gap") continue;
    if (!comparable(reading, newest)) break;
    from = i;
  }
  return from;
}

function comparable(a: Sample, b: Sample): boolean {
  // A crash ends no session of the host lane, where the server then goes on saying the same of itself.
  return (
    sameRun(run(a), run(b)) &&
    speaksSql(a.server.lane) === speaksSql(b.server.lane) &&
    a.server.rights.seeAll === b.server.rights.seeAll
  );
}

/** Looking for the checkpointer among all processes takes time: once for each sample is enough. */
function run(sample: Sample): ServerRun {
  let known = RUNS.get(sample);
  if (known === undefined) RUNS.set(sample, (known = runOf(sample)));
  return known;
}

const RUNS = new WeakMap<Sample, ServerRun>();
