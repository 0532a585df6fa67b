import { isClient, isHidden } from "../model/backend.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import { archives } from "./archive.ts";
import { lastResult } from "./last-result.ts";
import { processKind } from "./process-kind.ts";
import { isOff, wordOf } from "./setting-read.ts";

/** A process that ought to be there, and is not. */
export interface MissingProcess {
  /** In the words of pg_stat_activity. */
  readonly kind: string;
  /** What says that it ought to: "archive_mode = on". */
  readonly because: string;
  /** When it does no harm, to go after "harmless where"; null: it does. */
  readonly harmlessWhere: string | null;
}

/** A process that is surely there, and that nobody shows us. */
export interface UnseenProcess {
  readonly kind: string;
  /** Why, and how it is known all the same. */
  readonly why: string;
}

/**
 * What ought to be there and is not: nothing of it where rows are hidden from our role, or where no settings are known. A process that has
 * just ended is missing until the postmaster has begun another, which takes up to some seconds: whoever raises an alarm waits that long.
 */
export const missingProcesses = lastResult((sample: Sample): readonly MissingProcess[] => {
  if (sample.server.tuning === null || !sample.server.rights.seeAll || sample.backends.some(isHidden)) return [];
  const seen = kindsSeen(sample);
  return EXPECTED.flatMap(({ kind, because, shownIf, harmlessWhere }) => {
    const reason = seen.has(kind) || !shownIf(sample) ? null : because(sample);
    return reason === null ? [] : [{ kind, because: reason, harmlessWhere }];
  });
});

/** So soon after its start a server is still beginning its processes: what is not there yet is none to alarm anybody. */
export function hasJustStarted({ server, serverSeconds }: Sample): boolean {
  return serverSeconds - server.startedSeconds < START_SECONDS;
}

const START_SECONDS = 10;

/** What is there, but in no row: told by the settings, and of no use where the machine itself is asked. */
export const unseenProcesses = lastResult((sample: Sample): readonly UnseenProcess[] => {
  if (!speaksSql(sample.server.lane) || sample.usage !== null) return [];
  const major = majorOf(sample.server) ?? 18;
  const unseen: UnseenProcess[] = [];
  const logs = wordOf(sample.server.tuning, "logging_collector") === "on";
  if (logs) unseen.push({ kind: "logger", why: "SQL shows none; it is on (logging_collector = on)" });
  const archiving = archiveReason(sample);
  if (major < 14 && archiving !== null)
    unseen.push({ kind: "archiver", why: `SQL does not show it before 14; it is on (${archiving})` });
  if (major < 15) unseen.push({ kind: "stats collector", why: "SQL does not show it; up to 14 there always is one" });
  return unseen;
});

/** One that is switched off, and whose absence hurts. */
export interface SwitchedOff {
  readonly kind: string;
  /** "autovacuum = off". */
  readonly by: string;
}

/** Its row would be looked for in vain. Of a standby it is none that is missed, nor where the launcher is there all the same. */
export const switchedOff = lastResult((sample: Sample): readonly SwitchedOff[] => {
  const off = ["autovacuum", "track_counts"].find((name) => isOff(sample.server, name));
  if (off === undefined || sample.server.role === "standby" || kindsSeen(sample).has(LAUNCHER)) return [];
  return [{ kind: LAUNCHER, by: `${off} = off` }];
});

const LAUNCHER = "autovacuum launcher";

interface Expected {
  readonly kind: string;
  /** What says that there is to be one; null: nothing does. */
  readonly because: (sample: Sample) => string | null;
  /** Whether one that is there would be seen. */
  readonly shownIf: (sample: Sample) => boolean;
  readonly harmlessWhere: string | null;
}

const EXPECTED: readonly Expected[] = [
  {
    kind: "walreceiver",
    because: ({ server, workings }) =>
      // Promoted since its role was read.
      server.role === "standby" && workings?.recovery !== "none" ? "this is a standby" : null,
    shownIf: always,
    harmlessWhere: "it takes its WAL from an archive alone (restore_command), without primary_conninfo",
  },
  {
    kind: "walsummarizer",
    because: (sample) => isOn(sample, "summarize_wal"),
    shownIf: always,
    harmlessWhere: null,
  },
  {
    kind: "archiver",
    because: archiveReason,
    shownIf: (sample) => (majorOf(sample.server) ?? 18) >= 14 || seesMachine(sample),
    harmlessWhere: null,
  },
  {
    kind: "io worker",
    because: ({ server }) => (wordOf(server.tuning, "io_method") === "worker" ? "io_method = worker" : null),
    shownIf: always,
    harmlessWhere: null,
  },
  {
    kind: "logger",
    because: (sample) => isOn(sample, "logging_collector"),
    shownIf: seesMachine,
    harmlessWhere: null,
  },
  {
    kind: LAUNCHER,
    because: (sample) => {
      // Without counts of what has changed it does not begin: PostgreSQL says so in its log alone.
      const counts = wordOf(sample.server.tuning, "track_counts") === "on";
      return sample.server.role === "primary" && counts ? isOn(sample, "autovacuum") : null;
    },
    shownIf: always,
    harmlessWhere: null,
  },
];

function kindsSeen(sample: Sample): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (const { kind } of sample.usage?.processes.values() ?? []) if (kind !== null) kinds.add(kind);
  for (const backend of sample.backends) {
    if (isClient(backend)) continue;
    const kind = processKind(backend, sample.usage?.processes.get(backend.pid) ?? null, sample);
    if (kind !== null) kinds.add(kind);
  }
  return kinds;
}

function archiveReason({ server }: Sample): string | null {
  return archives(server) ? `archive_mode = ${wordOf(server.tuning, "archive_mode")}` : null;
}

function isOn({ server }: Sample, name: string): string | null {
  return wordOf(server.tuning, name) === "on" ? `${name} = on` : null;
}

/** The titles of its processes are read, and understood. */
function seesMachine({ usage }: Sample): boolean {
  return usage !== null && [...usage.processes.values()].some(({ kind }) => kind === "checkpointer");
}

function always(): boolean {
  return true;
}
