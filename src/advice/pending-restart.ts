import type { Setting } from "../model/tuning.ts";
import { literal } from "../text/literal.ts";
import { plural } from "../text/format.ts";
import { asShown } from "../text/setting-value.ts";
import type { Finding, Rule } from "./rule.ts";
import type { Sample } from "../model/reading.ts";
import { listed, short } from "./words.ts";

export const pendingRestart: Rule = {
  id: "pending-restart",
  title: "settings that were changed in the configuration files and wait for a restart, whoever brings it about",
  check({ sample }) {
    const waiting = (sample.server.tuning?.settings ?? []).filter((setting) => setting.pendingRestart);
    return waiting.length === 0 ? [] : [finding(waiting, sample)];
  },
};

function finding(waiting: readonly Setting[], { server }: Sample): Finding {
  const names = waiting.map(({ name }) => short(name, 40));
  const one = waiting.length === 1;
  return {
    id: pendingRestart.id,
    about: "",
    severity: "info",
    title: `${plural(waiting.length, "setting waits", "settings wait")} for a restart: ${listed(names, 2)}`,
    evidence: [
      ...waiting.slice(0, MOST).map((setting) => `${short(setting.name, 40)} runs with ${runsWith(setting)}`),
      ...(waiting.length > MOST ? [`and ${waiting.length - MOST} more`] : []),
      `the configuration files have ${one ? "another value" : "other values"}: the next restart takes ${one ? "it" : "all of them at once"}, also one after a crash of the machine`,
    ],
    next: [
      {
        text: "as a superuser, see what a restart brings: the last line of each name; one without a line gets its default, and may be marked though it has that",
        sql: `SELECT name, setting, applied, error, sourcefile, sourceline FROM pg_file_settings WHERE name IN (${waiting.map(({ name }) => literal(name)).join(", ")}) ORDER BY seqno;`,
      },
      { text: "if it is wanted: restart at a time of your choosing; it ends all sessions and their transactions" },
      {
        text: `if ${one ? "it is" : "one of them is"} not: take ${one ? "it" : "that"} out of the file, or out of what ALTER SYSTEM has written`,
        sql: `ALTER SYSTEM RESET ${waiting[0]!.name}; SELECT pg_reload_conf();`,
      },
    ],
    avoid: [
      ...(one ? [] : ["do not restart for one of them before you have looked at the others: it brings them too"]),
      ...(server.role === "standby" && waiting.some(({ name }) => LIMITS_OF_STANDBYS.has(name))
        ? ["do not restart a standby with less of these than its primary has: it does not start"]
        : []),
    ],
    sessions: [],
  };
}

const MOST = 3;

/** What a standby needs as much of as its primary has. */
const LIMITS_OF_STANDBYS: ReadonlySet<string> = new Set([
  "max_connections",
  "max_worker_processes",
  "max_wal_senders",
  "max_prepared_transactions",
  "max_locks_per_transaction",
]);

/** Of a text nobody knows whether it holds a password: it is not read. */
function runsWith(setting: Setting): string {
  return setting.value === "" ? "a value that is not shown here" : short(asShown(setting), 24);
}
