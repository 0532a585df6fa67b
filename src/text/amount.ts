// Amounts as PostgreSQL writes and reads them in its settings: a number with a unit, or in the unit that the setting has by itself.

/** Seconds; plain numbers are milliseconds. Null: it is no such amount. */
export function secondsIn(text: string): number | null {
  return amount(text, SECONDS, 0.001);
}

/** Bytes; plain numbers are kilobytes, as work_mem has them. Null: it is no such amount. */
export function bytesIn(text: string): number | null {
  return amount(text, BYTES, 1024);
}

/** The same amount as a setting is given it, in the largest unit that says it exactly: "64MB", "1536kB". Of whole kilobytes. */
export function memoryText(bytes: number): string {
  const [unit, size] = Object.entries(BYTES)
    .toReversed()
    .find(([, size]) => bytes >= size && bytes % size === 0) ?? ["kB", 1024];
  return `${Math.round(bytes / size)}${unit}`;
}

function amount(text: string, units: Readonly<Record<string, number>>, plain: number): number | null {
  const [, number, unit = ""] = /^\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(text) ?? [];
  if (number === undefined) return null;
  const size = unit === "" ? plain : units[unit];
  return size === undefined ? null : Number(number) * size;
}

const SECONDS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };
/** From the smallest up. */
const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };
