import { slots } from "../analysis/slots.ts";
import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import { duration, span } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { leaks, type Leak } from "./leaks.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule, type Step } from "./rule.ts";
import { levelNow } from "./slots-level.ts";
import { connectionsOf } from "./sources.ts";
import { setForRole } from "./steps.ts";
import { listed, short, sourceName } from "./words.ts";

export const leak: Rule = {
  id: "leak",
  title: "an application that opens one session after the other, uses each once at the most, and closes none",
  check: (context) =>
    leaks(context.sample, context.history, context.ages)
      .slice(0, MOST)
      .map((one) => finding(one, context)),
};

const MOST = 5;
/** Less than this of the app slots, and there is time. */
const GOOD_PART = 0.1;

function finding(one: Leak, { sample, thresholds }: Context): Finding {
  const { application, role, leaked } = one;
  const app = slots(sample, thresholds).app ?? Infinity;
  const fills = levelNow(sample, thresholds) === "critical" && leaked.length >= GOOD_PART * app;
  return {
    id: leak.id,
    about: JSON.stringify([application, role]),
    severity: fills ? "critical" : "warning",
    title: `${sourceName(one)} leaks sessions: ${leaked.length} opened one by one in ${duration(one.firstSeconds - one.lastSeconds)} and left idle, ${rate(one)}`,
    evidence: evidence(one),
    next: steps(one, sample),
    avoid: ["do not just end them: it opens new ones until it is repaired or stopped"],
    // Those that have been idle the longest are the cheapest to end.
    sessions: leaked.slice(0, MOST_SESSIONS),
  };
}

function rate({ perMinute }: Leak): string {
  return perMinute >= 1
    ? `${perMinute.toFixed(perMinute < 10 ? 1 : 0)} a minute`
    : `${(perMinute * 60).toFixed(1)} an hour`;
}

function evidence(one: Leak): string[] {
  const { leaked, inUse, neverUsed, growth, clients, role, firstSeconds, lastSeconds } = one;
  const last = leaked.findLast(({ queryStartSeconds }) => queryStartSeconds !== null);
  const used =
    neverUsed === 0 ? "each used once, right after it was opened" : `${neverUsed} never used, the others once`;
  const said = [
    `${used}; ${inUse === 0 ? "none" : inUse} of its sessions used again`,
    `the first one opened ${span(firstSeconds)} ago, the last one ${span(lastSeconds)} ago`,
    `role ${short(role ?? "?")} from ${listed(clients.map((client) => client ?? "an unknown address").sort())}`,
  ];
  if (growth !== null && growth.sessions > 0)
    said.push(`${growth.sessions} more of them than ${span(growth.seconds)} ago`);
  if (last !== undefined && last.query !== "") said.push(`the last query of nearly all: ${short(last.query, 120)}`);
  return said;
}

function steps({ role, leaked }: Leak, sample: Sample): Step[] {
  const { server } = sample;
  const steps: Step[] = [
    { text: "stop or roll back the application that opens them: its code forgets to close or to release" },
    { text: `then end the idle ones, the oldest first: ${leaked.length} slots` },
  ];
  const isLimited = role === null || server.limits.some(({ kind, name }) => kind === "role" && name === role);
  if (!isLimited && !server.superusers.includes(role))
    steps.push({
      text: "until it is repaired, keep it from taking the slots of others: no more for its role, in all, than it has now",
      // The limit counts whatever else connects as this role: less would shut that out as well.
      sql: `ALTER ROLE ${identifier(role)} CONNECTION LIMIT ${connectionsOf(role, sample)};`,
    });
  if ((majorOf(server) ?? 0) >= 14)
    steps.push(
      setForRole(
        role,
        "idle_session_timeout",
        "15min",
        "let the server close what is forgotten, unless the role is behind a pooler",
      ),
    );
  return steps;
}
