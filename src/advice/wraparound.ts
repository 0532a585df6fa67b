import { autovacuumWorkers, preventsWraparound } from "../analysis/autovacuum.ts";
import { pins, type Pin } from "../analysis/horizon.ts";
import type { DatabaseAge } from "../model/horizon.ts";
import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import type { Tuning } from "../model/tuning.ts";
import { count, plural } from "../text/format.ts";
import { pinWords, release } from "./pins.ts";
import type { Finding, Rule } from "./rule.ts";
import { short } from "./words.ts";

export const wraparound: Rule = {
  id: "wraparound",
  title:
    "a database whose oldest transaction id should have been frozen long ago: at the end of the ids the server stops writing",
  check({ sample }) {
    const { tuning, databaseAges } = sample.server;
    if (tuning === null) return [];
    const old = databaseAges
      .map((database) => ({ database, ...worstOf(database, tuning) }))
      .filter(({ age, freezeAt }) => age >= freezeAt * LATE || age >= CRITICAL)
      .sort((a, b) => b.age - a.age);
    return old.length === 0 ? [] : [finding(old, sample)];
  },
};

/** Autovacuum freezes at freezeAt, whatever happens; so far beyond it something keeps it from that. */
const LATE = 1.5;
const CRITICAL = 1.2e9;
const END = 2 ** 31;

/** So many before the end, the server writes no more. */
function reserve(sample: Sample): number {
  return (majorOf(sample.server) ?? 14) >= 14 ? 3_000_000 : 1_000_000;
}

interface Old {
  readonly database: DatabaseAge;
  readonly what: "transaction ids" | "multixacts";
  readonly age: number;
  readonly freezeAt: number;
}

/** The one of both that is further beyond its limit. */
function worstOf({ xids, multixacts }: DatabaseAge, tuning: Tuning): Omit<Old, "database"> {
  const byXid = { what: "transaction ids" as const, age: xids, freezeAt: tuning.autovacuumFreezeMaxAge };
  const byMulti = {
    what: "multixacts" as const,
    age: multixacts,
    freezeAt: tuning.autovacuumMultixactFreezeMaxAge,
  };
  return multixacts / byMulti.freezeAt > xids / byXid.freezeAt ? byMulti : byXid;
}

function finding(old: readonly Old[], sample: Sample): Finding {
  const [{ database, what, age, freezeAt }] = old as readonly [Old, ...Old[]];
  const left = Math.max(0, END - reserve(sample) - age);
  const pin = what === "transaction ids" ? pinOf(age, sample) : null;
  const setting = what === "multixacts" ? "autovacuum_multixact_freeze_max_age" : "autovacuum_freeze_max_age";
  const at = autovacuumWorkers(sample).filter(preventsWraparound);
  return {
    id: wraparound.id,
    about: database.name,
    severity: age >= CRITICAL ? "critical" : "warning",
    title: `database ${short(database.name)} is ${count(age)} ${what} old, ${count(left)} before the server stops writing`,
    evidence: [
      `autovacuum should have frozen it at ${count(freezeAt)} (${setting})`,
      heldBackWords(what, pin, sample),
      `${at.length === 0 ? "no autovacuum worker works" : plural(at.length, "autovacuum worker works", "autovacuum workers work")} against it now`,
      ...(old.length > 1
        ? [
            `as old: ${old
              .slice(1, 4)
              .map((one) => `${short(one.database.name)} ${count(one.age)}`)
              .join(", ")}`,
          ]
        : []),
    ],
    next: [
      ...(pin === null ? [] : [release(pin)]),
      { text: `find the oldest tables, in database ${short(database.name)}`, sql: OLDEST_TABLES[what] },
      {
        text: "VACUUM these, one by one, as their owner or a superuser; or, slower, the whole database",
        sql: "VACUUM (VERBOSE);",
      },
    ],
    avoid: [
      "do not use VACUUM FREEZE or FULL: the one does more than is needed, the other needs a transaction id itself",
      "do not end autovacuum workers that run to prevent wraparound: they begin anew",
      "do not restart into single-user mode: VACUUM works in any session, also when the server writes no more",
    ],
    sessions: pin !== null && "backend" in pin ? [pin.backend] : [],
  };
}

const OLDEST_TABLES: Readonly<Record<Old["what"], string>> = {
  "transaction ids":
    "SELECT oid::regclass, age(relfrozenxid) FROM pg_class WHERE relkind IN ('r', 't', 'm') ORDER BY 2 DESC LIMIT 10;",
  multixacts:
    "SELECT oid::regclass, mxid_age(relminmxid) FROM pg_class WHERE relkind IN ('r', 't', 'm') ORDER BY 2 DESC LIMIT 10;",
};

/** What is much younger than the database's age is not the reason for it. */
const ENOUGH = 0.5;

/**
 * The oldest of all, whatever it keeps: a database is as old as its oldest table, its catalogs among them, which a logical slot keeps, and
 * the shared ones, which are kept by whatever is open in any database.
 */
function pinOf(age: number, sample: Sample): Pin | null {
  // A standby sees its own sessions alone, and VACUUM runs on the primary.
  if (sample.server.role === "standby") return null;
  return pins(sample)?.all.find(({ xidAge }) => xidAge >= age * ENOUGH) ?? null;
}

function heldBackWords(what: Old["what"], pin: Pin | null, sample: Sample): string {
  if (pin !== null) return `held back by ${pinWords(pin, sample)}`;
  if (what === "multixacts")
    return "transactions that have been open for long hold multixacts back; which of them, no view tells";
  if (sample.server.role === "standby") return "what holds it back is to be seen on the primary";
  if (pins(sample) === null) return "what holds it back is not known";
  return "no session, prepared transaction or slot is seen that holds it back: VACUUM has not got to it, or is too slow";
}
