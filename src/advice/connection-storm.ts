import { clientName } from "../analysis/client-name.ts";
import { slots } from "../analysis/slots.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { duration, plural, span } from "../text/format.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule } from "./rule.ts";
import { levelNow } from "./slots-level.ts";
import { grouped, sessions } from "./sources.ts";
import { POOLER } from "./steps.ts";
import { applications, byApplication, ofThem, sizes, tallied } from "./words.ts";

export const connectionStorm: Rule = {
  id: "connection-storm",
  title:
    "many sessions opened within seconds: a deployment, a fleet that reconnects, a restart or a crash of the server",
  check(context) {
    const rush = rushOf(context);
    return rush === null ? [] : [finding(rush, context)];
  },
};

const LEAST = 20;
/** Of the used slots. */
const GOOD_PART = 0.2;
const WITHIN_SECONDS = 5;

interface Rush {
  /** The newest first. */
  readonly opened: readonly Backend[];
  readonly from: number;
  readonly to: number;
  /** Why everybody had to connect anew; null: for no reason of the server's. */
  readonly because: "restart" | "crash" | null;
}

/** The seconds, of those looked back at, in which most sessions were opened. */
function rushOf({ sample, thresholds, ages }: Context): Rush | null {
  const since = sample.serverSeconds - ages.storm;
  const young = sessions(sample)
    .filter(({ backendStartSeconds }) => backendStartSeconds !== null && backendStartSeconds >= since)
    .sort((a, b) => a.backendStartSeconds! - b.backendStartSeconds!);
  if (young.length < LEAST) return null;
  let best = { from: 0, to: 0 };
  let from = 0;
  for (let to = 0; to < young.length; to++) {
    while (young[to]!.backendStartSeconds! - young[from]!.backendStartSeconds! > WITHIN_SECONDS) from++;
    if (to - from > best.to - best.from) best = { from, to };
  }
  const opened = young.slice(best.from, best.to + 1).reverse();
  if (opened.length < LEAST || opened.length < GOOD_PART * slots(sample, thresholds).used.high) return null;
  const begun = opened.at(-1)!.backendStartSeconds!;
  const because = reason(sample, begun, ages.serverStart);
  return { opened, from: begun, to: opened[0]!.backendStartSeconds!, because };
}

/** After a crash of one backend the postmaster goes on, and starts the others anew, its checkpointer among them. */
function reason({ server, backends }: Sample, begun: number, soon: number): Rush["because"] {
  if (begun - server.startedSeconds <= soon) return "restart";
  const checkpointer = backends.find(({ backendType }) => backendType === "checkpointer")?.backendStartSeconds ?? null;
  if (checkpointer === null || checkpointer - server.startedSeconds <= soon) return null;
  return begun >= checkpointer && begun - checkpointer <= soon ? "crash" : null;
}

function finding(rush: Rush, context: Context): Finding {
  const { opened, because } = rush;
  return {
    id: connectionStorm.id,
    about: because ?? "",
    sessions: opened.slice(0, MOST_SESSIONS),
    ...(because === "restart"
      ? afterRestart(rush, context)
      : because === "crash"
        ? afterCrash(rush, context)
        : unexplained(rush, context)),
  };
}

type Told = Omit<Finding, "id" | "about" | "sessions">;

function afterRestart(rush: Rush, { sample, thresholds }: Context): Told {
  const { opened, from } = rush;
  const { startedSeconds } = sample.server;
  return {
    severity: "info",
    title: `${opened.length} sessions came back within ${within(rush)}, ${duration(Math.max(0, from - startedSeconds))} after the server was started`,
    evidence: [
      ...evidence(opened, sample, thresholds),
      `the server was started ${span(sample.serverSeconds - startedSeconds)} ago`,
    ],
    next: [{ text: "nothing, if the restart was meant; else see why in the server's log" }],
    avoid: [],
  };
}

function afterCrash(rush: Rush, { sample, thresholds }: Context): Told {
  const { opened } = rush;
  return {
    severity: "warning",
    title: `all sessions were lost ${ago(rush, sample)} ago and ${opened.length} came back within ${within(rush)}: a backend crashed`,
    evidence: [
      ...evidence(opened, sample, thresholds),
      "the postmaster is older than its checkpointer: it has started its processes anew",
    ],
    next: [
      {
        text: "look in the server's log for `was terminated by signal`; signal 9 is the kernel's as a rule, for want of memory",
      },
      { text: "if it was memory: less work_mem, or fewer sessions" },
    ],
    avoid: ["do not end backends by kill -9: each one ends all the others like this"],
  };
}

function unexplained(rush: Rush, { sample, thresholds }: Context): Told {
  const { opened } = rush;
  const clients = byClient(opened).size;
  const who = whose(byApplication(opened), opened.length);
  return {
    severity: levelNow(sample, thresholds) === "critical" ? "critical" : "warning",
    title: `${opened.length} sessions opened within ${within(rush)}, ${ago(rush, sample)} ago, ${who}${clients > 1 ? ` from ${clients} clients` : ""}`,
    evidence: evidence(opened, sample, thresholds),
    next: [
      { text: "see what was deployed or restarted then, and let its instances start one after the other" },
      { text: "have clients wait before they connect again, longer each time and by chance: backoff with jitter" },
      POOLER,
    ],
    avoid: [
      "do not end them: whoever connects in a rush is back in milliseconds, and logging in costs the server more",
    ],
  };
}

function ago({ from }: Rush, { serverSeconds }: Sample): string {
  return duration(Math.max(0, serverSeconds - from));
}

function within({ from, to }: Rush): string {
  return duration(Math.max(0.1, to - from));
}

function byClient(opened: readonly Backend[]): Map<string, Backend[]> {
  return grouped(opened, (backend) => clientName(backend) ?? "unknown");
}

function evidence(opened: readonly Backend[], sample: Sample, thresholds: Context["thresholds"]): string[] {
  const places = byClient(opened);
  return [
    `by application: ${applications(opened)}`,
    `from ${plural(places.size, "client")}: ${tallied(sizes(places))}`,
    usage(opened, sample, thresholds),
  ];
}

/** Somebody else may have come in the same seconds. */
function whose(groups: ReadonlyMap<string, readonly Backend[]>, all: number): string {
  const [[name, most]] = [...groups].sort(([, a], [, b]) => b.length - a.length) as [[string, readonly Backend[]]];
  if (most.length === all) return `by ${name}`;
  return most.length >= MOSTLY * all ? `mostly by ${name}` : `by ${groups.size} applications`;
}

const MOSTLY = 0.8;

function usage(opened: readonly Backend[], sample: Sample, thresholds: Context["thresholds"]): string {
  const { used } = slots(sample, thresholds);
  const all = used.high === used.low ? String(used.low) : `${used.low} to ${used.high}`;
  const idle = opened.filter(({ state }) => state === "idle").length;
  return `they hold ${opened.length} of ${all} used slots; ${ofThem(idle)} idle`;
}
