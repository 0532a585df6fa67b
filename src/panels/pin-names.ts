import { sessionName } from "../advice/words.ts";
import type { Pin } from "../analysis/horizon.ts";
import { nameOrType, type Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { literal } from "../text/literal.ts";
import type { Tone } from "./line.ts";

/** Who it is, for a column: a pid and an application, a slot, a gid. */
export function pinName(pin: Pin): string {
  if (pin.kind === "slot") return pin.slot.name;
  if (pin.kind === "prepared") return literal(pin.prepared.gid);
  return backendName(pin.backend);
}

/** The same within a sentence. */
export function heldBy(pin: Pin): string {
  if (pin.kind === "slot") return `slot ${pin.slot.name}`;
  if (pin.kind === "prepared") return `prepared transaction ${literal(pin.prepared.gid)}`;
  const name = sessionName(pin.backend);
  return pin.kind === "feedback" ? `standby ${name}` : name;
}

export function backendName(backend: Backend): string {
  return `${backend.pid} ${nameOrType(backend)}`.trimEnd();
}

/** As the system views call it. */
export function kindName(pin: Pin): string {
  if (pin.kind === "slot") return pin.keeps === "catalogs" ? "catalog_xmin" : "slot xmin";
  if (pin.kind === "xid" || pin.kind === "snapshot")
    return `${pin.kind === "xid" ? "backend_xid" : "backend_xmin"}${pin.sure ? "" : "?"}`;
  return pin.kind;
}

/** What it concerns where that is not our own database alone. */
export function scopeName(pin: Pin): string {
  return pin.database ?? "all dbs";
}

/** Shares of autovacuum_freeze_max_age from which on a horizon is old: behind it, no autovacuum can freeze anything. */
const OLD = 0.1;
const VERY_OLD = 0.5;
const DEFAULT_FREEZE_MAX_AGE = 200_000_000;

export function ageTone(xidAge: number, { server }: Sample): Tone {
  const share = xidAge / (server.tuning?.autovacuumFreezeMaxAge ?? DEFAULT_FREEZE_MAX_AGE);
  return share >= VERY_OLD ? "very-old" : share >= OLD ? "old" : "normal";
}
