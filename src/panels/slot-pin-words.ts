import type { Pin } from "../analysis/horizon.ts";
import { bytes } from "../text/bytes.ts";
import { count, span } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { literal } from "../text/literal.ts";
import { dropSlot, rollbackPrepared } from "../text/statements.ts";

/** What is said of a pin: what it is, what VACUUM keeps for it, what releases it, and what does not help. */
export interface PinWords {
  readonly what: string;
  readonly keeps: string;
  readonly releases: string;
  readonly avoid: string;
}

/** Measured on 10 to 18: VACUUM FULL copies what it may not remove. */
export const FULL = "VACUUM FULL: it keeps the same rows, and locks the table meanwhile";

type SlotPin = Pin & { readonly kind: "slot" };

/** A replication slot: its standby or subscriber moves it on; nobody else does, and nothing but dropping it ends it. */
export function slotPinWords(pin: SlotPin): PinWords {
  const { slot, keeps, xidAge } = pin;
  const whose = slot.kind === "logical" && slot.database !== null ? ` of ${identifier(slot.database)}` : "";
  return {
    what: `replication slot ${slot.name}, ${slot.kind}${whose}: ${useWords(pin)}; ${count(xidAge)} transactions behind`,
    keeps:
      (keeps === "catalogs"
        ? "dead rows of system catalogs alone, in all databases: they swell where many tables are made and dropped; user tables do not"
        : "every row that has died since, in the tables of all databases") + walWords(pin),
    releases: slot.active ? activeWords(pin) : inactiveWords(pin),
    avoid: slot.active
      ? `x: the walsender comes back, and the slot stays; nor by ${FULL}`
      : `time, nor by a restart, nor by ${FULL}`,
  };
}

function useWords({ slot, seconds }: SlotPin): string {
  if (slot.active) return slot.activePid === null ? "in use" : `in use by walsender ${slot.activePid}`;
  return seconds === null
    ? "nobody uses it (since when, PostgreSQL tells from 17 on)"
    : `nobody has used it for ${span(seconds)}`;
}

function walWords({ slot }: SlotPin): string {
  return slot.retainedBytes === null ? "" : `; and ${bytes(Math.max(0, slot.retainedBytes))} of WAL in pg_wal`;
}

function activeWords({ slot, keeps }: SlotPin): string {
  if (slot.kind === "logical") return "its subscriber when it catches up and confirms";
  if (keeps === "catalogs") return "the logical slots of its standby, when they move on";
  return "the end of the oldest query on its standby (hot_standby_feedback is on there); or by hot_standby_feedback = off there, and then long queries may be cancelled";
}

function inactiveWords({ slot }: SlotPin): string {
  const drop = dropSlot(slot.name);
  const who = slot.kind === "logical" ? "subscriber" : "standby";
  const after =
    slot.kind === "logical"
      ? "what it missed is lost to it then, and its tables must be copied anew"
      : "it must be rebuilt then, unless the WAL that it misses is in an archive";
  return `its ${who} when it comes back; if it never will, by ${drop}: ${after}`;
}

/** No session, and so no pid: it outlives its client, and the server's restart as well. */
export function preparedPinWords(pin: Pin & { readonly kind: "prepared" }, keeps: string): PinWords {
  const { gid, owner, database } = pin.prepared;
  const age = pin.seconds === null ? "" : `, ${span(pin.seconds)} ago`;
  return {
    what: `prepared transaction ${literal(gid)} of ${owner}, prepared in ${identifier(database)}${age}: no session, so nothing for c or x`,
    keeps: `${keeps}; and its locks`,
    releases: `${rollbackPrepared(gid)} in database ${identifier(database)}, or COMMIT PREPARED: which, its transaction manager must know`,
    avoid: `a restart: it survives that; nor by ${FULL}`,
  };
}
