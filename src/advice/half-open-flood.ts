import { slots } from "../analysis/slots.ts";
import { isHalfOpen, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { plural } from "../text/format.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule } from "./rule.ts";
import { grouped } from "./sources.ts";
import { change } from "./steps.ts";
import { listed } from "./words.ts";

export const halfOpenFlood: Rule = {
  id: "half-open-flood",
  title: "connections that never say who they are, or never give a password, and take the places of those that would",
  check(context) {
    const silent = silentOnes(context);
    const max = slots(context.sample, context.thresholds).max ?? LEAST;
    return silent.length >= Math.max(LEAST, max * GOOD_PART) ? [finding(silent, context)] : [];
  },
};

const LEAST = 10;
/** Of max_connections. */
const GOOD_PART = 0.1;

/**
 * In the host lane, children of the postmaster that have heard nothing of their client, and sessions that authenticate for ever. By SQL the
 * latter alone, and from 18 on alone. Whoever has just come is not one of them.
 */
function silentOnes({ sample, ages }: Context): Backend[] {
  return sample.backends.filter((backend) => {
    if (!isHalfOpen(backend) && backend.state !== "starting") return false;
    return (secondsSince(backend.backendStartSeconds, sample) ?? 0) >= ages.starting;
  });
}

function finding(silent: readonly Backend[], { sample, thresholds }: Context): Finding {
  const halfOpen = silent.filter(isHalfOpen).length;
  const starting = silent.length - halfOpen;
  const { max, app, used, walsenders } = slots(sample, thresholds);
  const refuses = sample.server.postmaster?.refuses ?? null;
  const full = refuses === "everybody" || (app !== null && used.low >= app);
  const kinds = [
    ...(halfOpen > 0
      ? [`${halfOpen} have not said who they are: they hold no slot, but a place among the server's processes`]
      : []),
    ...(starting > 0 ? [`${starting} have not finished authenticating: each holds a connection slot meanwhile`] : []),
  ];
  const places = max === null || walsenders.max === null ? null : 2 * (max + walsenders.max);
  return {
    id: halfOpenFlood.id,
    about: "",
    severity: full ? "critical" : "warning",
    title: `${silent.length} connections have not become sessions${refuses === "everybody" ? ", and the server lets nobody in" : full ? ", and ordinary roles are refused" : ""}`,
    evidence: [
      ...kinds,
      `${used.low - starting} sessions${max === null ? "" : ` on ${max} slots`}${places === null || halfOpen === 0 ? "" : `; the server has room for about ${places} processes of connections`}`,
      ...fromWords(silent, sample),
    ],
    next: [
      {
        text: "find out what opens them: a port scan, a health check that never logs in, a firewall that drops packets",
      },
      { text: "shut its address out at the firewall; they go by themselves after authentication_timeout" },
      change("authentication_timeout", "10s", "shorten that time for those that come", sample.server),
    ],
    avoid: [
      "do not raise max_connections or restart for it: they come again",
      "do not look for sessions to end: these are none",
    ],
    sessions: silent.slice(0, MOST_SESSIONS),
  };
}

/** By address: of the kernel's list of connections, where we see it, else of what the server tells. */
function fromWords(silent: readonly Backend[], { unfinished }: Sample): string[] {
  if (unfinished.length > 0) return [`from ${listed(unfinished.map(({ client, count }) => `${client} (${count})`))}`];
  const told = silent.filter(({ clientAddress }) => clientAddress !== null);
  if (told.length === 0) return [];
  const groups = [...grouped(told, ({ clientAddress }) => clientAddress!)].sort(([, a], [, b]) => b.length - a.length);
  return [`from ${listed(groups.map(([client, group]) => `${client} (${plural(group.length, "connection")})`))}`];
}
