import { clientName } from "../analysis/client-name.ts";
import type { Sample } from "../model/reading.ts";
import { plural, span } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { MOST_SESSIONS, type Context, type Finding, type ReturnedGroup, type Rule, type Step } from "./rule.ts";
import { connectionsOf, sessions } from "./sources.ts";
import { POOLER } from "./steps.ts";
import { short, sourceName } from "./words.ts";

export const reconnectStorm: Rule = {
  id: "reconnect-storm",
  title: "sessions that were ended here and came back: no slot was won, the source has to be stopped",
  check: (context) =>
    context.returned
      .filter(({ ended, came, secondsAgo }) => ended >= LEAST && came >= ended && secondsAgo <= context.ages.returned)
      .map((group) => finding(group, context)),
};

/** One session that its pool opens again may be what was wanted: its transaction is over. */
const LEAST = 2;

function finding(group: ReturnedGroup, { sample }: Context): Finding {
  const { role, application, client, ended, came, secondsAgo } = group;
  const name = `${sourceName(group)}${client === null ? "" : `@${client}`}`;
  const theirs = sessions(sample).filter(
    (backend) => backend.user === role && backend.application === application && clientName(backend) === client,
  );
  const net = came - ended;
  return {
    id: reconnectStorm.id,
    about: JSON.stringify([role, application, client]),
    severity: "warning",
    title: `${ended} ended, ${came} came back from ${name}: ${net === 0 ? "net 0 slots" : `${plural(net, "slot")} more used than before`}`,
    evidence: [
      `they were ended ${span(secondsAgo)} ago`,
      `${plural(theirs.length, "session")} from there now, role ${short(role ?? "?")}`,
    ],
    next: steps(group, sample),
    avoid: [
      "do not end them again before their source is stopped: each login costs the server more than a session that rests",
    ],
    sessions: theirs
      .toSorted((a, b) => (b.backendStartSeconds ?? 0) - (a.backendStartSeconds ?? 0))
      .slice(0, MOST_SESSIONS),
  };
}

function steps({ role, client, came }: ReturnedGroup, sample: Sample): Step[] {
  const where = client === null || client === "local" ? "on the server's own machine" : `on ${client}`;
  const steps: Step[] = [
    { text: `stop the source ${where}, or make its pool smaller: pools open again what was closed` },
  ];
  if (role === null || sample.server.superusers.includes(role)) return [...steps, POOLER];
  // Whatever else connects as this role counts against its limit as well.
  const others = connectionsOf(role, sample) - came;
  if (others > 0)
    steps.push({
      text: "or, for all sessions of the role together, let no more in than it had beside these; then end them once more",
      sql: `ALTER ROLE ${identifier(role)} CONNECTION LIMIT ${others};`,
    });
  return [...steps, POOLER];
}
