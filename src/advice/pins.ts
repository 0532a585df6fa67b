import { pins, type Pin } from "../analysis/horizon.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { Backend, BackendKey } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { count, duration } from "../text/format.ts";
import { dropSlot, rollbackPrepared } from "../text/statements.ts";
import type { Step } from "./rule.ts";
import { end } from "./steps.ts";
import { sessionName, short } from "./words.ts";

/** What keeps rows of tables, the oldest first: a slot that keeps those of catalogs alone is none of it. None where nobody tells. */
export const rowPins = lastResult((sample: Sample): readonly Pin[] =>
  (pins(sample)?.all ?? []).filter(({ keeps }) => keeps === "rows"),
);

/** How many transactions old the oldest is that a backend's xid or snapshot keeps alive; null: it keeps none, or nobody tells. */
export function heldBack({ key }: Backend, sample: Sample): number | null {
  return byBackend(sample).get(key) ?? null;
}

/**
 * What is kept for what is so many transactions old. VACUUM runs on the primary, which hears of a standby's snapshots by its
 * feedback alone.
 */
export function keptWords(age: number, { server }: Sample): string {
  const rows = `dead rows of the last ${age === 1 ? "transaction" : `${count(age)} transactions`} are kept`;
  return server.role === "standby" ? `on the primary, ${rows} if hot_standby_feedback is on here` : rows;
}

/** Who it is, and how old what it holds is. */
export function pinWords(pin: Pin, sample: Sample): string {
  const old = `${count(pin.xidAge)} transactions old`;
  if ("backend" in pin) return `${sessionName(pin.backend)}, ${pin.backend.state ?? "hidden from our role"}, ${old}`;
  if (pin.kind === "slot") return `replication slot ${short(pin.slot.name)}, ${old}`;
  const age = duration(sample.serverSeconds - pin.prepared.preparedSeconds);
  return `prepared transaction ${short(pin.prepared.gid)} of ${age} ago, ${old}`;
}

/** How it lets go. */
export function release(pin: Pin): Step {
  if ("backend" in pin) {
    if (pin.kind === "feedback")
      return {
        text: `end the long query on the standby that ${sessionName(pin.backend)} feeds: it holds VACUUM back from there`,
      };
    return end("terminate", pin.backend, `first end what holds it back: terminate ${sessionName(pin.backend)}`);
  }
  if (pin.kind === "prepared")
    return {
      text: `first end what holds it back, in database ${short(pin.prepared.database)}`,
      sql: `${rollbackPrepared(pin.prepared.gid)};`,
    };
  return {
    text: "first let its consumer catch up, or drop the slot if that is gone for good",
    sql: `${dropSlot(pin.slot.name)};`,
  };
}

const byBackend = lastResult(
  (sample: Sample): ReadonlyMap<BackendKey, number> =>
    new Map(rowPins(sample).flatMap((pin) => ("backend" in pin ? [[pin.backend.key, pin.xidAge] as const] : []))),
);
