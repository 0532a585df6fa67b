import { isOff, isOurs, numberOf, settingOf } from "../analysis/setting-read.ts";
import { isOnCommandLine } from "../analysis/setting-change.ts";
import { slots } from "../analysis/slots.ts";
import { states } from "../analysis/states.ts";
import type { Sample } from "../model/reading.ts";
import type { Setting, Tuning } from "../model/tuning.ts";
import { bytes } from "../text/bytes.ts";
import { identifier } from "../text/identifier.ts";
import { asShown } from "../text/setting-value.ts";
import { COMMAND_LINE } from "./pending-restart.ts";
import { dangerShort } from "./durability-off.ts";
import type { Finding, Severity, Step } from "./rule.ts";
import { change } from "./steps.ts";

/** What is to be said about a setting: what a finding says, or what is too little for one. */
export interface SettingMark {
  readonly severity: Severity;
  /** For a column. */
  readonly short: string;
  /** One sentence, without a full stop. */
  readonly why: string;
  readonly next: readonly Step[];
}

/** By the names of the settings. What is found is marked by the finding itself, so that the two never disagree. */
export function settingMarks(sample: Sample, findings: readonly Finding[]): ReadonlyMap<string, SettingMark> {
  const { tuning } = sample.server;
  const marks = new Map<string, SettingMark>();
  if (tuning === null) return marks;
  // What stands in the way of seeing, and what is merely worth a thought, give way to what is wrong.
  for (const [name, opinion] of Object.entries(OPINIONS)) {
    const mark = general(name, sample, tuning) ? opinion(sample, tuning) : null;
    if (mark !== null) marks.set(name, mark);
  }
  for (const finding of findings.toReversed())
    for (const [name, short] of settingsOf(finding, sample))
      if (settingOf(tuning, name) !== null)
        marks.set(name, { severity: finding.severity, short, why: finding.title, next: finding.next });
  return marks;
}

/** Nothing is said about what others get where our own role, or database, gets something else. */
function general(name: string, { server }: Sample, tuning: Tuning): boolean {
  const setting = settingOf(tuning, name);
  return setting !== null && !isOurs(setting, tuning, server);
}

/** Which settings a finding is about, and what is wrong with each in a few words. */
function settingsOf({ id, about }: Finding, { server }: Sample): readonly (readonly [name: string, short: string])[] {
  switch (id) {
    case "no-safety-timeouts":
      return [["idle_in_transaction_session_timeout", "forgotten ones live on"]];
    case "memory-risk":
      return [["work_mem", "more than there is"]];
    case "autovacuum-off":
      return ["autovacuum", "track_counts"].flatMap((name) =>
        isOff(server, name) ? [[name, "no table is vacuumed"] as const] : [],
      );
    case "autovacuum-saturated":
      return [["autovacuum_max_workers", "all of them at work"]];
    case "checkpoints-forced":
      return [["max_wal_size", "forces checkpoints"]];
    case "archiver-failing":
      return [["archive_mode", "WAL waits"]];
    case "durability-off":
      return [[about, dangerShort(about)]];
    case "inactive-slot":
      return numberOf(server.tuning, "max_slot_wal_keep_size") === -1
        ? [["max_slot_wal_keep_size", "unused slot keeps WAL"]]
        : [];
    case "pending-restart":
      return (server.tuning?.settings ?? []).flatMap((setting) => pendingMark(setting, about));
    default:
      return [];
  }
}

function pendingMark(setting: Setting, about: string): readonly (readonly [name: string, short: string])[] {
  if (!setting.pendingRestart || isOnCommandLine(setting) !== (about === COMMAND_LINE)) return [];
  return [[setting.name, about === COMMAND_LINE ? "files are overruled" : "waits for a restart"]];
}

type Opinion = (sample: Sample, tuning: Tuning) => SettingMark | null;

/** What no finding is made of: it hurts nobody now. */
const OPINIONS: Readonly<Record<string, Opinion>> = {
  statement_timeout: (_, tuning) =>
    is(above(tuning, "statement_timeout", 0), "ends VACUUM as well", {
      // Dumps are not among it: pg_dump switches it off for itself.
      why: "set for the whole server it ends VACUUM by hand, CREATE INDEX and reports too: better for the roles of applications",
    }),
  idle_session_timeout: (_, tuning) =>
    is(above(tuning, "idle_session_timeout", 0), "ends pools' connections", {
      why: "set for the whole server it ends connections that a pool keeps, and its next client gets an error: better for people's roles",
    }),
  superuser_reserved_connections: ({ server }, tuning) =>
    is(numberOf(tuning, "superuser_reserved_connections") === 0, "none for a superuser", {
      severity: "warning",
      why: "when all slots are taken nobody gets in to end a session, no superuser either",
      next: [change("superuser_reserved_connections", "3", "keep some; a restart is needed", server)],
    }),
  reserved_connections: ({ server }, tuning) =>
    is(numberOf(tuning, "reserved_connections") === 0, "none for monitoring", {
      why: "when applications have taken all slots, a role with pg_use_reserved_connections would still get in: there are none for it",
      next: [
        change("reserved_connections", "3", "keep some; a restart is needed", server),
        {
          text: "and let a role that watches have them",
          sql: `GRANT pg_use_reserved_connections TO ${identifier(server.user)};`,
        },
      ],
    }),
  max_connections: manySlots,
  shared_buffers: smallBuffers,
  huge_pages_status: (_, tuning) =>
    is(settingOf(tuning, "huge_pages_status")?.value === "off" && tuning.sharedBytes >= LARGE_SHARED, "not used", {
      why: `${bytes(tuning.sharedBytes)} of shared memory in small pages: each session needs page tables for what it touches of it, up to ${bytes(tuning.sharedBytes / PAGE_TABLES)}`,
      next: [
        { text: "have the kernel set as many huge pages aside as `postgres -C shared_memory_size_in_huge_pages` says" },
      ],
    }),
  data_checksums: (_, tuning) =>
    is(settingOf(tuning, "data_checksums")?.value === "off", "damage goes unnoticed", {
      why: "a page that a disk has damaged is read as if it were whole; from 12 on pg_checksums switches checksums on while the server is stopped",
    }),
  track_activities: ({ server }) =>
    is(isOff(server, "track_activities"), "hides what sessions do", {
      severity: "warning",
      why: "nobody sees what sessions do: neither their state nor their query, here as well",
      next: [change("track_activities", "on", "tell them again", server)],
    }),
};

function is(
  so: boolean,
  short: string,
  { severity = "info", why, next = [] }: Pick<SettingMark, "why"> & Partial<SettingMark>,
): SettingMark | null {
  return so ? { severity, short, why, next } : null;
}

function above(tuning: Tuning, name: string, least: number): boolean {
  return (numberOf(tuning, name) ?? least) > least;
}

const MANY_SLOTS = 300;
/** Of all slots, so many at work are few. */
const FEW = 0.1;

function manySlots(sample: Sample): SettingMark | null {
  const { max } = slots(sample);
  const active = states(sample).byState.active.count;
  if (max === null) return null;
  return is(max >= MANY_SLOTS && active < max * FEW && sample.server.rights.seeAll, `${active} of them at work now`, {
    why: `of ${max} slots ${active} are at work now: PgBouncer with pool_mode = transaction serves as many clients with 20 to 50`,
  });
}

const SMALL_BUFFERS = 128 * 2 ** 20;
const LARGE_MACHINE = 4 * 2 ** 30;
const LARGE_SHARED = 8 * 2 ** 30;
/** Page tables have an entry of 8 bytes for each page of 4 kB. */
const PAGE_TABLES = 4096 / 8;

function smallBuffers({ server }: Sample, tuning: Tuning): SettingMark | null {
  const { machineBytes } = tuning;
  const setting = settingOf(tuning, "shared_buffers");
  const size = numberOf(tuning, "shared_buffers");
  if (machineBytes === null || setting === null || size === null) return null;
  const quarter = Math.floor(machineBytes / 4 / 2 ** 30);
  return is(size <= SMALL_BUFFERS && machineBytes >= LARGE_MACHINE, "small for this machine", {
    why: `${asShown(setting)} is ${size === SMALL_BUFFERS ? "what initdb chooses for any machine" : "less than initdb chooses"}; this one has ${bytes(machineBytes)}, of which a quarter is a good beginning`,
    next: [change("shared_buffers", `${quarter}GB`, "a restart is needed", server)],
  });
}
