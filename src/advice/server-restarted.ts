import { runBefore } from "../history/run-before.ts";
import { isClient } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { runOf, sameStart } from "../model/server-run.ts";
import { duration, plural } from "../text/format.ts";
import type { Context, Finding, Rule } from "./rule.ts";
import { crashOf } from "./server-crashed.ts";

export const serverRestarted: Rule = {
  id: "server-restarted",
  title: "the server was started a moment ago, or restarted while it was looked at",
  check(context) {
    const { sample, ages } = context;
    const seconds = secondsSince(sample.server.startedSeconds, sample)!;
    const before = seenBefore(context);
    // Whoever has not seen it before learns it from the first reading, and knows it soon.
    if (seconds > (before === null ? ages.restart : ages.crash) || crashOf(context) !== null) return [];
    return [finding(seconds, before, sample)];
  },
};

/** The last sample of it before it was started anew. Behind one address another server may answer, which was up all the time. */
function seenBefore({ sample, history }: Context): Sample | null {
  const before = runBefore(history);
  if (before === null || sameStart(runOf(before), runOf(sample))) return null;
  return sample.server.startedSeconds > before.serverSeconds - SAME_TIME_SECONDS ? before : null;
}

/** Clocks of two machines, or of kernel and server. */
const SAME_TIME_SECONDS = 5;

function finding(seconds: number, before: Sample | null, { backends, serverSeconds }: Sample): Finding {
  const now = backends.filter(isClient).length;
  return {
    id: serverRestarted.id,
    about: "",
    severity: "info",
    title: `the server was ${before === null ? "" : "re"}started ${duration(seconds)} ago`,
    evidence:
      before === null
        ? [`its postmaster began ${duration(seconds)} ago`, `${plural(now, "session")} since`]
        : [
            `another postmaster was seen ${duration(Math.max(0, serverSeconds - before.serverSeconds))} ago, this one began ${duration(seconds)} ago`,
            `${plural(before.backends.filter(isClient).length, "session")} before, ${now} now: whoever had one had to connect anew`,
          ],
    next: [
      {
        text: 'if nobody meant it, the log says why: a "shutdown request" is somebody\'s, "not properly shut down" is a crash or the machine',
        sql: "SELECT pg_postmaster_start_time(), pg_current_logfile();",
      },
    ],
    avoid: [],
    sessions: [],
    process: "postmaster",
  };
}
