import { lastResult } from "../analysis/last-result.ts";
import type { Sample } from "../model/reading.ts";
import { runOf, sameRun, sameServer } from "../model/server-run.ts";
import type { History } from "./history.ts";
import { stretch } from "./stretch.ts";

/** The last that was seen of this server before it crashed or was restarted; null: history knows of neither. */
export const runBefore = lastResult((history: History): Sample | null => {
  const [first] = stretch(history);
  if (first?.reading.kind !== "sample") return null;
  const run = runOf(first.reading);
  for (let i = history.entries.indexOf(first) - 1; i >= 0; i--) {
    const { reading } = history.entries[i]!;
    if (reading.kind === "gap") continue;
    const before = runOf(reading);
    if (!sameServer(before, run)) return null;
    if (!sameRun(before, run)) return reading;
  }
  return null;
});
