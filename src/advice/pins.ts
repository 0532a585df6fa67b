import { lastResult } from "../analysis/last-result.ts";
import { withoutComments } from "../analysis/waiting-ddl.ts";
import type { Backend } from "../model/backend.ts";
import type { PreparedXact, ReplicationSlot } from "../model/horizon.ts";
import { xidAge, type Sample } from "../model/reading.ts";

/** What holds VACUUM back: dead rows that were alive so many transactions ago are kept for it. */
export type Pin = {
  readonly age: number;
  /** Of whose tables; null: of all databases. */
  readonly database: string | null;
} & (
  | { readonly kind: "session"; readonly backend: Backend }
  | { readonly kind: "prepared"; readonly prepared: PreparedXact }
  | { readonly kind: "slot"; readonly slot: ReplicationSlot }
);

/** The oldest first. A slot that holds catalogs alone is none; nor is a transaction of VACUUM, which does not hold another one back. */
export const pins = lastResult((sample: Sample): readonly Pin[] => {
  const found: Pin[] = [];
  for (const backend of sample.backends) {
    const age = heldBack(backend, sample);
    if (age !== null && backend.pid !== sample.server.ownPid)
      // What a standby's feedback holds is held everywhere.
      found.push({
        kind: "session",
        backend,
        age,
        database: backend.backendType === "walsender" ? null : backend.database,
      });
  }
  for (const prepared of sample.holdouts?.prepared ?? []) {
    const age = known(xidAge(prepared.xid, sample));
    if (age !== null) found.push({ kind: "prepared", prepared, age, database: prepared.database });
  }
  for (const slot of sample.holdouts?.slots ?? []) {
    const age = known(xidAge(slot.xmin, sample));
    if (age !== null) found.push({ kind: "slot", slot, age, database: null });
  }
  return found.sort((a, b) => b.age - a.age);
});

/** How many transactions old the oldest is that a backend's xid or snapshot keeps alive; null: it keeps none, or nobody tells. */
export function heldBack(backend: Backend, sample: Sample): number | null {
  const { backendXid, backendXmin } = backend;
  if ((backendXid === null && backendXmin === null) || isVacuum(backend)) return null;
  const xid = known(xidAge(backendXid, sample));
  const xmin = known(xidAge(backendXmin, sample));
  return xid === null || xmin === null ? (xid ?? xmin) : Math.max(xid, xmin);
}

/** What was handed out after the sample had asked for the next one seems to be four thousand million old. */
function known(age: number | null): number | null {
  return age !== null && age >= 2 ** 31 ? 0 : age;
}

function isVacuum({ query }: Backend): boolean {
  // Comments are taken off what may be one, and of nothing else.
  return MAY_BE_VACUUM.test(query) && /^(?:autovacuum: )?vacuum\b/i.test(withoutComments(query));
}

const MAY_BE_VACUUM = /^(?:autovacuum|vacuum|\s|--|\/\*)/i;
