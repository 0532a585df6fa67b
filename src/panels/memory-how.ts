import type { WhatIfField } from "../analysis/outlook.ts";
import type { Memory } from "../analysis/memory.ts";
import { inSums } from "../analysis/own-settings.ts";
import { poolAdvice } from "../analysis/pool-words.ts";
import type { Setting } from "../model/tuning.ts";
import { isOnCommandLine } from "../analysis/setting-change.ts";
import { effectOf, SETTING_NAMES } from "../analysis/what-if-steps.ts";
import { bytes } from "../text/bytes.ts";
import type { MemoryPart } from "../state/memory-rows.ts";
import type { MemoryShown } from "./memory.ts";
import {
  machineUnknown,
  maintenanceWords,
  measuredWords,
  ofTheMachine,
  parallelWords,
  restingWords,
  seedWords,
  sharedWords,
  workWords,
} from "./memory-words.ts";

export type HowOf =
  { readonly kind: "input"; readonly field: WhatIfField } | { readonly kind: "part"; readonly part: MemoryPart };

/** How a number comes about, or what changing it needs, in half a line. By what is thought of, where something is. */
export function howWords(of: HowOf, shown: MemoryShown): string {
  return of.kind === "input" ? inputWords(of.field, shown) : partWords(of.part, shown);
}

function inputWords(field: WhatIfField, shown: MemoryShown): string {
  const refused = shown.answer?.refused.find((one) => one.field === field);
  if (refused !== undefined) return refused.why;
  const ours = ownSettingsOfInput(field, shown.known).length === 0 ? "" : "ours, the server's own is not told; ";
  return `${ours}${effectWords(field, shown)}; ${meaning(field, shown)}`;
}

function meaning(field: WhatIfField, { answer, concurrency, sample }: MemoryShown): string {
  switch (field) {
    case "connections":
      return `${answer?.wished.app ?? "?"} for ordinary roles`;
    case "workMemBytes":
      return `for each sort, ${sample.server.tuning?.hashMemMultiplier ?? "?"} × for a hash`;
    case "parallelWorkers":
      return "for all sessions together";
    case "poolSize":
      return poolAdvice(concurrency, sample.server);
  }
}

/** When a change takes effect. */
function effectWords(field: WhatIfField, { sample }: MemoryShown): string {
  const { tuning } = sample.server;
  if (field === "poolSize" || tuning === null) return "nothing changes here";
  const { takes, waits, setting } = effectOf(field, tuning);
  if (setting !== null && isOnCommandLine(setting)) return "set on the command line";
  return `a ${takes}${waits ? ", one is pending" : ""}`;
}

function partWords(part: MemoryPart, shown: MemoryShown): string {
  const ours = ownSettingsOf(part, shown.known);
  const said = reckonedWords(part, shown);
  return ours.length === 0 ? said : `${said}; by our own ${ours.map(({ name }) => name).join(", ")}`;
}

/** Those that a part goes by, and of which nobody tells what others have. */
export function ownSettingsOf(part: MemoryPart, { ours }: Pick<Memory, "ours">): readonly Setting[] {
  const isSum = part === "worst" || part === "pooled" || part === "now";
  return ours.filter((one) => (isSum ? inSums(one) : RECKONED_BY[part]?.includes(one.name) === true));
}

const RECKONED_BY: Partial<Record<MemoryPart, readonly string[]>> = {
  work: ["work_mem", "hash_mem_multiplier"],
  parallel: ["work_mem", "hash_mem_multiplier", "max_parallel_workers", "max_parallel_workers_per_gather"],
  maintenance: ["maintenance_work_mem"],
  temporary: ["temp_buffers"],
  seed: ["work_mem", "max_parallel_workers", "max_parallel_workers_per_gather"],
};

/** The same of an input. */
export function ownSettingsOfInput(field: WhatIfField, { ours }: Pick<Memory, "ours">): readonly Setting[] {
  return field === "poolSize" ? [] : ours.filter(({ name }) => name === SETTING_NAMES[field]);
}

function reckonedWords(part: MemoryPart, { sample, known, answer }: MemoryShown): string {
  if (answer === null) return measuredPart(part, { sample, known });
  const { tuning, memory, pooled } = answer.wished;
  const { full } = memory;
  switch (part) {
    case "shared":
      return sharedWords(memory);
    case "sessions":
      return restingWords(full, memory);
    case "others":
      return measuredWords(memory.others, sample);
    case "work":
      return workWords(full, memory, tuning);
    case "parallel":
      return parallelWords(full, memory, tuning);
    case "maintenance":
      return maintenanceWords(sample, tuning);
    case "worst":
      return `all ${full.sessions} slots at work${shareWords(full.totalBytes, known)}`;
    case "pooled":
      return pooled === null
        ? "no pool is thought of"
        : `all ${pooled.sessions} of the pool at work${shareWords(pooled.totalBytes, known)}`;
    case "now":
      return `the ${memory.now?.sessions ?? 0} sessions there are, all at work`;
    case "temporary":
      return `in no sum: ${full.sessions} × ${bytes(full.temporaryBytes / Math.max(1, full.sessions))}, if used`;
    case "seed":
      return seedWords(memory, tuning);
    case "machine":
      return known.machine === null ? machineUnknown(sample) : MACHINE_WORDS[known.machine.is];
  }
}

const MACHINE_WORDS = {
  machine: "all that is installed, for everybody on it",
  "control group": "the limit of its container or service",
} as const;

function shareWords(value: number, known: MemoryShown["known"]): string {
  const share = ofTheMachine(value, known);
  return share === null ? "" : `: ${share}`;
}

function measuredPart(part: MemoryPart, { sample, known }: Pick<MemoryShown, "sample" | "known">): string {
  if (part === "sessions") return measuredWords(known.sessions, sample);
  if (part === "others") return measuredWords(known.others, sample);
  return part === "shared" ? sharedWords(known) : machineUnknown(sample);
}
