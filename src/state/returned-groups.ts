import type { ReturnedGroup } from "../advice/rule.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { Sample } from "../model/reading.ts";
import type { Outcome } from "./outcome.ts";

/** What came back after our orders to end sessions, as findings speak of it; the same array for the same sample. */
export const returnedGroups = lastResult((outcomes: readonly Outcome[], sample: Sample): readonly ReturnedGroup[] =>
  outcomes.flatMap(({ answers, returned, restarted, failure }) => {
    // After a restart everybody came back, and of an order without an answer nobody knows whether it ended them.
    if (answers === null || restarted || failure !== null) return [];
    const secondsAgo = Math.max(0, sample.serverSeconds - answers.serverSeconds);
    return returned.map(({ user, application, client, ended, came }) => ({
      ...{ role: user, application, client },
      ...{ ended, came, secondsAgo },
    }));
  }),
);
