import { upSeconds } from "../analysis/process-age.ts";
import { CONNECTING, HIDDEN, SESSIONS, type ProcessNode } from "../analysis/process-tree.ts";
import { isHidden } from "../model/backend.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { duration } from "../text/format.ts";
import { own } from "../text/own.ts";
import { isAsleep, waitWords } from "../text/wait-words.ts";
import type { Tone } from "./line.ts";

/** What it is, and of those that are many, which of them: "walsender standby", "autovacuum worker shop", "io worker 2". */
export function processName({ kind, backend, usage }: ProcessNode): string {
  if (kind === null) return "unknown process";
  const named = `${kind} ${whichOf(kind, backend?.application ?? "", backend?.database ?? "", usage?.title ?? "")}`;
  return (own(NAMES, kind) ?? named).trim();
}

/** There is little room beside the branches. */
export function shortName(node: ProcessNode): string {
  return processName(node).replace(/^logical replication /, "logical ");
}

function whichOf(kind: string, application: string, database: string, title: string): string {
  switch (kind) {
    case "walsender":
    case "client backend":
      return application;
    case "autovacuum worker":
      return database;
    case "io worker":
      return /\bio worker (\d+)\s*$/.exec(title)?.[1] ?? "";
    default:
      return "";
  }
}

const NAMES: Readonly<Record<string, string>> = {
  [SESSIONS]: "sessions",
  [CONNECTING]: "not in yet",
  [HIDDEN]: "hidden",
};

export function sinceText(node: ProcessNode, sample: Sample): string {
  const seconds = upSeconds(node, sample);
  return seconds === null ? "" : duration(seconds);
}

export function cpuText({ usage }: ProcessNode): string {
  return usage?.cpuPercent == null ? "" : `${usage.cpuPercent.toFixed(0)}%`;
}

export interface Wait {
  readonly text: string;
  /** For a row: until when somebody rests is a matter of its pane. */
  readonly brief: string;
  readonly tone: Tone;
}

/** What it waits for; empty for what stands for several, and where nobody tells. */
export function waitCell({ backend }: ProcessNode, sample: Sample): Wait {
  if (backend === null) return waitOf("", "muted");
  if (isHidden(backend)) return waitOf("hidden", "muted");
  const { waitEventType: type, waitEvent } = backend;
  const words = waitWords(type, waitEvent);
  if (words === null) return speaksSql(sample.server.lane) ? waitOf("at work", "active") : waitOf("", "muted");
  if (isAsleep(type)) return { text: words, brief: "asleep", tone: "muted" };
  return waitOf(words, type === "Lock" ? "waiting" : "normal");
}

function waitOf(text: string, tone: Tone): Wait {
  return { text, brief: text, tone };
}
