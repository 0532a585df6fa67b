import { WHAT_IF_FIELDS, type WhatIfField } from "../analysis/outlook.ts";
import type { Sample } from "../model/reading.ts";
import type { TabRow } from "./tab-row.ts";

/** What memory is made of, in the order in which it is told; the sum stands behind its parts, and behind it what is in no sum. */
const MEMORY_PARTS = [
  "shared",
  "sessions",
  "others",
  "work",
  "parallel",
  "maintenance",
  "worst",
  "pooled",
  "now",
  "temporary",
  "seed",
  "machine",
] as const;

export type MemoryPart = (typeof MEMORY_PARTS)[number];

/** A line of the view: what can be thought of otherwise, then what becomes of memory. */
export type MemoryRow = TabRow &
  ({ readonly kind: "input"; readonly field: WhatIfField } | { readonly kind: "part"; readonly part: MemoryPart });

/** Where nobody tells what is set there is nothing to be changed, and only what is measured is told. */
export function memoryRows(sample: Sample): readonly MemoryRow[] {
  return sample.server.tuning === null ? MEASURED : ALL;
}

const PARTS: readonly MemoryRow[] = MEMORY_PARTS.map((part) => ({ kind: "part", part, key: part, backend: null }));

const ALL: readonly MemoryRow[] = [
  ...WHAT_IF_FIELDS.map((field): MemoryRow => ({ kind: "input", field, key: `what if ${field}`, backend: null })),
  ...PARTS,
];

const MEASURED: readonly MemoryRow[] = PARTS.filter(({ key }) =>
  ["shared", "sessions", "others", "machine"].includes(key),
);
