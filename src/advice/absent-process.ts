import { missingProcesses, type MissingProcess } from "../analysis/process-tree.ts";
import { stretch } from "../history/stretch.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { duration } from "../text/format.ts";
import { literal } from "../text/literal.ts";
import type { Context, Finding, Rule, Step } from "./rule.ts";
import { short } from "./words.ts";

export const absentProcess: Rule = {
  id: "absent-process",
  title:
    "a process of the server that ought to be there and does not come back: archiver, autovacuum launcher, walreceiver",
  check(context) {
    const { sample, ages } = context;
    // Not all of them are begun at once.
    if ((secondsSince(sample.server.startedSeconds, sample) ?? 0) < ages.serverStart) return [];
    return missingProcesses(sample).flatMap((missing) => {
      const { seconds, wasThere } = absence(missing.kind, context);
      // A standby may live from an archive alone: only what was there once is known to be wanting.
      if (seconds < ages.processAbsent || (missing.harmlessWhere !== null && !wasThere)) return [];
      return [finding(missing, seconds)];
    });
  },
};

/** For how long history has not seen it, and whether it did before. One that has ended is begun anew within seconds, as a rule. */
function absence(kind: string, { sample, history }: Context): { readonly seconds: number; readonly wasThere: boolean } {
  let since = sample.serverSeconds;
  for (const { reading } of stretch(history).toReversed()) {
    if (reading.kind === "gap") continue;
    if (!kindsMissing(reading).has(kind))
      return { seconds: sample.serverSeconds - since, wasThere: isThere(kind, reading) };
    since = reading.serverSeconds;
  }
  return { seconds: sample.serverSeconds - since, wasThere: false };
}

function isThere(kind: string, { backends }: Sample): boolean {
  return backends.some(({ backendType }) => backendType === kind);
}

/** To look for them among all sessions once for each sample is enough. */
function kindsMissing(sample: Sample): ReadonlySet<string> {
  let known = KINDS.get(sample);
  if (known === undefined) KINDS.set(sample, (known = new Set(missingProcesses(sample).map(({ kind }) => kind))));
  return known;
}

const KINDS = new WeakMap<Sample, ReadonlySet<string>>();

function finding({ kind, because }: MissingProcess, seconds: number): Finding {
  const { means, more = [] } = WORDS[kind] ?? { means: "nobody does what it is there for" };
  return {
    id: absentProcess.id,
    about: kind,
    severity: "warning",
    title: `no ${short(kind)} for ${duration(seconds)}, although ${because}: ${means}`,
    evidence: [
      `not seen in any sample of the last ${duration(seconds)}, in which other processes were`,
      "the postmaster begins it again and again: it does not come up, or ends at once",
    ],
    next: [
      { text: "look in the server's log: it says why it ends, each time that it is begun" },
      ...more,
      {
        text: "see whether it is back, and since when",
        sql: `SELECT pid, backend_type, backend_start FROM pg_stat_activity WHERE backend_type = ${literal(kind)};`,
      },
    ],
    avoid: [
      "do not restart the server before the log has told why: what keeps this one from starting may keep all of it",
    ],
    sessions: [],
    process: kind,
  };
}

interface Words {
  /** What comes of it, in half a sentence. */
  readonly means: string;
  readonly more?: readonly Step[];
}

const WORDS: Readonly<Record<string, Words>> = {
  archiver: {
    means: "WAL is not archived",
    more: [
      {
        text: "see what it did last; WAL stays in pg_wal until it is archived",
        sql: "SELECT * FROM pg_stat_archiver;",
      },
    ],
  },
  "autovacuum launcher": { means: "no table is vacuumed" },
  walsummarizer: { means: "WAL that is not summarized is kept" },
  "io worker": { means: "sessions wait for each read" },
  walreceiver: {
    means: "it gets no WAL",
    more: [
      { text: "see whether its primary is up and lets it in: pg_hba.conf, password, max_wal_senders, its slot" },
      {
        text: "how old what it shows is, while its primary writes",
        sql: "SELECT now() - pg_last_xact_replay_timestamp();",
      },
    ],
  },
};
