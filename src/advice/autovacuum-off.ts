import { isOff, settingOf } from "../analysis/setting-read.ts";
import type { Sample } from "../model/reading.ts";
import { count } from "../text/format.ts";
import type { Finding, Rule, Step } from "./rule.ts";
import { change } from "./steps.ts";
import { short } from "./words.ts";

export const autovacuumOff: Rule = {
  id: "autovacuum-off",
  title: "autovacuum switched off, by itself or with track_counts, without which it knows of no work",
  check({ sample }) {
    const { tuning, role } = sample.server;
    // A standby has none whatever is set, and what our own session begins with says nothing of the others.
    if (tuning === null || role === "standby") return [];
    const off = OFF_BY.filter((name) => isOff(sample.server, name));
    return off.length === 0 ? [] : [finding(off, sample)];
  },
};

const OFF_BY = ["autovacuum", "track_counts"] as const;
type Switch = (typeof OFF_BY)[number];

function finding(off: readonly Switch[], { server }: Sample): Finding {
  const { databaseAges } = server;
  const tuning = server.tuning!;
  const [oldest] = databaseAges;
  const freezeAt = count(tuning.autovacuumFreezeMaxAge);
  const first = off[0]!;
  return {
    id: autovacuumOff.id,
    about: "",
    severity: "warning",
    title:
      first === "autovacuum"
        ? `autovacuum is off: no table is vacuumed before transaction ids in it are ${freezeAt} old`
        : `track_counts is off, and autovacuum with it: nothing is vacuumed before transaction ids are ${freezeAt} old`,
    evidence: [
      ...off.map((name) => `${name} = off comes from: ${settingOf(tuning, name)?.source ?? "unknown"}`),
      "dead rows stay until somebody runs VACUUM: tables and indexes grow, and statistics for the planner grow old",
      ...(oldest === undefined
        ? []
        : [`the oldest database is ${short(oldest.name)}, ${count(oldest.xids)} transaction ids old`]),
    ],
    next: [
      ...off.map((name) => change(name, "on", `switch ${name} on again`, server)),
      off.includes("track_counts") ? LARGEST : MOST_DEAD,
    ],
    avoid: [
      "do not leave it off for a load: a table can go without for a while by itself, ALTER TABLE … SET (autovacuum_enabled = off)",
    ],
    sessions: [],
    process: "autovacuum launcher",
  };
}

const MOST_DEAD: Step = {
  text: "which tables have the most dead rows, in each database: the first of them are best vacuumed by hand",
  sql: "SELECT relid::regclass, n_dead_tup, n_live_tup, last_vacuum, last_autovacuum FROM pg_stat_all_tables ORDER BY n_dead_tup DESC LIMIT 10;",
};

/** Nobody has counted dead rows. */
const LARGEST: Step = {
  text: "which tables are the largest, in each database: nobody has counted their dead rows, and VACUUM by hand finds them",
  sql: "SELECT oid::regclass, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class WHERE relkind IN ('r', 'm') ORDER BY pg_total_relation_size(oid) DESC LIMIT 10;",
};
