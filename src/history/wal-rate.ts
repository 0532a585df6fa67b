import { counted } from "./counted.ts";
import type { History } from "./history.ts";

/** Bytes of WAL a second, in about the last `seconds`; null: not known. */
export function walRate(history: History, seconds: number): number | null {
  const both = counted(history, seconds);
  if (both === null || both.from.walBytes === null || both.to.walBytes === null) return null;
  return Math.max(0, both.to.walBytes - both.from.walBytes) / both.seconds;
}
