import { youngProcesses, type YoungProcesses } from "../analysis/crash.ts";
import { runBefore } from "../history/run-before.ts";
import { isClient } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { runOf, sameStart } from "../model/server-run.ts";
import { duration, plural } from "../text/format.ts";
import { literal } from "../text/literal.ts";
import type { Context, Finding, Rule, Step } from "./rule.ts";
import { listed } from "./words.ts";

export const serverCrashed: Rule = {
  id: "server-crashed",
  title: "a crash that the postmaster has survived: every session was ended, and the server has begun anew",
  check(context) {
    const crash = crashOf(context);
    if (crash === null) return [];
    const seconds = secondsSince(crash.upSeconds, context.sample)!;
    return seconds > context.ages.crashNoted ? [] : [finding(crash, seconds, context)];
  },
};

interface Crash extends YoungProcesses {
  /** The last sample before, where history has one. */
  readonly before: Sample | null;
}

/** What the processes tell by themselves, or what two samples do: another checkpointer under the same postmaster. */
export function crashOf({ sample, history, ages }: Context): Crash | null {
  const young = youngProcesses(sample, ages.longRecovery);
  const last = runBefore(history);
  const before = last !== null && sameStart(runOf(last), runOf(sample)) ? last : null;
  if (before === null) return young === null ? null : { ...young, before };
  const checkpointer = sample.backends.find(({ backendType }) => backendType === "checkpointer");
  const atSeconds = young?.atSeconds ?? checkpointer?.backendStartSeconds ?? null;
  if (atSeconds === null) return null;
  return { ...(young ?? { atSeconds, upSeconds: atSeconds, kinds: ["checkpointer"] }), crashed: true, before };
}

function finding(crash: Crash, seconds: number, { sample, ages }: Context): Finding {
  return {
    id: serverCrashed.id,
    about: "",
    severity: seconds <= ages.crash ? "warning" : "info",
    title: crash.crashed
      ? `the server crashed and was up again ${duration(seconds)} ago: all sessions were ended`
      : `the server crashed, or began with a long recovery: up again ${duration(seconds)} ago`,
    evidence: evidence(crash, sample),
    next: steps(crash),
    avoid: [
      "never kill -9 a process of PostgreSQL: it ends everybody's session; pg_terminate_backend() ends one alone",
      "do not restart the server: it has recovered by itself, and whoever has come back would be thrown out again",
    ],
    sessions: [],
    process: "postmaster",
  };
}

function evidence({ atSeconds, upSeconds, kinds, crashed, before }: Crash, sample: Sample): string[] {
  const { server, backends } = sample;
  const ago = (since: number): string => duration(secondsSince(since, sample));
  const recovered = duration(Math.max(0, upSeconds - atSeconds));
  const took = duration(atSeconds - server.startedSeconds);
  const unsure =
    server.role === "primary"
      ? `up to 14 a start looks like this as well, if it had a crash before it to recover from, for ${took}`
      : `up to 14 a start looks like this as well, if it waited ${took} for WAL to begin with`;
  return [
    `the postmaster has been up for ${ago(server.startedSeconds)}, ${listed(kinds)} only for ${ago(atSeconds)}`,
    ...(crashed
      ? ["the postmaster does that when a process ends by a signal or a fault: it trusts no shared memory any more"]
      : [unsure]),
    ...(upSeconds - atSeconds >= 1 ? [`recovery took ${recovered}: until then nobody was let in`] : []),
    ...(before === null
      ? []
      : [
          `${plural(before.backends.filter(isClient).length, "session")} before, ${backends.filter(isClient).length} now`,
        ]),
    ...(server.role === "primary"
      ? ["what was committed is kept; unlogged tables are empty now, and the counters of pg_stat views began anew"]
      : []),
  ];
}

function steps({ kinds }: Crash): Step[] {
  const names = kinds.map(literal).join(", ");
  return [
    {
      text: 'find in the server\'s log which process "was terminated by signal", and what it ran: 9 is SIGKILL, 6 and 11 are faults; this names the file',
      sql: "SELECT pg_current_logfile();",
    },
    {
      text: "with signal 9 ask the kernel on the server's machine: dmesg -T | grep -i 'killed process', or journalctl -k, or the container's OOM kills",
    },
    {
      text: "if it was the OOM killer, lower work_mem or the number of sessions, and set vm.overcommit_memory = 2: the Server tab has what memory may be taken",
      sql: "SELECT name, setting, unit FROM pg_settings WHERE name IN ('work_mem', 'hash_mem_multiplier', 'shared_buffers', 'max_connections');",
    },
    {
      text: "see since when its processes are there",
      sql: `SELECT backend_type, backend_start, pg_postmaster_start_time() FROM pg_stat_activity WHERE backend_type IN (${names});`,
    },
  ];
}
