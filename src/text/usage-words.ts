import type { ProcessUsage } from "../model/usage.ts";
import { bytes } from "./bytes.ts";

/** Percent of one processor; empty when it is not known. */
export function percent(value: number | null | undefined): string {
  if (value == null) return "";
  return value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

/** "≤" where only a bound could be read. */
export function memoryText(usage: Pick<ProcessUsage, "memoryBytes" | "memoryHow"> | null | undefined): string {
  if (usage?.memoryBytes == null) return "";
  return `${usage.memoryHow === "at most" ? "≤" : ""}${bytes(usage.memoryBytes)}`;
}

/** Bytes a second, without saying so; nothing is a zero. */
export function rate(value: number | null | undefined): string {
  if (value == null) return "";
  return value < 1 ? "0" : bytes(value);
}
