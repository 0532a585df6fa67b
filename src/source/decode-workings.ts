import type { ProcessIo, Recovery, StandbyLink, SubscriptionWorker, WalReceiver, Workings } from "../model/workings.ts";
import type { TextRow } from "./decode.ts";
import { decodeProgress } from "./decode-progress.ts";
import type { Encodings } from "./encodings.ts";
import { numberOrNull } from "./number-or-null.ts";
import { relationName } from "./relation-name.ts";
import type { Rows } from "./round-trip.ts";

/** What was asked of it and answered, each the rows of the statement of that name. */
export type WorkingsRows = Partial<
  Pick<Rows, "standbys" | "recovery" | "subscriptions" | "progress" | "io" | "io-under-way">
>;

export function decodeWorkings(rows: WorkingsRows, walFilesToArchive: number | null, encodings: Encodings): Workings {
  return {
    standbys: rows.standbys?.map((row) => standbyLink(row, encodings)) ?? null,
    ...replay(rows.recovery, encodings),
    subscriptions: rows.subscriptions?.map((row) => subscriptionWorker(row, encodings)) ?? null,
    progress: rows.progress?.map((row) => decodeProgress(row, encodings)) ?? null,
    io: rows.io?.map(processIo) ?? null,
    ioUnderWay: numberOrNull(rows["io-under-way"]?.[0]?.[0]),
    walFilesToArchive,
  };
}

function standbyLink(
  [pid, state, syncState, slot, unsent, unreplayed, replay]: TextRow,
  encodings: Encodings,
): StandbyLink {
  return {
    pid: Number(pid),
    state: state ?? null,
    syncState: syncState ?? null,
    slotName: slot == null ? null : encodings.name(slot),
    unsentBytes: distance(unsent),
    unreplayedBytes: distance(unreplayed),
    replaySeconds: numberOrNull(replay),
  };
}

/** A primary has no row of it. */
function replay(rows: readonly TextRow[] | undefined, encodings: Encodings): Pick<Workings, "receiver" | "recovery"> {
  if (rows === undefined) return { receiver: null, recovery: null };
  const [standby] = rows;
  if (standby === undefined) return { receiver: "none", recovery: "none" };
  return { receiver: walReceiver(standby, encodings), recovery: recovery(standby) };
}

function walReceiver(row: TextRow, encodings: Encodings): WalReceiver | "none" {
  const [pid, status, host, port, slot, lastMessage] = row.slice(3);
  if (pid == null) return "none";
  return {
    pid: Number(pid),
    status: status ?? null,
    senderHost: host == null ? null : encodings.name(host),
    senderPort: numberOrNull(port),
    slotName: slot == null ? null : encodings.name(slot),
    lastMessageSeconds: numberOrNull(lastMessage),
  };
}

function recovery([unreplayed, lastReplayed, paused]: TextRow): Recovery {
  return {
    unreplayedBytes: distance(unreplayed),
    lastReplayedSeconds: numberOrNull(lastReplayed),
    paused: paused === "t",
  };
}

function subscriptionWorker(row: TextRow, encodings: Encodings): SubscriptionWorker {
  const [pid, subscription, database, schema, name, oid, lastMessage] = row;
  return {
    pid: Number(pid),
    subscription: encodings.name(subscription!),
    relation: oid == null ? null : relationName({ database, schema, name, oid }, encodings),
    lastMessageSeconds: numberOrNull(lastMessage),
  };
}

function processIo([backendType, reads, writes, extended, fsyncs, readBytes, writtenBytes]: TextRow): ProcessIo {
  return {
    backendType: backendType!,
    reads: Number(reads),
    writes: Number(writes),
    extends: Number(extended),
    fsyncs: Number(fsyncs),
    readBytes: Number(readBytes),
    writtenBytes: Number(writtenBytes),
  };
}

/** Between two positions of WAL that are read one after the other: what was the end has moved on meanwhile. */
function distance(text: string | null | undefined): number | null {
  return text == null ? null : Math.max(0, Number(text));
}
