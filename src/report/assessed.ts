import { findings } from "../advice/index.ts";
import type { Finding } from "../advice/rule.ts";
import type { Thresholds } from "../analysis/slots.ts";
import { append, emptyHistory } from "../history/history.ts";
import type { Sample } from "../model/reading.ts";

/** What one reading tells by itself: nobody has watched, and nothing was ended. */
export function findingsOf(sample: Sample, thresholds: Thresholds): readonly Finding[] {
  return findings({ sample, history: append(emptyHistory(), sample), thresholds, returned: NONE });
}

const NONE: readonly never[] = [];
