import { slots } from "../analysis/slots.ts";
import { speaksSql } from "../model/lane.ts";
import { plural } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import type { Rule } from "./rule.ts";
import { are, short } from "./words.ts";

export const hiddenBackends: Rule = {
  id: "hidden-backends",
  title: "sessions whose details our role may not see: every number here is then a lower bound",
  check({ sample, thresholds }) {
    const { hidden, used } = slots(sample, thresholds);
    const { lane, user } = sample.server;
    // Without SQL no grant shows more.
    if (hidden === 0 || !speaksSql(lane)) return [];
    return [
      {
        id: hiddenBackends.id,
        about: "",
        severity: "info",
        title: `${hidden} of ${plural(used.high, "session")} ${are(hidden)} hidden from ${short(user)}: what ${hidden === 1 ? "it does, and whom it blocks" : "they do, and whom they block"}, is not seen`,
        evidence: [
          `of ${hidden === 1 ? "it" : "them"} the server tells pid, role, database, application and transaction ids, and nothing else`,
          `slots used: ${used.low} surely, ${used.high} at most`,
        ],
        next: [
          { text: "as a superuser, let this role see everything", sql: `GRANT pg_monitor TO ${identifier(user)};` },
          {
            text: "and if it is to end sessions as well",
            sql: `GRANT pg_signal_backend TO ${identifier(user)};`,
          },
        ],
        avoid: ["do not make it a superuser for that: pg_monitor shows as much, and changes nothing"],
        sessions: [],
      },
    ];
  },
};
