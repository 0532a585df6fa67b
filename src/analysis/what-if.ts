import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import { lastResult } from "./last-result.ts";
import { SHARED_PER_CONNECTION, SHARED_REPORTED_FROM } from "./memory.ts";
import { outlook, type Outlook, type WhatIf } from "./outlook.ts";
import type { Concurrency } from "./pool-size.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "./slots.ts";
import { refusals, type Refusal } from "./what-if-refusals.ts";
import { steps, type WhatIfStep } from "./what-if-steps.ts";

export interface WhatIfAnswer {
  readonly now: Outlook;
  readonly wished: Outlook;
  /** What makes no sense in it, and why: no statement is given for that. */
  readonly refused: readonly Refusal[];
  /** What to do in which order: a pool first, max_connections last. Empty: nothing is asked. */
  readonly steps: readonly WhatIfStep[];
}

/**
 * What becomes of slots and memory with other settings: everything is reckoned anew for a sample that is like this one but for
 * these. Null: without SQL nobody knows what they are now.
 */
export const whatIf = lastResult(
  (
    sample: Sample,
    concurrency: Concurrency | null,
    wish: WhatIf,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
  ): WhatIfAnswer | null => {
    const now = outlook(sample, null, thresholds);
    const wished = outlook(likeThis(sample, wish), wish.poolSize, thresholds);
    if (now === null || wished === null) return null;
    const refused = refusals(sample, wish, { now, wished });
    return { now, wished, refused, steps: steps(sample, wish, { now, wished, refused, concurrency }) };
  },
);

/** The same server with other settings. Its shared memory has room for each connection that there may be. */
function likeThis(sample: Sample, { connections, workMemBytes, parallelWorkers }: WhatIf): Sample {
  const { server } = sample;
  const { tuning, settings } = server;
  if (tuning === null || settings.maxConnections === null) return sample;
  const maxConnections = connections ?? settings.maxConnections;
  const reported = (majorOf(server) ?? SHARED_REPORTED_FROM) >= SHARED_REPORTED_FROM;
  const more = reported ? (maxConnections - settings.maxConnections) * SHARED_PER_CONNECTION : 0;
  return {
    ...sample,
    server: {
      ...server,
      settings: { ...settings, maxConnections },
      tuning: {
        ...tuning,
        sharedBytes: tuning.sharedBytes + more,
        workMemBytes: workMemBytes ?? tuning.workMemBytes,
        maxParallelWorkers: parallelWorkers ?? tuning.maxParallelWorkers,
      },
    },
  };
}
