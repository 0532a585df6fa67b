import { lastResult } from "../analysis/last-result.ts";
import { isInTransaction } from "../analysis/states.ts";
import { turnover } from "../analysis/turnover.ts";
import { isClient, isHalfOpen, mayBeClient, mayBeWalsender, type Backend, type BackendKey } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { column, type ColumnId } from "./columns.ts";
import type { Filter } from "./filter.ts";

export interface Sort {
  readonly column: ColumnId;
  readonly descending: boolean;
}

export interface Row {
  readonly backend: Backend;
  /** A parallel worker, listed under its leader. */
  readonly worker: boolean;
  /** New in this sample; or ended since the one before, and shown once more. */
  readonly mark: "new" | "gone" | null;
  /** What it is sorted by; null sorts last. */
  readonly sortKey: number | string | null;
}

export interface Rows {
  readonly all: readonly Row[];
  /** Sessions that the filter or the hidden idle ones keep off the list. */
  readonly left: number;
  /** Of these, hidden because they are idle. */
  readonly leftIdle: number;
}

/**
 * The sessions list: whoever works in a database, walsenders, hidden rows of somebody's session, parallel workers under their
 * leader. Sorted and filtered, not formatted: only what is visible gets formatted.
 */
export const rows = lastResult(
  (
    sample: Sample,
    before: Sample | null,
    sort: Sort,
    filter: Filter,
    showIdle: boolean,
    follow: BackendKey | null,
  ): Rows => {
    const change = before === null ? null : turnover(before, sample);
    const by = column(sort.column);
    const sessions: Row[] = [];
    const workers = new Map<number, Row[]>();
    let left = 0;
    let leftIdle = 0;
    const came = change === null || change.came.size === 0 ? null : change.came;
    const add = (backend: Backend, mark: Row["mark"]): void => {
      if (backend.backendType === "parallel worker" && backend.leaderPid !== null) {
        const row: Row = { backend, worker: true, mark, sortKey: null };
        const group = workers.get(backend.leaderPid);
        if (group === undefined) workers.set(backend.leaderPid, [row]);
        else group.push(row);
      } else if (isListed(backend)) {
        const kept =
          (showIdle || backend.state !== "idle") && (filter.kind === "wrong" || filter.matches(backend, sample));
        if (kept || backend.key === follow) {
          sessions.push({ backend, worker: false, mark, sortKey: by.sortBy(backend, sample) });
        } else {
          left++;
          if (!showIdle && backend.state === "idle") leftIdle++;
        }
      }
    };
    for (const backend of sample.backends) add(backend, came?.has(backend) === true ? "new" : null);
    // A parallel worker that has ended is nobody to remember.
    for (const backend of change?.gone ?? []) if (backend.backendType !== "parallel worker") add(backend, "gone");
    const sorted = sortRows(sessions, sort.descending);
    return {
      all: workers.size === 0 ? sorted : sorted.flatMap((row) => [row, ...(workers.get(row.backend.pid) ?? [])]),
      left,
      leftIdle,
    };
  },
);

/**
 * Beside sessions, whoever works in a database: an autovacuum or replication worker may hold the lock that others wait for. The
 * server's own processes without one have a page of their own.
 */
export function isListed(backend: Backend): boolean {
  return isSession(backend) || backend.database !== null;
}

/** Client backends, walsenders, parallel workers, and the hidden rows that may be one. */
export function isSession(backend: Backend): boolean {
  return (
    isClient(backend) ||
    mayBeClient(backend) ||
    mayBeWalsender(backend) ||
    backend.backendType === "walsender" ||
    backend.backendType === "parallel worker" ||
    isHalfOpen(backend)
  );
}

function sortRows(list: Row[], descending: boolean): Row[] {
  const sign = descending ? -1 : 1;
  return list.sort((a, b) => compareKeys(a.sortKey, b.sortKey, sign) || tieBreak(a.backend, b.backend));
}

function compareKeys(a: number | string | null, b: number | string | null, sign: number): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return (a < b ? -1 : 1) * sign;
}

/** Longest in its state first; pids settle the rest, so that rows never swap places for nothing. */
function tieBreak(a: Backend, b: Backend): number {
  const since = a.stateChangeSeconds ?? LATE;
  const other = b.stateChangeSeconds ?? LATE;
  if (since !== other) return since < other ? -1 : 1;
  return weight(a) - weight(b) || a.pid - b.pid;
}

/** Where nobody tells how long anything has lasted: open transactions, then whoever works. */
function weight(backend: Backend): number {
  if (backend.stateChangeSeconds !== null || !isClient(backend)) return 0;
  return isInTransaction(backend) ? -2 : backend.state === "active" ? -1 : 0;
}

/** Later than any start; Infinity minus itself would be no number. */
const LATE = Number.MAX_SAFE_INTEGER;
