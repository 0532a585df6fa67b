import { COMMAND_LINE_PLACES, isOnCommandLine, waitsForRestart } from "../analysis/setting-change.ts";
import type { Setting } from "../model/tuning.ts";
import { literal } from "../text/literal.ts";
import { plural } from "../text/format.ts";
import { asShown } from "../text/setting-value.ts";
import { alterSystem, RELOAD } from "../text/statements.ts";
import type { Finding, Rule, Step } from "./rule.ts";
import type { Sample } from "../model/reading.ts";
import { listed, short } from "./words.ts";

export const pendingRestart: Rule = {
  id: "pending-restart",
  title: "settings that were changed in the configuration files and wait for a restart, or for nothing at all",
  check({ sample }) {
    const marked = (sample.server.tuning?.settings ?? []).filter((setting) => setting.pendingRestart);
    const [waiting, overruled] = [marked.filter(waitsForRestart), marked.filter(isOnCommandLine)];
    return [
      ...(waiting.length === 0 ? [] : [waits(waiting, sample)]),
      ...(overruled.length === 0 ? [] : [inVain(overruled)]),
    ];
  },
};

/** What the finding is about of those that no restart brings about. */
export const COMMAND_LINE = "command line";

function waits(waiting: readonly Setting[], { server }: Sample): Finding {
  const one = waiting.length === 1;
  return {
    id: pendingRestart.id,
    about: "",
    severity: "info",
    title: `${plural(waiting.length, "setting waits", "settings wait")} for a restart: ${listed(namesOf(waiting), 2)}`,
    evidence: [
      ...runningWith(waiting),
      `the configuration files have ${one ? "another value" : "other values"}: the next restart takes ${one ? "it" : "all of them at once"}, also one after a crash of the machine`,
    ],
    next: [
      inFiles(
        waiting,
        "as a superuser, see what a restart brings: the last line of each name; one without a line gets its default, and may be marked though it has that",
      ),
      { text: "if it is wanted: restart at a time of your choosing; it ends all sessions and their transactions" },
      {
        text: `if ${one ? "it is" : "one of them is"} not: take ${one ? "it" : "that"} out of the file, or out of what ALTER SYSTEM has written`,
        sql: `ALTER SYSTEM RESET ${waiting[0]!.name};`,
        thenSql: RELOAD,
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

/** The server marks these too, after a reload; a restart takes the mark away until the next one, and changes nothing. */
function inVain(overruled: readonly Setting[]): Finding {
  const names = listed(namesOf(overruled), 2);
  const [first] = overruled;
  const one = overruled.length === 1;
  return {
    id: pendingRestart.id,
    about: COMMAND_LINE,
    severity: "info",
    title: `no restart changes ${names}: ${one ? "it stands" : "they stand"} on the server's command line; the files say otherwise`,
    evidence: [
      ...runningWith(overruled),
      "what stands on the command line goes before all configuration files, and before what ALTER SYSTEM writes: it has changed nothing, and will not",
    ],
    next: [
      inFiles(overruled, "as a superuser, see what somebody may have wanted: the last line of each name"),
      { text: `if it is wanted: change it where the server is started from (${COMMAND_LINE_PLACES}), and restart it` },
      {
        text: `if it is not: have the files say what ${one ? "it" : "each"} runs with, and nobody takes them for what is so`,
        ...(first!.value === "" ? {} : { sql: alterSystem(first!.name, asShown(first!)), thenSql: RELOAD }),
      },
    ],
    avoid: ["do not restart for it: all sessions end, and nothing changes"],
    sessions: [],
  };
}

function namesOf(settings: readonly Setting[]): string[] {
  return settings.map(({ name }) => short(name, 40));
}

function runningWith(settings: readonly Setting[]): string[] {
  return [
    ...settings.slice(0, MOST).map((setting) => `${short(setting.name, 40)} runs with ${runsWith(setting)}`),
    ...(settings.length > MOST ? [`and ${settings.length - MOST} more`] : []),
  ];
}

const MOST = 3;

function inFiles(settings: readonly Setting[], text: string): Step {
  return {
    text,
    sql: `SELECT name, setting, applied, error, sourcefile, sourceline FROM pg_file_settings WHERE name IN (${settings.map(({ name }) => literal(name)).join(", ")}) ORDER BY seqno;`,
  };
}

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
