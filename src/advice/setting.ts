import type { Override, TimeoutName, Tuning } from "../model/tuning.ts";

/** Where a setting of a session comes from: for its role in its database, for its role, for its database, for everybody. */
function overrideFor(
  overrides: readonly Override[],
  name: string,
  role: string | null,
  database: string | null,
): Override | null {
  let best: Override | null = null;
  let rank = -1;
  for (const override of overrides) {
    if (override.name !== name) continue;
    if (override.role !== null && override.role !== role) continue;
    if (override.database !== null && override.database !== database) continue;
    const own = (override.role === null ? 0 : 2) + (override.database === null ? 0 : 1);
    if (own > rank) [best, rank] = [override, own];
  }
  return best;
}

/** Seconds; 0 is off; null: not known. */
export function timeoutFor(
  { overrides, timeouts }: Tuning,
  name: TimeoutName,
  role: string | null,
  database: string | null,
): number | null {
  const override = overrideFor(overrides, name, role, database);
  return override === null ? timeouts[name] : amount(override.value, MILLISECONDS, 0.001);
}

/** Bytes. */
export function workMemFor({ overrides, workMemBytes }: Tuning, role: string | null, database: string | null): number {
  const override = overrideFor(overrides, "work_mem", role, database);
  return (override === null ? null : amount(override.value, MEMORY, 1024)) ?? workMemBytes;
}

/** As PostgreSQL reads it: a number with a unit, or in the unit that the setting has by itself. */
function amount(text: string, units: Readonly<Record<string, number>>, plain: number): number | null {
  const [, number, unit = ""] = /^\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(text) ?? [];
  if (number === undefined) return null;
  const size = unit === "" ? plain : units[unit];
  return size === undefined ? null : Number(number) * size;
}

const MILLISECONDS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };
const MEMORY: Readonly<Record<string, number>> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };
