import { blocking } from "../analysis/blocking.ts";
import type { PreparedXact } from "../model/horizon.ts";
import { secondsSince, xidAge, type Sample } from "../model/reading.ts";
import { count, duration, plural } from "../text/format.ts";
import { rollbackPrepared } from "../text/statements.ts";
import { piles } from "./piles.ts";
import type { Context, Finding, Rule } from "./rule.ts";
import { short } from "./words.ts";

export const preparedOrphan: Rule = {
  id: "prepared-orphan",
  title:
    "prepared transactions that nobody has committed or rolled back for minutes: no session holds them, so none can be ended",
  check(context) {
    const old = orphans(context);
    return old.slice(0, MOST).map((one) => finding(one, old.length, context));
  },
};

const MOST = 5;

/** The oldest first. One that many wait for is spoken of with them. */
function orphans({ sample, ages }: Context): PreparedXact[] {
  const explained = new Set(piles(sample).flatMap(({ prepared }) => prepared));
  return (sample.holdouts?.prepared ?? [])
    .filter((one) => !explained.has(one) && (secondsSince(one.preparedSeconds, sample) ?? 0) >= ages.prepared)
    .sort((a, b) => a.preparedSeconds - b.preparedSeconds);
}

function finding(one: PreparedXact, all: number, { sample }: Context): Finding {
  const { gid, owner, database } = one;
  const age = duration(secondsSince(one.preparedSeconds, sample));
  const behind = xidAge(one.xid, sample);
  return {
    id: preparedOrphan.id,
    about: gid,
    severity: "warning",
    title: `prepared transaction ${short(gid, 32)} of ${short(owner)} in ${short(database)} is ${age} old`,
    evidence: [
      `it keeps its locks, and dead rows of ${short(database)}${behind === null ? "" : `, those of the last ${behind === 1 ? "transaction" : `${count(behind)} transactions`}`}`,
      "it holds no slot, and a restart of the server does not end it",
      ...waitWords(sample),
      ...(all > 1 ? [`${all} prepared transactions are as old as that`] : []),
    ],
    next: [
      { text: "ask its coordinator (a transaction manager, an application server) whether it is to be committed" },
      {
        text: `if nobody wants it, in database ${short(database)}, as ${short(owner)} or a superuser`,
        sql: `${rollbackPrepared(gid)};`,
      },
      {
        text: "then, if nothing here uses two-phase commit: max_prepared_transactions = 0, which is its default; needs a restart",
      },
    ],
    avoid: ["do not roll back what the other side has committed: the two would differ for good"],
    sessions: [],
  };
}

/** Of which of them a session waits for is not said here. */
function waitWords(sample: Sample): string[] {
  const waiting = blocking(sample).blocks.get(0) ?? 0;
  return waiting === 0 ? [] : [`${plural(waiting, "session waits", "sessions wait")} behind prepared transactions`];
}
