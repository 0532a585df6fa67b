import { backendKey, type Backend } from "../../model/backend.ts";
import { sameRow } from "../decode.ts";
import type { Title } from "./title.ts";

/** A process as it was last seen. */
export interface Seen {
  readonly backend: Backend;
  readonly startTicks: number;
  /** As they were before its title was read. Whoever still has the same has done nothing since. */
  readonly counters: string | null;
  readonly titleText: string;
  readonly title: Title;
}

/** What has just been read of a process. */
export interface Read {
  readonly pid: number;
  readonly startTicks: number;
  readonly startedSeconds: number;
  readonly counters: string | null;
  readonly titleText: string;
  readonly title: Title;
}

/** The word of the kernel for a start, where SQL has the server's. */
export function startWord(startTicks: number): string {
  return `proc ${startTicks}`;
}

/**
 * A row of what was read. Since when it is in its state is known only if it was seen to come into it: when its title says something else, when it
 * is newer than the last sample, or when it rests and has run in between, which is to say that it has worked. (What the server itself has it do
 * while it rests looks the same: then it is taken for one that has worked, and an order given before is void.)
 */
export function seen(now: Read, before: Seen | undefined, atSeconds: number, lastSeconds: number | null): Seen {
  const { pid, startTicks, startedSeconds, counters, titleText, title } = now;
  const known = before !== undefined && before.startTicks === startTicks ? before : undefined;
  const backendStart = known?.backend.backendStart ?? startWord(startTicks);
  const changed =
    known === undefined
      ? lastSeconds !== null && startedSeconds > lastSeconds
      : known.title.state !== title.state ||
        known.title.query !== title.query ||
        (rests(title) && known.counters !== counters);
  if (known !== undefined && !changed && known.title === title) return { ...known, counters };
  // Field by field: to spread one into the other takes ten times as long, for each of a thousand.
  const backend: Backend = {
    key: known?.backend.key ?? backendKey(pid, backendStart),
    pid,
    backendStart,
    backendStartSeconds: known?.backend.backendStartSeconds ?? startedSeconds,
    backendType: title.backendType,
    user: title.user,
    database: title.database,
    application: null,
    clientAddress: title.clientAddress,
    clientPort: title.clientPort,
    state: title.state,
    waitEventType: title.waitEventType,
    waitEvent: title.waitEvent,
    xactStartSeconds: null,
    queryStartSeconds: null,
    stateChangeSeconds: changed ? atSeconds : (known?.backend.stateChangeSeconds ?? null),
    backendXid: null,
    backendXmin: null,
    leaderPid: title.leaderPid,
    queryId: null,
    blockedBy: NOBODY,
    query: title.query,
  };
  const same = known !== undefined && sameRow(known.backend, backend);
  return { backend: same ? known.backend : backend, startTicks, counters, titleText, title };
}

function rests({ state }: Title): boolean {
  return state !== null && state.startsWith("idle");
}

const NOBODY: readonly number[] = [];
