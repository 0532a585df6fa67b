import type { Sample } from "../model/reading.ts";
import type { Setting, Tuning } from "../model/tuning.ts";
import { memoryText } from "../text/amount.ts";
import { bytes } from "../text/bytes.ts";
import { plural } from "../text/format.ts";
import { holdsSlot } from "./holder-groups.ts";
import { poolSize, type Concurrency } from "./pool-size.ts";
import { poolWords, sharedPoolWords } from "./pool-words.ts";
import { isForSessions, isOnCommandLine, settingChange, waitsForRestart } from "./setting-change.ts";
import { numberOf, settingOf } from "./setting-read.ts";
import type { Outlook, WhatIf, WhatIfField } from "./outlook.ts";
import type { Refusal } from "./what-if-refusals.ts";

/** One thing to do, with what has to be known of it. */
export interface WhatIfStep {
  readonly field: WhatIfField;
  readonly text: string;
  /** When it takes effect: after a restart of the server, which ends all sessions; after a reload; null: neither. */
  readonly takes: "restart" | "reload" | null;
  /** The configuration files have said something else for some time, which the next restart brings about. */
  readonly waits: boolean;
  /** To be pasted one after the other; none where it is refused, or no statement does it. */
  readonly statements: readonly string[];
}

interface Given {
  readonly now: Outlook;
  readonly wished: Outlook;
  readonly refused: readonly Refusal[];
  readonly concurrency: Concurrency | null;
}

/** A pool first: it helps at once and costs no restart. Then what each session may take, and max_connections last. */
export function steps(sample: Sample, wish: WhatIf, given: Given): readonly WhatIfStep[] {
  const { tuning } = sample.server;
  if (tuning === null) return [];
  const { now, wished } = given;
  const found: WhatIfStep[] = [];
  // What was thought of may have been done since.
  const isAsked = (field: WhatIfField): boolean =>
    wish[field] !== null && (field === "poolSize" || wished[field] !== now[field]);
  if (isAsked("poolSize") || (isAsked("connections") && wished.connections > now.connections))
    found.push(poolStep(sample, wish, given));
  if (isAsked("parallelWorkers"))
    found.push(
      settingStep("parallelWorkers", String(wished.parallelWorkers), parallelWords(now, wished, tuning), sample, given),
    );
  if (isAsked("workMemBytes"))
    found.push(
      settingStep("workMemBytes", memoryText(wished.workMemBytes), workMemWords(now, wished, tuning), sample, given),
    );
  if (isAsked("connections"))
    found.push(
      settingStep("connections", String(wished.connections), connectionsWords(sample, now, wished), sample, given),
    );
  return found;
}

function poolStep(sample: Sample, { poolSize: wanted }: WhatIf, { concurrency }: Given): WhatIfStep {
  const size = wanted ?? poolSize(concurrency);
  const pools = poolsNeeded(sample);
  // PgBouncer makes a pool of default_pool_size for each of them.
  const set =
    size === null
      ? ""
      : pools < 2
        ? ` and default_pool_size = ${size}`
        : ` and ${plural(size, "backend")} for all ${pools} pairs of role and database together`;
  const rests = (pools < 2 ? poolWords : sharedPoolWords)(concurrency, sample.server);
  const text = `first a pool: PgBouncer with pool_mode = transaction${set}; ${rests}`;
  return { field: "poolSize", text, takes: null, waits: false, statements: [] };
}

/** Pairs of role and database that sessions have now, but for our own session. */
function poolsNeeded({ backends, server }: Sample): number {
  const sessions = backends.filter((backend) => holdsSlot(backend) && backend.pid !== server.ownPid);
  return new Set(sessions.map(({ user, database }) => JSON.stringify([user, database]))).size;
}

function parallelWords(now: Outlook, wished: Outlook, tuning: Tuning): string {
  const processes = numberOf(tuning, "max_worker_processes");
  const capped =
    processes !== null && wished.parallelWorkers > processes
      ? `; no more than max_worker_processes = ${processes} can run, and that needs a restart`
      : "";
  const ours = ownWords(now, "max_parallel_workers");
  return `max_parallel_workers ${now.parallelWorkers}${ours} to ${wished.parallelWorkers}: for all sessions together${capped}`;
}

function workMemWords(now: Outlook, wished: Outlook, tuning: Tuning): string {
  const own = tuning.overrides.filter(({ name }) => name === "work_mem").length;
  const others =
    own === 0
      ? ""
      : `; ${own === 1 ? "one role or database has its own and keeps it" : `${own} roles or databases have their own and keep it`}`;
  const ours = ownWords(now, "work_mem");
  return `work_mem ${bytes(now.workMemBytes)}${ours} to ${bytes(wished.workMemBytes)}: for each sort, ${tuning.hashMemMultiplier} times as much for each hash${others}`;
}

/** Everybody else may have another one already. */
function ownWords({ memory }: Outlook, name: string): string {
  return memory.ours.some((one) => one.name === name) ? " (ours; the server's own is not told)" : "";
}

function connectionsWords({ server }: Sample, now: Outlook, wished: Outlook): string {
  const change = `max_connections ${now.connections} to ${wished.connections}`;
  if (server.role === "standby")
    return `last ${change}: on a standby it must not be less than on its primary, so raise it here first, and lower it here last`;
  return wished.connections > now.connections
    ? `last ${change}: more sessions at work do not make a processor faster; standbys first, they must not have less`
    : `last ${change}: who comes beyond that is refused; standbys after it, they must not have less`;
}

function settingStep(field: SettingField, value: string, text: string, { server }: Sample, given: Given): WhatIfStep {
  const { takes, waits } = effectOf(field, server.tuning);
  const { statements, but } = settingChange(SETTING_NAMES[field], value, server, CONTEXTS[field]);
  const isRefused = given.refused.some((one) => one.field === field);
  return {
    field,
    text: but === null ? text : `${text}; ${but}`,
    takes,
    waits,
    statements: isRefused ? [] : statements,
  };
}

type SettingField = Exclude<WhatIfField, "poolSize">;

/** What a change of it needs: by pg_settings, and by what it is on all majors where that was not read. */
export function effectOf(
  field: SettingField,
  tuning: Tuning | null,
): { readonly takes: WhatIfStep["takes"]; readonly waits: boolean; readonly setting: Setting | null } {
  const setting = settingOf(tuning, SETTING_NAMES[field]);
  const needsRestart = (setting?.context ?? CONTEXTS[field]) === "postmaster";
  const fixed = setting !== null && isOnCommandLine(setting);
  return {
    takes: needsRestart || (fixed && !isForSessions(setting)) ? "restart" : fixed ? null : "reload",
    waits: setting !== null && waitsForRestart(setting),
    setting,
  };
}

export const SETTING_NAMES: Readonly<Record<SettingField, string>> = {
  connections: "max_connections",
  workMemBytes: "work_mem",
  parallelWorkers: "max_parallel_workers",
};

const CONTEXTS: Readonly<Record<SettingField, string>> = {
  connections: "postmaster",
  workMemBytes: "user",
  parallelWorkers: "user",
};
