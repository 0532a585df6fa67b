import type { Setting } from "../model/tuning.ts";
import { MEMORY, TIME, type Units } from "./units.ts";

type Value = Pick<Setting, "value" | "unit">;

/** As SHOW prints it: in the largest unit that leaves no fraction. What is not above 0 means something of its own, and has no unit. */
export function asShown({ value, unit }: Value): string {
  const base = unit === null ? null : baseUnit(unit);
  const amount = Number(value);
  if (base === null || !(amount > 0)) return value;
  const whole = amount * base.size;
  const [name, size] = base.kind.findLast(([, size]) => isWhole(whole / size)) ?? base.kind[0]!;
  return `${Number((whole / size).toPrecision(6))}${name}`;
}

/** Bytes, or seconds; what has no unit as it stands. Null: it is no number. What is not above 0 is not counted in its unit. */
export function inBaseUnits({ value, unit }: Value): number | null {
  const amount = value === "" ? Number.NaN : Number(value);
  if (Number.isNaN(amount)) return null;
  return amount > 0 ? amount * ((unit === null ? null : baseUnit(unit))?.size ?? 1) : amount;
}

/** pg_settings counts in these, and in multiples of them: blocks are "8kB", in a server that was built with others "16kB". */
function baseUnit(unit: string): { readonly kind: Units; readonly size: number } | null {
  const [, times, name] = /^(\d*)(\D+)$/.exec(unit) ?? [];
  for (const kind of [MEMORY, TIME]) {
    const found = kind.find(([known]) => known === name);
    if (found !== undefined) return { kind, size: found[1] * (times === "" ? 1 : Number(times)) };
  }
  return null;
}

/** As PostgreSQL finds it: fractions are not exact. */
function isWhole(amount: number): boolean {
  return amount > 0.5 && Math.abs(Math.round(amount) / amount - 1) <= 1e-8;
}
