import { BOUNDS } from "../analysis/what-if-refusals.ts";
import { NO_WISH, type WhatIf, type WhatIfField } from "../analysis/outlook.ts";
import { USUAL_POOL } from "../analysis/pool-words.ts";
import type { Sample } from "../model/reading.ts";
import { bytesIn, memoryText } from "../text/amount.ts";

/** What the field is now; null: not known, and of the pool: there is none. */
export function valueNow(field: WhatIfField, { server }: Sample): number | null {
  switch (field) {
    case "connections":
      return server.settings.maxConnections;
    case "workMemBytes":
      return server.tuning?.workMemBytes ?? null;
    case "parallelWorkers":
      return server.tuning?.maxParallelWorkers ?? null;
    case "poolSize":
      return null;
  }
}

/** One step up or down from what stands in the form. Back at what it is now the field is as it was. */
export function step(wish: WhatIf, field: WhatIfField, by: 1 | -1, sample: Sample, pool: number = USUAL_POOL): WhatIf {
  const from = wish[field] ?? valueNow(field, sample);
  if (from === null) return field === "poolSize" && by > 0 ? withField(wish, field, pool, sample) : wish;
  if (field === "poolSize" && by < 0 && from <= BOUNDS.poolSize.least) return { ...wish, poolSize: null };
  return withField(wish, field, stepped(field, from, by), sample);
}

/** As far as PostgreSQL goes, and no further. */
function withField(wish: WhatIf, field: WhatIfField, value: number, sample: Sample): WhatIf {
  const { least, most } = BOUNDS[field];
  const kept = Math.min(most, Math.max(least, value));
  return { ...wish, [field]: kept === valueNow(field, sample) ? null : kept };
}

function stepped(field: WhatIfField, from: number, by: 1 | -1): number {
  switch (field) {
    case "connections": {
      // Up and down again is where it was: a step down is as long as the one that led here.
      const length = stepLength(by > 0 ? from : from - 1);
      return by > 0 ? (Math.floor(from / length) + 1) * length : (Math.ceil(from / length) - 1) * length;
    }
    case "workMemBytes":
      return by > 0 ? from * 2 : Math.ceil(from / 2 / KILOBYTE) * KILOBYTE;
    case "parallelWorkers":
      return from + by;
    case "poolSize":
      return by > 0 ? (Math.floor(from / POOL_STEP) + 1) * POOL_STEP : (Math.ceil(from / POOL_STEP) - 1) * POOL_STEP;
  }
}

const KILOBYTE = 1024;
const POOL_STEP = 5;

/** A round one, between a tenth and a quarter of it: 2, 5, 10, 20, 50, 100 … */
function stepLength(from: number): number {
  if (from < 10) return 1;
  const power = 10 ** Math.floor(Math.log10(from));
  return from < 2 * power ? power / 5 : from < 5 * power ? power / 2 : power;
}

export type Typed = { readonly value: number | null } | { readonly error: string };

/** What somebody has typed into a field; empty: as it is now. With more than PostgreSQL knows there is nothing to reckon. */
export function typed(field: WhatIfField, text: string): Typed {
  const trimmed = text.trim();
  if (trimmed === "") return { value: null };
  const read = field === "workMemBytes" ? typedBytes(trimmed) : typedNumber(trimmed);
  if ("error" in read || read.value === null) return read;
  if (field === "poolSize" && read.value === 0) return { error: "a pool has 1 at the least; empty: no pool" };
  const { most } = BOUNDS[field];
  if (read.value <= most) return read;
  return { error: `the most is ${field === "workMemBytes" ? memoryText(most) : most}` };
}

function typedNumber(text: string): Typed {
  return /^\d+$/.test(text) ? { value: Number(text) } : { error: "a whole number, please" };
}

/** A number alone would be kilobytes for PostgreSQL, and is not what anybody means. */
function typedBytes(text: string): Typed {
  if (/^[0.]+$/.test(text)) return { error: LEAST_WORK_MEM };
  if (/^\d+(\.\d+)?$/.test(text)) return { error: `with its unit, please: ${text}MB` };
  const spelt = text.replace(/\s*([kmgt])i?b?$/i, (_, unit: string) => UNITS[unit.toLowerCase()]!);
  const bytes = bytesIn(spelt);
  if (bytes === 0) return { error: LEAST_WORK_MEM };
  if (bytes === null || bytes < 0) return { error: "an amount, please: 64MB, 512kB, 1GB" };
  return { value: Math.ceil(bytes / KILOBYTE) * KILOBYTE };
}

const LEAST_WORK_MEM = `the least is ${memoryText(BOUNDS.workMemBytes.least)}`;

/** However it is written: 64mb, 64 MB, 64M. */
const UNITS: Readonly<Record<string, string>> = { k: "kB", m: "MB", g: "GB", t: "TB" };

/** One field as it is now, or all of them. */
export function reset(wish: WhatIf, field: WhatIfField | null = null): WhatIf {
  return field === null ? NO_WISH : { ...wish, [field]: null };
}

export function isAsking(wish: WhatIf): boolean {
  return Object.values(wish).some((value) => value !== null);
}
