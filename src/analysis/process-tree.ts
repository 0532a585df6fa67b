import { isHalfOpen, type Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import type { ProcessUsage } from "../model/usage.ts";
import { missingProcesses, switchedOff, unseenProcesses, type MissingProcess } from "./expected-processes.ts";
import { lastResult } from "./last-result.ts";
import { hasRow, isConnecting, isLogicalWorker, leaderOf, processKind } from "./process-kind.ts";

export { hasJustStarted, missingProcesses, type MissingProcess } from "./expected-processes.ts";

/** A process of the server, or what stands for several, for one that is not seen, or for one that is not there. */
export interface ProcessNode {
  /** Names it for ever. */
  readonly key: string;
  /** The postmaster has 0. */
  readonly depth: number;
  /** In the words of pg_stat_activity, an open list; beside them ours, as SUMMARIES has them; null: it cannot be told. */
  readonly kind: string | null;
  readonly pid: number | null;
  readonly backend: Backend | null;
  readonly usage: ProcessUsage | null;
  /** The pid of the one for whom it works. */
  readonly leader: number | null;
  /** Processes that it stands for. */
  readonly count: number;
  /** Why nobody shows it although it is there; null: it is seen, or stands for nobody. */
  readonly unseen: string | null;
  /** It ought to be there. */
  readonly missing: MissingProcess | null;
  /** By what it is switched off, where its absence hurts: "autovacuum = off". */
  readonly off: string | null;
}

/** What stands for several: sessions; connections that are not in yet; rows whose kind is hidden from our role. */
export const SESSIONS = "sessions";
export const CONNECTING = "connecting";
export const HIDDEN = "hidden";

/** The postmaster and below it every process that is known of, each with those under it that it leads or has asked for. */
export const processTree = lastResult((sample: Sample): readonly ProcessNode[] => {
  const children = new Map<string, Child[]>();
  const add = (parent: string, child: Child): void =>
    void (children.get(parent)?.push(child) ?? children.set(parent, [child]));
  const all = allChildren(sample);
  const byPid = new Map(all.map((child) => [child.pid, child]));
  const keyOfKind = new Map(all.map((child) => [child.kind, child.key]));
  for (const child of all) add(parentOf(child, byPid, keyOfKind), child);
  const nodes: ProcessNode[] = [];
  const emit = (child: Child, depth: number): void => {
    nodes.push({ ...child, depth });
    for (const under of (children.get(child.key) ?? []).sort(inOrder)) emit(under, depth + 1);
  };
  emit(postmasterOf(sample), 0);
  return nodes;
});

type Child = Omit<ProcessNode, "depth">;

const POSTMASTER = "postmaster";

function postmasterOf(sample: Sample): Child {
  const pid = sample.usage?.postmasterPid ?? sample.server.postmaster?.pid ?? null;
  const unseen = pid === null ? "SQL does not show it" : null;
  const usage = pid === null ? null : (sample.usage?.processes.get(pid) ?? null);
  return { ...NOBODY, key: POSTMASTER, kind: POSTMASTER, pid, usage, unseen };
}

const NOBODY = {
  ...{ pid: null, backend: null, usage: null, count: 1 },
  ...{ unseen: null, missing: null, off: null, leader: null },
} as const;

function allChildren(sample: Sample): readonly Child[] {
  const { shown, counts } = shownRows(sample);
  for (const process of withoutRow(sample)) {
    if (isConnecting(process)) counts.connecting++;
    else shown.push({ ...NOBODY, key: `process ${process.pid}`, kind: process.kind, pid: process.pid, usage: process });
  }
  const several = (kind: keyof typeof counts): Child => ({ ...NOBODY, key: kind, kind, count: counts[kind] });
  return [
    ...shown,
    ...unseenProcesses(sample).map(({ kind, why }): Child => ({ ...NOBODY, key: `unseen ${kind}`, kind, unseen: why })),
    ...missingProcesses(sample).map((missing): Child => ({
      ...NOBODY,
      key: `missing ${missing.kind}`,
      kind: missing.kind,
      count: 0,
      missing,
    })),
    ...switchedOff(sample).map(({ kind, by }): Child => ({ ...NOBODY, key: `off ${kind}`, kind, count: 0, off: by })),
    several(SESSIONS),
    ...(counts.connecting === 0 ? [] : [several(CONNECTING)]),
    ...(counts.hidden === 0 ? [] : [several(HIDDEN)]),
  ];
}

/** Each process but the sessions has a node of its own, and of these those that lead parallel workers: there may be thousands of others. */
function shownRows(sample: Sample): {
  readonly shown: Child[];
  readonly counts: Record<typeof SESSIONS | typeof CONNECTING | typeof HIDDEN, number>;
} {
  const counts = { [SESSIONS]: 0, [CONNECTING]: 0, [HIDDEN]: 0 };
  const shown: Child[] = [];
  const sessions: Backend[] = [];
  const leaders = new Set<number | null>();
  const usageOf = ({ pid }: Backend): ProcessUsage | null => sample.usage?.processes.get(pid) ?? null;
  for (const backend of sample.backends) {
    const usage = usageOf(backend);
    const kind = processKind(backend, usage, sample);
    if (isHalfOpen(backend)) counts.connecting++;
    else if (kind === null) counts.hidden++;
    else if (kind === "client backend") sessions.push(backend);
    else {
      const leader = leaderOf(backend, usage);
      leaders.add(leader);
      shown.push(childOf(backend, kind, usage, leader));
    }
  }
  counts.sessions = sessions.length;
  const leading = sessions.filter(({ pid }) => leaders.has(pid));
  shown.push(...leading.map((backend) => childOf(backend, "client backend", usageOf(backend), null)));
  return { shown, counts };
}

function childOf(backend: Backend, kind: string, usage: ProcessUsage | null, leader: number | null): Child {
  const { key, pid } = backend;
  return { ...NOBODY, key, kind, pid, backend, usage, leader };
}

/** Processes of the machine that no row tells of, but for those that have come or gone between the two readings. */
function withoutRow(sample: Sample): readonly ProcessUsage[] {
  if (sample.usage === null) return [];
  const { postmasterPid, processes } = sample.usage;
  const rows = new Set(sample.backends.map(({ pid }) => pid));
  const major = majorOf(sample.server);
  return [...processes.values()].filter((process) => {
    const { pid, kind, startedSeconds } = process;
    if (pid === postmasterPid || rows.has(pid)) return false;
    if (kind !== null && ALWAYS_WITHOUT_ROW.has(kind)) return true;
    const young = sample.takenAt / 1000 - startedSeconds < GRACE_SECONDS;
    if (young || (kind !== null && hasRow(kind, major))) return false;
    return kind !== "client backend" || isConnecting(process);
  });
}

/** No row ever tells of these, so that they are no strangers however young they are. */
const ALWAYS_WITHOUT_ROW: ReadonlySet<string> = new Set(["logger", "stats collector"]);

/** A child that has just been forked goes by the postmaster's own title, or has no row yet. */
const GRACE_SECONDS = 3;

function parentOf(
  child: Child,
  byPid: ReadonlyMap<number | null, Child>,
  keyOfKind: ReadonlyMap<string | null, string>,
): string {
  const leader = child.leader === null ? undefined : byPid.get(child.leader);
  if (leader !== undefined) return leader.key;
  if (child.kind === "autovacuum worker") return keyOfKind.get("autovacuum launcher") ?? POSTMASTER;
  if (child.kind !== null && isLogicalWorker(child.kind))
    return keyOfKind.get("logical replication launcher") ?? POSTMASTER;
  return child.kind === "client backend" ? SESSIONS : POSTMASTER;
}

/** By what they are, then the oldest first: a row keeps its place while others come and go. */
function inOrder(a: Child, b: Child): number {
  const start = ({ backend, usage }: Child): number => backend?.backendStartSeconds ?? usage?.startedSeconds ?? 0;
  return rank(a.kind) - rank(b.kind) || compare(a.kind, b.kind) || start(a) - start(b) || (a.pid ?? 0) - (b.pid ?? 0);
}

function rank(kind: string | null): number {
  const known = kind === null ? -1 : ORDER.indexOf(isLogicalWorker(kind) ? "logical replication worker" : kind);
  return known < 0 ? OTHERS : known;
}

function compare(a: string | null, b: string | null): number {
  const [one, other] = [a ?? "", b ?? ""];
  return one === other ? 0 : one < other ? -1 : 1;
}

const ORDER: readonly string[] = [
  ...["startup", "walreceiver", "checkpointer", "background writer", "walwriter", "walsummarizer", "archiver"],
  ...["io worker", "logger", "stats collector", "autovacuum launcher", "autovacuum worker"],
  ...["logical replication launcher", "logical replication worker", "slotsync worker"],
  ...["others", "walsender", "parallel worker", "client backend", SESSIONS, CONNECTING, HIDDEN],
];
/** Workers of extensions, by whatever name. */
const OTHERS = ORDER.indexOf("others");
