import { MEMORY } from "./units.ts";

/** An amount of memory or of disk in at most seven characters: 812 kB, 4.0 MB, 1.5 GB, 23 GB. */
export function bytes(value: number): string {
  const [unit, size] = MEMORY.find(([, size]) => value < size * 1000) ?? MEMORY.at(-1)!;
  const n = value / size;
  return `${size > 1 && n < 9.95 ? n.toFixed(1) : Math.round(n)} ${unit}`;
}
