import { CONNECTING, hasJustStarted, HIDDEN, SESSIONS, type ProcessNode } from "../analysis/process-tree.ts";
import { isLogicalWorker } from "../analysis/process-kind.ts";
import type { History } from "../history/history.ts";
import { isHidden } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { refusalOf } from "../model/refusal.ts";
import { majorOf } from "../model/server.ts";
import type { ProcessUsage } from "../model/usage.ts";
import { bytes } from "../text/bytes.ts";
import { count } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { own } from "../text/own.ts";
import * as replication from "./vital-replication.ts";
import { refusalWords } from "./unknown-words.ts";
import * as workers from "./vital-workers.ts";
import * as writers from "./vital-writers.ts";
import { archiverVital } from "./vital-archiver.ts";
import type { Sentence } from "./sentences.ts";
import { joined, phrase, vital, type Vital, type VitalOf } from "./vital.ts";

/** How a process does: what there is to say of its kind, and where there is nothing, why. */
export function vitalSign(node: ProcessNode, sample: Sample, history: History): Vital {
  const { kind, missing, off, unseen, backend } = node;
  if (missing !== null) return missingVital(node, sample);
  if (off !== null) return offVital(off);
  const known = kind === null ? undefined : vitalOf(kind);
  if (unseen !== null && kind !== "postmaster") return unseenVital(unseen, known?.(node, sample, history) ?? null);
  if (backend !== null && isHidden(backend) && !TOLD_BESIDE.has(kind ?? "")) return hiddenVital(sample);
  return (known ?? workers.otherVital)(node, sample, history);
}

function vitalOf(kind: string): VitalOf | undefined {
  return own(VITALS, kind) ?? (isLogicalWorker(kind) ? replication.logicalWorkerVital : undefined);
}

const VITALS: Readonly<Record<string, VitalOf>> = {
  postmaster: workers.postmasterVital,
  startup: replication.startupVital,
  walreceiver: replication.walReceiverVital,
  checkpointer: writers.checkpointerVital,
  "background writer": writers.backgroundWriterVital,
  walwriter: writers.walWriterVital,
  walsummarizer: writers.walSummarizerVital,
  archiver: archiverVital,
  "io worker": writers.ioWorkerVital,
  "autovacuum launcher": workers.autovacuumLauncherVital,
  "autovacuum worker": workers.autovacuumWorkerVital,
  "logical replication launcher": replication.logicalLauncherVital,
  walsender: replication.walsenderVital,
  "parallel worker": workers.parallelWorkerVital,
  "client backend": workers.sessionVital,
  logger: () => vital(""),
  "stats collector": () => vital(""),
  [SESSIONS]: workers.sessionsVital,
  [CONNECTING]: workers.connectingVital,
  [HIDDEN]: workers.hiddenVital,
};

/** Of these, views that everybody may read tell more than the row that is hidden. */
const TOLD_BESIDE: ReadonlySet<string> = new Set(["checkpointer", "background writer", "walwriter", "archiver"]);

function missingVital({ missing }: ProcessNode, sample: Sample): Vital {
  const { because, harmlessWhere } = missing!;
  if (hasJustStarted(sample))
    return vital(
      `not there yet, although ${because}`,
      ["The server has just started, and is beginning its processes."],
      "muted",
    );
  const more = [
    `It is not there, although ${because}. Where it has just ended, the postmaster starts another within a minute.`,
    ...(harmlessWhere === null
      ? ["The server's log says why it cannot be started, or why it ends again."]
      : [`Harmless where ${harmlessWhere}.`]),
  ];
  return vital(`NOT THERE, although ${because}`, more, harmlessWhere === null ? "critical" : "warn");
}

function offVital(by: string): Vital {
  const more = `There is none, because ${by}: dead rows stay until somebody runs VACUUM. Against wraparound workers come all the same.`;
  return vital(`off by ${by}`, [more], "muted");
}

/** It is there, and what it does others may tell. */
function unseenVital(why: string, known: Vital | null): Vital {
  const more: Sentence = { tone: "muted", text: `Its pid and what it does now are unknown, because ${why}.` };
  if (known === null || phrase(known) === "" || known.tone === "muted")
    return vital(why, [more, ...(known?.more ?? [])], "muted");
  return { ...known, more: [...known.more, more] };
}

function hiddenVital({ server }: Sample): Vital {
  return vital(
    "hidden from our role",
    [`What it does is hidden from our role: GRANT pg_monitor TO ${identifier(server.user)}.`],
    "muted",
  );
}

/** All that its kind has read and written, by pg_stat_io; null: nothing is known of it, or this major does not tell. */
export function ioLine({ kind }: ProcessNode, sample: Sample): string | null {
  const refusal = sample.workings === null ? null : refusalOf(sample, "io");
  if (refusal !== null && isCounted(kind, sample))
    return `What all of its kind have read and written is unknown, because ${refusalWords(refusal, sample).because}.`;
  const io = sample.workings?.io?.find(({ backendType }) => backendType === kind);
  if (io === undefined || io.reads + io.writes + io.extends + io.fsyncs === 0) return null;
  const parts = [
    io.reads > 0 && `${count(io.reads)} reads (${bytes(io.readBytes)})`,
    io.writes > 0 && `${count(io.writes)} writes (${bytes(io.writtenBytes)})`,
    io.extends > 0 && `${count(io.extends)} extensions of files`,
    io.fsyncs > 0 && `${count(io.fsyncs)} fsyncs`,
  ];
  return `All of its kind, since pg_stat_io was reset: ${joined(...parts)}.`;
}

/** Whether pg_stat_io has a row of such processes. */
function isCounted(kind: string | null, { server }: Sample): boolean {
  if (kind === null) return false;
  return COUNTED.has(kind) || (COUNTED_FROM_18.has(kind) && (majorOf(server) ?? 18) >= 18);
}

const COUNTED: ReadonlySet<string> = new Set([
  ...["autovacuum launcher", "autovacuum worker", "background writer", "checkpointer", "client backend"],
  ...["startup", "walsender"],
]);
const COUNTED_FROM_18: ReadonlySet<string> = new Set([
  ...["io worker", "walreceiver", "walsummarizer", "walwriter", "slotsync worker"],
]);

/** What it takes of the machine; the reason where that is not known. */
export function usageLine({ usage, pid }: ProcessNode, sample: Sample): string | null {
  if (usage !== null) return takesWords(usage);
  if (pid === null) return null;
  if (sample.usage !== null) return "What it takes of the machine is unknown, because /proc did not have it.";
  const elsewhere = sample.server.postmaster === null && (sample.server.tuning?.machineBytes ?? null) === null;
  const why = elsewhere
    ? "the server runs on another machine, or this one does not tell"
    : "that is read while somebody looks, and kept of the newest sample alone";
  return `What it takes of the machine is unknown, because ${why}.`;
}

/** "Processor: 12 % of one. Memory of its own: 7.5 MB …": processor time and disks are rates, of which the first look knows none. */
export function takesWords({
  cpuPercent,
  memoryBytes,
  memoryHow,
  readBytesPerSecond: reads,
  writtenBytesPerSecond: writes,
}: ProcessUsage): string {
  const cpu = cpuPercent === null ? "not measured yet" : `${cpuPercent.toFixed(0)} % of one`;
  const most = memoryHow === "at most" ? "at most " : "";
  const memory = memoryBytes === null ? "not told to us" : `${most}${bytes(memoryBytes)}, shared_buffers not among it`;
  const disk =
    reads === null || writes === null
      ? cpuPercent === null
        ? "not measured yet"
        : "not told to us"
      : `reads ${bytes(reads)}/s, writes ${bytes(writes)}/s`;
  return `Processor: ${cpu}. Memory of its own: ${memory}. Disk: ${disk}.`;
}
