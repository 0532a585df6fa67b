import {
  compareNames,
  holderGroups,
  HOLDER_BYS,
  type HolderBy,
  type HolderGroup,
  type HolderGrouping,
  type Name,
} from "../analysis/holder-groups.ts";
import { lastResult } from "../analysis/last-result.ts";
import { byRoom, slots, type LimitUse } from "../analysis/slots.ts";
import { growth, type Growth } from "../history/growth.ts";
import type { History } from "../history/history.ts";
import type { Sample } from "../model/reading.ts";
import type { TabRow } from "./tab-row.ts";

export interface HolderRow extends TabRow {
  readonly group: HolderGroup;
  readonly growth: Growth;
  /** Of the slots that ordinary roles can use; null where nobody tells how many these are. */
  readonly share: number | null;
  /** CONNECTION LIMITs of its role and its database, where it is grouped by these, the one with the least room first. */
  readonly limits: readonly LimitUse[];
}

export const HOLDER_SORTS = ["count", "growth", "idle", "never used", "new", "name"] as const;

export type HolderSort = (typeof HOLDER_SORTS)[number];

/** Who holds the slots, in groups: whoever is at the top is the answer to the question that it is sorted by. */
export const holderRows = lastResult(
  (history: History, sample: Sample, by: HolderBy, sort: HolderSort): readonly HolderRow[] => {
    const { app, limits } = slots(sample);
    const grown = growth(history, by);
    const rows = holderGroups(sample, by).map((group): HolderRow => ({
      key: group.key,
      backend: null,
      group,
      growth: grown.get(group.key) ?? UNKNOWN,
      share: app === null ? null : group.count / Math.max(1, app),
      limits: limitsOf(group, limits),
    }));
    // The groups come with the largest first, and sorting keeps that where it finds no difference.
    return sort === "count" ? rows : rows.sort((a, b) => ORDER[sort](a, b));
  },
);

/** The grouping that comes after this one, and after the last the first. */
export function nextHolderBy(by: HolderBy): HolderBy {
  return HOLDER_BYS[(HOLDER_BYS.indexOf(by) + 1) % HOLDER_BYS.length]!;
}

/** The filter that lists the sessions of this group, and nobody else's. */
export function holderFilter({ group }: Pick<HolderRow, "group">): string {
  const words = group.by.map((grouping, i) => exactly(FIELD_OF[grouping], group.names[i]!));
  return [...words, "type:holder"].join(" ");
}

/** Sessions more in five minutes: as many as it would be at its pace, or as many as it was. */
function growthInFive({ changes, trend }: Growth): number | null {
  if (trend !== null) return trend.perSecond * 300;
  return changes[1] ?? changes[0] ?? null;
}

const UNKNOWN: Growth = { changes: [null, null, null], openedPerSecond: null, gonePerSecond: null, trend: null };

const ORDER: Readonly<Record<Exclude<HolderSort, "count">, (a: HolderRow, b: HolderRow) => number>> = {
  growth: (a, b) => descending(growthInFive(a.growth), growthInFive(b.growth)),
  idle: (a, b) => descending(a.group.oldestIdleSeconds, b.group.oldestIdleSeconds),
  "never used": (a, b) => b.group.neverUsed - a.group.neverUsed,
  new: (a, b) => descending(a.growth.openedPerSecond, b.growth.openedPerSecond),
  name: (a, b) => compareNames(a.group.names, b.group.names),
};

/** What is not known comes last. */
function descending(a: number | null, b: number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return b - a;
}

function limitsOf({ by, names }: HolderGroup, limits: readonly LimitUse[]): readonly LimitUse[] {
  if (limits.length === 0) return NO_LIMITS;
  return limits
    .filter(({ kind, name }) => by.some((grouping, i) => grouping === kind && names[i] === name))
    .sort(byRoom);
}

const NO_LIMITS: readonly LimitUse[] = [];

const FIELD_OF: Readonly<Record<HolderGrouping, string>> = {
  application: "app",
  role: "user",
  client: "client",
  database: "db",
  state: "state",
  query: "statement",
};

/** A name that was not told is one that is missing, without being empty. */
function exactly(field: string, name: Name): string {
  if (name === null) return `${field}: !${field}:=`;
  return `${field}:=${/[\s"]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name}`;
}
