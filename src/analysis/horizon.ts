import { mayBeClient, mayBeWalsender, type Backend } from "../model/backend.ts";
import type { PreparedXact, ReplicationSlot } from "../model/horizon.ts";
import { secondsSince, xidAge, type Sample } from "../model/reading.ts";
import { lastResult } from "./last-result.ts";
import { isInTransaction } from "./states.ts";
import { transactionKind } from "./transaction-kind.ts";
import { vacuums } from "./vacuums.ts";

/**
 * Who holds the horizon:
 * - `xid`: a transaction that has written, or locked rows, and is open.
 * - `snapshot`: one that may still look at what others have deleted since.
 * - `feedback`: a standby without a slot, by hot_standby_feedback: a query there needs what was deleted here.
 * - `slot`: the same for a standby with a replication slot, and what a logical slot needs of the catalogs; used or not.
 * - `prepared`: a prepared transaction, which has no session any more.
 */
export type Holder =
  | { readonly kind: "xid" | "snapshot" | "feedback"; readonly backend: Backend }
  | { readonly kind: "slot"; readonly slot: ReplicationSlot }
  | { readonly kind: "prepared"; readonly prepared: PreparedXact };

/** Something that VACUUM may not remove dead rows behind: those that died since. */
export type Pin = Holder & {
  /** Names it for ever. */
  readonly key: string;
  /** How many transaction ids ago what it holds was handed out. */
  readonly xidAge: number;
  /** How long the transaction has been open, how ago it was prepared, since when nobody has used the slot; null where nobody tells. */
  readonly seconds: number | null;
  /** Whose tables it concerns; null: those of all databases. Shared catalogs are kept by every pin. */
  readonly database: string | null;
  readonly keeps: "rows" | "catalogs";
  /** False where it may run VACUUM, for which no other VACUUM waits: its query is hidden from us, or analyzes as well. */
  readonly sure: boolean;
};

export interface Pins {
  /** The oldest first. */
  readonly all: readonly Pin[];
  /** Age of the first, in transaction ids; null: nothing is held back. */
  readonly oldestAge: number | null;
  /** The oldest one that keeps rows of the tables of the database that we are connected to; null: there is none. */
  readonly here: Pin | null;
  /** Sessions whose state our role may not see. Their xids and snapshots it sees, on all versions. */
  readonly hidden: number;
}

/**
 * Everything that holds back what VACUUM may remove. Null in the host lane: processes do not tell, which is not to say that there is
 * nothing. Our own session is not among them, nor are parallel workers, whose snapshot is their leader's.
 */
export const pins = lastResult((sample: Sample): Pins | null => {
  if (sample.holdouts === null || sample.nextXid === null) return null;
  const all: Pin[] = [];
  let hidden = 0;
  for (const backend of sample.backends) {
    if (mayBeClient(backend)) hidden++;
    if (backend.pid === sample.server.ownPid || backend.backendType === "parallel worker") continue;
    const pin = sessionPin(backend, sample);
    if (pin !== null) all.push(pin);
  }
  for (const slot of sample.holdouts.slots) all.push(...slotPins(slot, sample));
  for (const prepared of sample.holdouts.prepared) all.push(preparedPin(prepared, sample));
  all.sort((a, b) => b.xidAge - a.xidAge || (b.seconds ?? 0) - (a.seconds ?? 0) || (a.key < b.key ? -1 : 1));
  const here = all.find((pin) => keepsRowsOf(pin, sample.server.database)) ?? null;
  return { all, oldestAge: all[0]?.xidAge ?? null, here, hidden };
});

export function keepsRowsOf(pin: Pin, database: string | null): boolean {
  return pin.keeps === "rows" && (pin.database === null || pin.database === database);
}

/**
 * Sessions that are idle in transaction and pin nothing, the longest first: it is widely held that each of them keeps VACUUM
 * from its work. None in the host lane, where nobody tells.
 */
export const idleWithoutPin = lastResult((sample: Sample): readonly Backend[] => {
  if (sample.holdouts === null) return [];
  // An aborted transaction has no start any more: it counts from its failure.
  const began = (b: Backend): number => b.xactStartSeconds ?? b.stateChangeSeconds ?? Number.MAX_SAFE_INTEGER;
  return sample.backends
    .filter((b) => isInTransaction(b) && b.pid !== sample.server.ownPid && pinsNothing(b))
    .sort((a, b) => began(a) - began(b) || a.pid - b.pid);
});

function pinsNothing(backend: Backend): boolean {
  const kind = transactionKind(backend);
  return kind === "locks-only" || kind === "nothing";
}

function sessionPin(backend: Backend, sample: Sample): Pin | null {
  const { backendXid, backendXmin, database } = backend;
  if (backendXid === null && backendXmin === null) return null;
  const vacuum = vacuums(backend);
  if (vacuum === true) return null;
  const xid = xidAge(backendXid, sample);
  const xmin = xidAge(backendXmin, sample);
  // A statement of a transaction with an xid has a snapshot as well, which can be older: by what was open when it was taken.
  const ownXid = xid !== null && xid >= (xmin ?? 0);
  const feedback = database === null && (backend.backendType === "walsender" || mayBeWalsender(backend));
  return {
    kind: feedback ? "feedback" : ownXid ? "xid" : "snapshot",
    backend,
    key: backend.key,
    xidAge: Math.max(xid ?? 0, xmin ?? 0),
    seconds: secondsSince(backend.xactStartSeconds, sample),
    // The feedback of a standby is one number for all its databases.
    database: sample.server.role === "standby" ? null : database,
    keeps: "rows",
    sure: feedback || vacuum === false,
  };
}

/** What user tables and what catalogs must keep are two things, and of different age. */
function slotPins(slot: ReplicationSlot, sample: Sample): Pin[] {
  const { name, xmin, catalogXmin } = slot;
  const seconds = secondsSince(slot.inactiveSinceSeconds, sample);
  const common = { kind: "slot", slot, seconds, database: null, sure: true } as const;
  const held: Pin[] = [];
  if (xmin !== null) held.push({ ...common, key: `slot ${name}`, xidAge: xidAge(xmin, sample) ?? 0, keeps: "rows" });
  if (catalogXmin !== null) {
    held.push({ ...common, key: `catalogs ${name}`, xidAge: xidAge(catalogXmin, sample) ?? 0, keeps: "catalogs" });
  }
  return held;
}

function preparedPin(prepared: PreparedXact, sample: Sample): Pin {
  return {
    kind: "prepared",
    prepared,
    key: `prepared ${prepared.gid}`,
    xidAge: xidAge(prepared.xid, sample) ?? 0,
    seconds: secondsSince(prepared.preparedSeconds, sample),
    database: prepared.database,
    keeps: "rows",
    sure: true,
  };
}
