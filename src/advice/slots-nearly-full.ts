import { levelOf, slots, type Slots } from "../analysis/slots.ts";
import { majorOf, type Refused } from "../model/server.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { duration, plural } from "../text/format.ts";
import { lowest } from "./lowest.ts";
import { MOST_SESSIONS, type Finding, type Rule, type Step } from "./rule.ts";
import { levelNow } from "./slots-level.ts";
import { sessions } from "./sources.ts";
import { NOT_MAX_CONNECTIONS, POOLER } from "./steps.ts";
import { applications, are, byApplication, sourceName } from "./words.ts";

/** What is to be done about slots follows from who holds them: the other rules say that, and come first where they do. */
export const slotsNearlyFull: Rule = {
  id: "slots-nearly-full",
  title: "few connection slots, or none, left for ordinary roles",
  check({ sample, thresholds }) {
    const level = levelNow(sample, thresholds);
    if (level !== "warn" && level !== "critical") return [];
    const now = slots(sample, thresholds);
    // Where the numbers do not say so, the server does: it has just refused somebody.
    if (levelOf(now.used.low, sample.server.settings, thresholds) === level) return [finding(sample, now, level)];
    // What takes the places of processes, and no slots, is another rule's to explain.
    return now.halfOpen > 0 ? [] : [finding(sample, now, level)];
  },
};

function finding(sample: Sample, now: Slots, level: "warn" | "critical"): Finding {
  const resting = largestIdle(sample);
  return {
    id: slotsNearlyFull.id,
    about: "",
    severity: level === "warn" ? "warning" : level,
    title: title(now, sample.server.postmaster?.refuses ?? null, largest(sample, now)),
    evidence: evidence(sample, now, resting),
    next: steps(resting, sample),
    avoid: [
      NOT_MAX_CONNECTIONS,
      "do not end sessions without looking where they come from: a pool opens them again at once",
    ],
    sessions: resting.named,
  };
}

/** ", 50 by leaky-worker": whoever has most of them, where that says something; else empty. */
function largest(sample: Sample, { app, used }: Slots): string {
  const [most] = [...byApplication(sessions(sample))].sort(([, a], [, b]) => b.length - a.length);
  if (most === undefined || app === null || most[1].length < app * LARGE) return "";
  const [name, { length }] = most;
  return `, ${length === used.low && used.low === used.high ? "all" : length} by ${name}`;
}

const LARGE = 0.3;

function title({ app, used, free }: Slots, refuses: Refused, by: string): string {
  const atLeast = used.high > used.low ? "at least " : "";
  if (app === null || (refuses !== null && used.low < app)) {
    const seen = `${used.low} sessions ${app === null ? "are seen" : `of ${app} app slots are counted`}`;
    return `the server refuses ${refuses} for want of a slot, though no more than ${seen}`;
  }
  if (used.low >= app) return `all ${app} app slots are used${by}: ordinary roles are refused`;
  const left = `${free.app ?? `at most ${app - used.low}`} left for ordinary roles`;
  return `${atLeast}${used.low} of ${app} app slots are used${by === "" ? "," : `${by}:`} ${left}`;
}

function evidence(sample: Sample, now: Slots, { named: [first] }: Resting): string[] {
  const { used, hidden } = now;
  const shown = sessions(sample);
  const idle = shown.filter(({ state }) => state === "idle").length;
  const said = [
    limitWords(now),
    `who still gets in: ${stillIn(sample, now)}`,
    `by application: ${applications(shown)}`,
  ];
  const longest = secondsSince(first?.stateChangeSeconds ?? null, sample);
  if (idle > 0) said.push(`${idle} ${are(idle)} idle${longest === null ? "" : `, one for ${duration(longest)}`}`);
  if (hidden > 0) said.push(`${hidden} of up to ${used.high} are hidden from our role`);
  return said;
}

function limitWords({ max, superuserReserved, reserved }: Slots): string {
  if (max === null || superuserReserved === null || reserved === null) return "not all of its limits are known";
  const kept = [
    `${superuserReserved} for superusers`,
    ...(reserved > 0 ? [`${reserved} of reserved_connections`] : []),
  ];
  return `max_connections ${max}, less ${kept.join(" and ")}`;
}

/** A promise of no more than what the numbers say: sessions that are just being opened are not all seen. */
function stillIn(sample: Sample, { free, walsenders, superuserReserved, reserved }: Slots): string {
  const who: string[] = [];
  if (free.app !== null && free.app > 0) who.push(`${free.app} of any role`);
  if (free.reserved !== null && free.reserved > (free.app ?? 0) && (reserved ?? 0) > 0)
    who.push(`${free.reserved} of members of pg_use_reserved_connections`);
  if (free.superuser !== null && free.superuser > 0 && (superuserReserved ?? 0) > 0)
    who.push(`${free.superuser} of superusers`);
  const places = walsenders.max === null ? 0 : walsenders.max - walsenders.used;
  if ((majorOf(sample.server) ?? 0) >= 12 && places > 0) who.push(plural(places, "walsender"));
  return who.length === 0 ? "nobody, as far as can be told" : who.join(", ");
}

/** The idle sessions of the application that has most of them: the cheapest ones to end. */
interface Resting {
  readonly count: number;
  /** The longest idle first. */
  readonly named: readonly Backend[];
}

function largestIdle(sample: Sample): Resting {
  const idle = sessions(sample).filter(({ state }) => state === "idle");
  const groups = [...byApplication(idle).values()];
  const [largest = []] = groups.sort((a, b) => b.length - a.length);
  const named = lowest(largest, MOST_SESSIONS, ({ stateChangeSeconds }) => stateChangeSeconds ?? 0);
  return { count: largest.length, named };
}

function steps({ count, named: [first] }: Resting, sample: Sample): Step[] {
  const steps: Step[] = [];
  if (first !== undefined) {
    const longest = secondsSince(first.stateChangeSeconds, sample);
    const age = longest === null ? "" : `, the longest idle (${duration(longest)}) first`;
    steps.push({
      text: `room for now: end idle sessions of ${sourceName({ application: first.application, role: first.user })}, ${count} of them${age}`,
    });
  }
  steps.push({ text: "then stop what opens them: fewer connections in its pool, or fewer instances of it" }, POOLER);
  return steps;
}
