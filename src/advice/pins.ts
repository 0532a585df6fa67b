import { pins, type Pin } from "../analysis/horizon.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { Backend, BackendKey } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";

/** What keeps rows of tables, the oldest first: a slot that keeps those of catalogs alone is none of it. None where nobody tells. */
export const rowPins = lastResult((sample: Sample): readonly Pin[] =>
  (pins(sample)?.all ?? []).filter(({ keeps }) => keeps === "rows"),
);

/** How many transactions old the oldest is that a backend's xid or snapshot keeps alive; null: it keeps none, or nobody tells. */
export function heldBack({ key }: Backend, sample: Sample): number | null {
  return byBackend(sample).get(key) ?? null;
}

const byBackend = lastResult(
  (sample: Sample): ReadonlyMap<BackendKey, number> =>
    new Map(rowPins(sample).flatMap((pin) => ("backend" in pin ? [[pin.backend.key, pin.xidAge] as const] : []))),
);
