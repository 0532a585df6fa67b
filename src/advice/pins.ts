import { pins, type Pin } from "../analysis/horizon.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { Backend, BackendKey } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { count } from "../text/format.ts";

/** What keeps rows of tables, the oldest first: a slot that keeps those of catalogs alone is none of it. None where nobody tells. */
export const rowPins = lastResult((sample: Sample): readonly Pin[] =>
  (pins(sample)?.all ?? []).filter(({ keeps }) => keeps === "rows"),
);

/** How many transactions old the oldest is that a backend's xid or snapshot keeps alive; null: it keeps none, or nobody tells. */
export function heldBack({ key }: Backend, sample: Sample): number | null {
  return byBackend(sample).get(key) ?? null;
}

/** What is kept for what is so many transactions old. VACUUM runs on the primary, which hears of a standby's snapshots by its feedback alone. */
export function keptWords(age: number, { server }: Sample): string {
  const rows = `dead rows of the last ${age === 1 ? "transaction" : `${count(age)} transactions`} are kept`;
  return server.role === "standby" ? `on the primary, ${rows} if hot_standby_feedback is on here` : rows;
}

const byBackend = lastResult(
  (sample: Sample): ReadonlyMap<BackendKey, number> =>
    new Map(rowPins(sample).flatMap((pin) => ("backend" in pin ? [[pin.backend.key, pin.xidAge] as const] : []))),
);
