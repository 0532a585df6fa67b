import { MEMORY, TIME, type Units } from "./units.ts";

// Amounts as PostgreSQL writes and reads them in its settings: a number with a unit, or in the unit that the setting has by itself.

/** Seconds; plain numbers are milliseconds. Null: it is no such amount. */
export function secondsIn(text: string): number | null {
  return amount(text, TIME, 0.001);
}

/** Bytes; plain numbers are kilobytes, as work_mem has them. Null: it is no such amount. */
export function bytesIn(text: string): number | null {
  return amount(text, MEMORY, 1024);
}

/** The same amount as a setting is given it, in the largest unit that says it exactly: "64MB", "1536kB". Of whole kilobytes. */
export function memoryText(bytes: number): string {
  const [unit, size] = MEMORY.findLast(([, size]) => bytes >= size && bytes % size === 0) ?? ["kB", 1024];
  return `${Math.round(bytes / size)}${unit}`;
}

function amount(text: string, units: Units, plain: number): number | null {
  const [, number, unit = ""] = /^\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(text) ?? [];
  if (number === undefined) return null;
  const size = unit === "" ? plain : units.find(([name]) => name === unit)?.[1];
  return size === undefined ? null : Number(number) * size;
}
