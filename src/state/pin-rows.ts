import { idleWithoutPin, pins, type Pin } from "../analysis/horizon.ts";
import { lastResult } from "../analysis/last-result.ts";
import { transactionKind, type TransactionKind } from "../analysis/transaction-kind.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { TabRow } from "./tab-row.ts";

/** A line of the tab: what holds VACUUM back; then, under a title of their own, the idle transactions that do not. */
export type PinRow = TabRow &
  (
    | { readonly kind: "pin"; readonly pin: Pin }
    | { readonly kind: "title"; readonly harmless: number }
    | { readonly kind: "harmless"; readonly backend: Backend; readonly transaction: TransactionKind }
  );

/** None in the host lane, where nobody tells. */
export const pinRows = lastResult((sample: Sample): readonly PinRow[] => {
  const held = (pins(sample)?.all ?? []).map((pin): PinRow => ({
    kind: "pin",
    pin,
    key: pin.key,
    backend: "backend" in pin ? pin.backend : null,
  }));
  const harmless = idleWithoutPin(sample).map((backend): PinRow => ({
    kind: "harmless",
    backend,
    transaction: transactionKind(backend)!,
    key: backend.key,
  }));
  if (harmless.length === 0) return held;
  return [...held, { kind: "title", harmless: harmless.length, key: "pins nothing", backend: null }, ...harmless];
});
