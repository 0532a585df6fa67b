import { autovacuumWorkers, autovacuumWorkersAllowed, preventsWraparound } from "../analysis/autovacuum.ts";
import { AGES } from "../advice/rule.ts";
import { youngProcesses } from "../analysis/crash.ts";
import { processTree } from "../analysis/process-tree.ts";
import { numberOf } from "../analysis/setting-read.ts";
import { states, type StateName } from "../analysis/states.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { bytes } from "../text/bytes.ts";
import { duration, plural, span } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { progressWords } from "./progress-words.ts";
import type { Sentence } from "./sentences.ts";
import type { Tone } from "./line.ts";
import { progressUnknown } from "./unknown-words.ts";
import { joined, URGENCY, vital, type Vital, type VitalOf } from "./vital.ts";

export const postmasterVital: VitalOf = ({ unseen }, sample) => {
  const { server, usage } = sample;
  const up = duration(secondsSince(server.startedSeconds, sample));
  const version = server.version === null ? "" : `PostgreSQL ${server.version.split(" ")[0]}`;
  const group = usage?.groupBytes ?? null;
  const young = youngWords(sample);
  return vital(
    joined(`up ${up}${young === null ? "" : `, ${young.short}`}`, version),
    [
      ...(young === null ? [] : [young.more]),
      `${server.role === "standby" ? "A standby" : "A primary"} at ${server.host}:${server.port}, up for ${up}.`,
      ...(unseen === null
        ? []
        : [
            "Its pid is unknown, because SQL does not show it: it is the first line of postmaster.pid in the data directory.",
          ]),
      ...(group === null
        ? []
        : [`Its control group uses ${bytes(group)} of memory, the page cache of its files among it.`]),
    ],
    young?.more.tone,
  );
};

/** That it is up for long is not the whole truth of a server that has crashed meanwhile. */
function youngWords(
  sample: Sample,
): { readonly short: string; readonly more: Sentence & { readonly tone: Tone } } | null {
  const young = youngProcesses(sample, AGES.longRecovery);
  if (young === null) return null;
  const seconds = secondsSince(young.atSeconds, sample)!;
  const [short, why] = young.crashed
    ? [
        "they crashed and were restarted",
        "One of them ended by a signal or a fault, so that it ended all others and began anew.",
      ]
    : [
        "a crash or a long recovery",
        "Either one of them crashed, or the server needed that long to recover when it was started.",
      ];
  return {
    short: `its processes only ${duration(seconds)}: ${short}`,
    more: {
      tone: seconds <= AGES.crash ? "warn" : "normal",
      text: `Its processes are there for ${duration(seconds)} only. ${why}`,
    },
  };
}

export const autovacuumLauncherVital: VitalOf = (_, sample) => {
  const { tuning } = sample.server;
  const busy = autovacuumWorkers(sample).length;
  const most = tuning === null ? null : autovacuumWorkersAllowed(tuning);
  const naptime = numberOf(tuning, "autovacuum_naptime");
  const full = most !== null && busy >= most;
  const of = most === null ? "?" : String(most);
  return vital(
    `${busy} of ${of} workers busy`,
    [
      `${busy} of ${of} workers are busy (autovacuum_max_workers${most === null ? " is unknown, because no settings are read without SQL" : ""}).`,
      ...(naptime === null ? [] : [`It looks at each database every autovacuum_naptime = ${span(naptime)}.`]),
      ...(full
        ? [
            "While all are busy, the next table waits. They share autovacuum_vacuum_cost_limit: more workers alone are each slower.",
          ]
        : []),
    ],
    full ? "warn" : "normal",
    URGENCY.full,
  );
};

export const autovacuumWorkerVital: VitalOf = ({ backend, pid }, sample) => {
  const progress = progressWords(pid, sample);
  const query = backend?.query ?? "";
  const does = query.replace(/^autovacuum: /, "").replace(/\s*\(to prevent wraparound\)/, "");
  const wraparound = preventsWraparound({ query });
  const more: Sentence[] = [
    ...(query === ""
      ? []
      : [
          {
            tone: "normal" as const,
            text: `It runs ${query}, for ${duration(secondsSince(backend?.xactStartSeconds ?? null, sample))}.`,
          },
        ]),
    ...(progress?.more ?? [noProgress(sample)]).map((text) => ({ tone: "normal" as const, text })),
    ...(wraparound
      ? [
          {
            tone: "warn" as const,
            text: "It prevents wraparound: it does not give way to locks, and comes back when it is ended.",
          },
        ]
      : []),
  ];
  const refused = sample.workings === null ? null : progressUnknown(sample);
  const short = progress?.short ?? (does === "" ? `in ${backend?.database ?? "a database"}` : does);
  return vital(
    joined(short, wraparound && "to prevent wraparound", refused !== null && `how far unknown: ${refused.short}`),
    more,
    wraparound ? "warn" : "normal",
    URGENCY.wraparound,
  );
};

function noProgress(sample: Sample): string {
  if (sample.server.lane === "host")
    return "How far it is is unknown, because its title does not tell, and without SQL nobody else.";
  const unknown = progressUnknown(sample);
  if (unknown !== null) return `How far it is is unknown, because ${unknown.because}.`;
  return "How far it is is unknown, because pg_stat_progress_* has no row of it: it is between two tables, or this version does not tell of ANALYZE.";
}

export const parallelWorkerVital: VitalOf = ({ backend, leader: leaderPid }, sample) => {
  const leader = sample.backends.find(({ pid }) => pid === leaderPid);
  const query = (leader?.query || (backend?.query ?? "")).trim();
  if (leader === undefined) {
    const why = "Its leader is unknown, because before 13 no row tells it: look for the session with the same query.";
    if (query === "") return vital("of a leader that is not told", [why], "muted");
    return { ...vital("", [why]), statement: query };
  }
  const more = [
    `It works for ${leader.pid}${query === "" ? "" : `: ${query}`}`,
    "To end it is to fail the query of its leader: c and x go to that one.",
  ];
  return query === "" ? vital(`of ${leader.pid}`, more) : { ...vital("", more), statement: query };
};

export const sessionVital: VitalOf = ({ backend, pid }, sample) => {
  if (backend === null) return vital("");
  const workers = processTree(sample).filter(({ leader }) => leader === pid).length;
  const progress = progressWords(pid, sample);
  const led = workers === 0 ? "" : `leads ${plural(workers, "worker")}`;
  const sign = vital(joined(led, progress?.short ?? stateWords(backend, sample)), [
    `${joined(stateWords(backend, sample), led)}.`,
    ...howFar(backend, sample),
    backend.query.trim(),
  ]);
  return { ...sign, statement: progress === null ? backend.query.trimStart() : "" };
};

/**
 * How far a session is with what it runs. Of most queries nobody tells that: where it is refused, and not while nobody looks, it is said
 * of every query that it may be told of.
 */
export function howFar({ pid, state }: Backend, sample: Sample): readonly Sentence[] {
  const told = progressWords(pid, sample);
  if (told !== null) return told.more.map((text) => ({ tone: "normal", text }));
  const unknown = sample.workings === null || state !== "active" ? null : progressUnknown(sample);
  if (unknown === null) return [];
  const text = `How far it is, if it is VACUUM, CREATE INDEX, COPY or their like, is unknown, because ${unknown.because}.`;
  return [{ tone: "muted", text }];
}

function stateWords({ state, stateChangeSeconds }: Backend, sample: Sample): string {
  return `${state ?? "state hidden"} ${duration(secondsSince(stateChangeSeconds, sample))}`.trim();
}

export const sessionsVital: VitalOf = ({ count }, sample) => {
  const { byState, waitingForLock } = states(sample);
  const waiting = waitingForLock.count;
  const waits = waiting === 0 ? "" : `${waiting} ${waiting === 1 ? "waits" : "wait"} for a lock`;
  const [active = "", ...others] = SHOWN.map(([state, word]) =>
    byState[state].count === 0 ? "" : `${byState[state].count} ${word}`,
  );
  const all = joined(active, waits, ...others);
  return vital(joined(plural(count, "client backend"), all), [
    `${plural(count, "client backend")}${all === "" ? "" : `: ${all}`}. Tab 1 lists them one by one; here are only those that lead parallel workers.`,
  ]);
};

const SHOWN: readonly (readonly [StateName, string])[] = [
  ["active", "active"],
  ["fastpath function call", "in a fastpath call"],
  ["idle in transaction", "idle in tx"],
  ["idle in transaction (aborted)", "tx aborted"],
  ["idle", "idle"],
  ["starting", "starting"],
  ["disabled", "with track_activities off"],
];

export const connectingVital: VitalOf = ({ count }, sample): Vital => {
  const [most] = sample.unfinished;
  const from = most === undefined ? "" : `, ${most.count} from ${most.client}`;
  return vital(
    `${plural(count, "connection")} not in yet${from}`,
    [
      `${plural(count, "connection")} accepted, and not in yet${from}: each has to say who it is, or to prove it. authentication_timeout ends those that do not.`,
    ],
    "warn",
  );
};

export const hiddenVital: VitalOf = ({ count }, { server }): Vital => {
  if (server.lane === "host")
    return vital(
      `${plural(count, "title")} not understood`,
      ["What these are is unknown, because their titles are not as PostgreSQL writes them."],
      "warn",
    );
  const grant = `GRANT pg_monitor TO ${identifier(server.user)}`;
  return vital(
    `${plural(count, "process", "processes")}: ${grant}`,
    [
      `What these do, and whether they are sessions or the server's own, is hidden from our role. ${grant}; shows them.`,
    ],
    "warn",
  );
};

export const otherVital: VitalOf = ({ backend, kind }) => {
  if (backend === null)
    return vital(
      kind === null ? "not in pg_stat_activity" : "",
      [
        kind === null
          ? "It is in no row of pg_stat_activity, and its title cannot be understood."
          : "It is in no row of pg_stat_activity: a worker without a database connection.",
      ],
      "muted",
    );
  const where = backend.database === null ? "" : `in ${backend.database}`;
  return { ...vital(where, backend.query === "" ? [] : [backend.query.trim()]), statement: backend.query.trimStart() };
};
