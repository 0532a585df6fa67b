import { isFull, slots, type LimitUse, type Slots } from "../analysis/slots.ts";
import { secondsSince } from "../model/reading.ts";
import { duration } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule, type Step } from "./rule.ts";
import { sessions } from "./sources.ts";
import { POOLER } from "./steps.ts";
import { applications, ofThem, short } from "./words.ts";

export const connectionLimit: Rule = {
  id: "connection-limit",
  title: "a role or a database at its own CONNECTION LIMIT, or close to it, whatever the server has left",
  check: (context) =>
    slots(context.sample, context.thresholds)
      .limits.filter((limit) => isNear(limit, context))
      .sort((a, b) => b.used.low / b.limit - a.used.low / a.limit)
      .slice(0, MOST)
      .map((limit) => finding(limit, context)),
};

/** A limit of 0 shuts somebody out on purpose; one of 1 or 2 that is reached keeps a job from running twice. */
const ON_PURPOSE = 2;
const MOST = 5;

function isNear({ limit, used }: LimitUse, { thresholds }: Context): boolean {
  return limit > 0 && used.low > 0 && used.low * 100 >= limit * thresholds.warn;
}

function finding(limit: LimitUse, { sample, thresholds }: Context): Finding {
  const { kind, name, used } = limit;
  const isCritical = isFull(limit) && limit.limit > ON_PURPOSE;
  const theirs = sessions(sample).filter(({ user, database }) => (kind === "role" ? user : database) === name);
  const resting = theirs
    .filter(({ state }) => state === "idle")
    .sort((a, b) => (a.stateChangeSeconds ?? 0) - (b.stateChangeSeconds ?? 0));
  const hidden = used.high - used.low;
  const now = slots(sample, thresholds);
  const longest = secondsSince(resting[0]?.stateChangeSeconds ?? null, sample);
  return {
    id: connectionLimit.id,
    about: `${kind}:${name}`,
    severity: isCritical ? "critical" : "warning",
    title: title(limit),
    evidence: [
      `CONNECTION LIMIT ${limit.limit}, ${used.low} used${hidden > 0 ? `, and perhaps ${hidden} more that our role may not look into` : ""}; superusers are exempt`,
      ...(theirs.length > 0 ? [`by application: ${applications(theirs)}`] : []),
      `${ofThem(resting.length)} idle${longest === null ? "" : `, one for ${duration(longest)}`}`,
      ...(now.free.app === null ? [] : [`${now.free.app} app slots of the server are free`]),
    ],
    next: steps(limit, now, resting.length),
    avoid: ["do not give the application a superuser's role to get around the limit: it would eat the reserve as well"],
    sessions: (resting.length > 0 ? resting : theirs).slice(0, MOST_SESSIONS),
  };
}

function title(limit: LimitUse): string {
  const { kind, name, used } = limit;
  const atLeast = used.high > used.low ? "at least " : "";
  const what = `${kind} ${short(name, 32)} has ${atLeast}${used.low} of its ${limit.limit} connections`;
  return isFull(limit) ? `${what}: its next one is refused` : what;
}

function steps({ kind, name, limit }: LimitUse, { free }: Slots, resting: number): Step[] {
  const steps: Step[] = [];
  if (resting > 0) steps.push({ text: "end idle sessions of it, the longest idle first, and make its pool smaller" });
  const more = Math.ceil(limit / 2);
  if (free.app !== null && free.app > more) {
    const sql = `ALTER ${kind.toUpperCase()} ${identifier(name)} CONNECTION LIMIT ${limit + more};`;
    steps.push({ text: "if it is meant to have more: there are slots for that, and it works at once", sql });
  }
  return [...steps, POOLER];
}
