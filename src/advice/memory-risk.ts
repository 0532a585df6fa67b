import type { Demand } from "../analysis/demand.ts";
import { MAINTENANCE_COMMANDS, mostParallelWorkers } from "../analysis/demand.ts";
import { autovacuumWorkersAllowed } from "../analysis/autovacuum.ts";
import { memory, type Memory } from "../analysis/memory.ts";
import { RESTING_BYTES } from "../analysis/private-memory.ts";
import { inSums } from "../analysis/own-settings.ts";
import { memorySettings } from "../analysis/setting.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { Setting, Tuning } from "../model/tuning.ts";
import { memoryText } from "../text/amount.ts";
import { bytes } from "../text/bytes.ts";
import { ownSettingWords } from "./own-setting-words.ts";
import { MOST_SESSIONS, type Finding, type Rule, type Step } from "./rule.ts";
import { sessions } from "./sources.ts";
import { change } from "./steps.ts";
import { listed, short } from "./words.ts";

export const memoryRisk: Rule = {
  id: "memory-risk",
  title: "more memory promised to sessions than the machine has, if all of them were at work",
  check({ sample }) {
    const { tuning } = sample.server;
    // Of most servers the machine is not known: nothing need be reckoned for these.
    if (tuning?.machineBytes == null) return [];
    const known = memory(sample);
    const { now, full, machine } = known;
    if (now === null || full === null || machine === null) return [];
    if (now.totalBytes <= machine.bytes && full.totalBytes <= machine.bytes) return [];
    return [finding(sample, tuning, { ...known, now, full, machine, ours: known.ours.filter(inSums) })];
  },
};

type Known = Memory & { readonly [name in "now" | "full" | "machine"]: NonNullable<Memory[name]> };

/** What sessions have that are not measured is a range. By its lower end it is told, so that looking closer makes no alarm and takes none away. */
function uncertainBytes({ sessions }: Memory): number {
  return sessions.highBytes - sessions.lowBytes;
}

function finding(sample: Sample, tuning: Tuning, known: Known): Finding {
  const { now, full, machine, ours } = known;
  const isNow = now.totalBytes > machine.bytes;
  const atLeast = now.totalBytes - uncertainBytes(known);
  // With settings that are ours alone, nobody knows what the others may take.
  const isSure = atLeast > machine.bytes && ours.length === 0;
  const shown = isNow ? now : full;
  const [least, most] = [bytes(atLeast), bytes(shown.totalBytes)];
  const needed =
    !isNow || isSure ? `would need ${most} and more` : `may need ${least === most ? "" : `${least} to `}${most}`;
  const whose = isNow ? `the ${now.sessions} sessions there are` : `max_connections = ${full.sessions} sessions`;
  const alike = ours.length === 0 ? "" : " if all are set as we are";
  return {
    id: memoryRisk.id,
    about: "",
    severity: isSure ? "warning" : "info",
    title: `${whose}, all at work, ${needed}${alike}; the ${machine.is} has ${bytes(machine.bytes)}`,
    evidence: evidence(sample, tuning, known),
    next: [
      { text: "fewer sessions: PgBouncer, pool_mode = transaction, 20 to 50 backends" },
      ...(ours.length === 0 ? lessWorkMem(sample, tuning, known) : [otherSettings(ours)]),
    ],
    avoid: [
      "do not rely on swap or on overcommit: when memory is gone the kernel kills a backend, and that ends all sessions",
    ],
    sessions: isNow ? hungriest(sessions(sample), tuning) : [],
  };
}

function lessWorkMem({ server }: Sample, tuning: Tuning, known: Known): readonly Step[] {
  const fits = fittingWorkMem(tuning, known);
  if (fits < MEGABYTE || fits >= tuning.workMemBytes) return [];
  return [
    change(
      "work_mem",
      memoryText(fits),
      "or less work_mem for everybody, and more for the sessions that need it; for queries from then on",
      server,
    ),
  ];
}

function otherSettings(ours: readonly Setting[]): Step {
  const names = ours.map(({ name }) => `'${name}'`).join(", ");
  return {
    text: "look what everybody else is set to: from a role with no settings of its own, or as a superuser",
    sql: `SELECT name, setting, sourcefile, applied FROM pg_file_settings WHERE name IN (${names});`,
  };
}

const MEGABYTE = 2 ** 20;

/** The work_mem, in whole megabytes, with which the worst case fits into the machine, as far as work_mem decides that. */
function fittingWorkMem(tuning: Tuning, { full, machine, operations }: Known): number {
  const { workers } = full.parallel;
  const beside = full.totalBytes - full.workBytes - full.parallel.bytes + workers * RESTING_BYTES.high;
  const each = (machine.bytes - beside) / (full.sessions + workers);
  const workMem = each / (operations * Math.max(1, tuning.hashMemMultiplier));
  return Math.trunc(Math.max(0, workMem) / MEGABYTE) * MEGABYTE;
}

function hungriest(all: readonly Backend[], tuning: Tuning): readonly Backend[] {
  const settingsOf = memorySettings(tuning);
  const workMem = ({ user, database }: Backend): number => settingsOf(user, database).workMemBytes;
  return all.toSorted((a, b) => workMem(b) - workMem(a)).slice(0, MOST_SESSIONS);
}

function evidence(
  { server }: Sample,
  tuning: Tuning,
  { now, full, overrides, operations, shared, ours }: Known,
): string[] {
  const { workMemBytes, hashMemMultiplier, maintenanceWorkMemBytes, autovacuumWorkMemBytes } = tuning;
  const own = overrides.filter(({ name }) => name === "work_mem");
  const vacuums = `${autovacuumWorkersAllowed(tuning)} autovacuum workers of ${bytes(autovacuumWorkMemBytes)}`;
  return [
    `${shared?.about === true ? "about " : ""}${bytes(now.sharedBytes)} shared, ${restingWords(now)}, ${operations} sorts or hashes of work_mem ${bytes(workMemBytes)} each, a hash ${hashMemMultiplier} times that`,
    `${mostParallelWorkers(tuning)} parallel workers for all; ${vacuums}, ${MAINTENANCE_COMMANDS} command by hand of ${bytes(maintenanceWorkMemBytes)}`,
    `${bytes(now.totalBytes)} with the ${now.sessions} sessions there are, ${bytes(full.totalBytes)} with ${full.sessions}`,
    ...(own.length > 0
      ? [
          `work_mem of its own: ${listed(own.map(({ role, database, value }) => `${short(role ?? database ?? "all roles")} ${short(value, 12)}`))}`,
        ]
      : []),
    ...(ours.length > 0 ? [ownSettingWords(ours, server)] : []),
    "an estimate, no ceiling: a query may sort more often, and most sort less",
  ];
}

function restingWords({ sessions, restingBytes }: Demand): string {
  return sessions === 0
    ? `${bytes(RESTING_BYTES.high)} for each session`
    : `${bytes(restingBytes / sessions)} for each session`;
}
