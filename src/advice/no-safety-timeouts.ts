import { lastResult } from "../analysis/last-result.ts";
import { isClient, mayBeClient } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import type { TimeoutName, Tuning } from "../model/tuning.ts";
import { plural } from "../text/format.ts";
import type { Finding, Rule, Step } from "./rule.ts";
import { timeoutFor } from "../analysis/setting.ts";
import { setForRole } from "./steps.ts";
import { are, listed, short } from "./words.ts";

export const noSafetyTimeouts: Rule = {
  id: "no-safety-timeouts",
  title: "roles whose forgotten transactions nothing ends",
  check({ sample }) {
    const { tuning } = sample.server;
    if (tuning === null) return [];
    const unsafe = rolesHere(sample).filter((one) => isUnsafe(one, tuning));
    return unsafe.length === 0 ? [] : [finding(unsafe, sample, tuning)];
  },
};

const MOST = 5;

interface Role {
  readonly name: string;
  readonly databases: readonly string[];
  readonly sessions: number;
}

/** The roles that have sessions, but for our own one; a hidden row tells its role and its database as well. The most sessions first. */
const rolesHere = lastResult((sample: Sample): readonly Role[] => {
  const roles = new Map<string, { databases: Set<string>; sessions: number }>();
  for (const backend of sample.backends) {
    if (backend.pid === sample.server.ownPid || backend.user === null || backend.database === null) continue;
    if (!isClient(backend) && !mayBeClient(backend)) continue;
    let role = roles.get(backend.user);
    if (role === undefined) roles.set(backend.user, (role = { databases: new Set(), sessions: 0 }));
    role.databases.add(backend.database);
    role.sessions++;
  }
  return [...roles]
    .map(([name, { databases, sessions }]) => ({ name, databases: [...databases], sessions }))
    .sort((a, b) => b.sessions - a.sessions || (a.name < b.name ? -1 : 1));
});

/** Off in one of its databases at least, and no longest time for transactions instead. What is not known is not off. */
function isUnsafe({ name, databases }: Role, tuning: Tuning): boolean {
  const off = (timeout: TimeoutName, database: string): boolean => {
    const seconds = timeoutFor(tuning, timeout, name, database);
    return seconds !== null && seconds <= 0;
  };
  const limited = (database: string): boolean => (timeoutFor(tuning, "transaction_timeout", name, database) ?? 0) > 0;
  return databases.some((database) => off(IDLE, database) && !limited(database));
}

const IDLE = "idle_in_transaction_session_timeout";

function finding(unsafe: readonly Role[], { server }: Sample, tuning: Tuning): Finding {
  const names = unsafe.map(({ name }) => short(name));
  const endless = unsafe.filter(
    ({ name, databases }) =>
      !server.superusers.includes(name) &&
      databases.some((database) => timeoutFor(tuning, "statement_timeout", name, database) === 0),
  );
  return {
    id: noSafetyTimeouts.id,
    about: "",
    severity: "info",
    title: `nothing ends forgotten transactions of ${unsafe.length > 3 ? `${unsafe.length} roles` : listed(names)}: ${IDLE} is off`,
    evidence: [
      ...unsafe.slice(0, 3).map(({ name, sessions }) => `${short(name)} has ${plural(sessions, "session")} now`),
      ...(endless.length > 0
        ? [
            `${listed(endless.map(({ name }) => short(name)))} ${are(endless.length)} without a statement_timeout as well`,
          ]
        : []),
      "what a session sets for itself is not seen from outside",
    ],
    next: steps(unsafe, endless, server),
    avoid: [
      "do not set statement_timeout for the whole server: maintenance and reports run as long as they must",
      "do not set idle_session_timeout for a role behind a pooler: its connections rest, and are needed",
    ],
    sessions: [],
  };
}

function steps(unsafe: readonly Role[], endless: readonly Role[], server: Sample["server"]): Step[] {
  return [
    ...unsafe
      .slice(0, MOST)
      .map(({ name }) => setForRole(name, IDLE, "5min", `for sessions of ${short(name)} from then on`)),
    ...endless
      .slice(0, MOST)
      .map(({ name }) =>
        setForRole(name, "statement_timeout", "1min", `if no query of ${short(name)} may take longer than that`),
      ),
    ...((majorOf(server) ?? 0) >= 14
      ? [{ text: "for people's roles, not for a pool's: idle_session_timeout closes what somebody has left open" }]
      : []),
  ];
}
