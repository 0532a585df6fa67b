import { mayBeCut, type Backend } from "../model/backend.ts";
import { waitsForLock } from "./states.ts";

/** DDL that waits for its lock, and everybody else queues behind it. */
export interface WaitingDdl {
  /** ALTER TABLE, TRUNCATE … */
  readonly kind: string;
  /** Its transaction has changed nothing yet: nothing is lost when it is cancelled. */
  readonly changedNothing: boolean;
}

/** What kind of DDL a backend waits with; null for anything else. */
export function waitingDdl(backend: Backend): WaitingDdl | null {
  if (!waitsForLock(backend)) return null;
  const text = backend.query.replace(LEADING_COMMENTS, "");
  const kind = DDL.exec(text)?.[0].toUpperCase().replace(/\s+/g, " ") ?? null;
  if (kind === null || /\bconcurrently\b/i.test(text)) return null;
  return { kind, changedNothing: changedNothing(backend) };
}

/** Whether it has written, or locked rows, as far as its xid tells: DDL that waits has one for nothing but the lock. */
export function mayHaveWritten(backend: Backend): boolean {
  return backend.backendXid !== null && waitingDdl(backend)?.changedNothing !== true;
}

/**
 * With wal_level replica an AccessExclusiveLock takes an xid before it is waited for (measured on 10, 13 and 18), so an xid says
 * nothing here. What tells is that the transaction has begun with this very statement, and that it is one statement.
 */
function changedNothing({ backendXid, xactStartSeconds: xact, queryStartSeconds: start, query }: Backend): boolean {
  if (backendXid === null) return true;
  if (xact === null || start === null || start - xact > SAME_MOMENT_SECONDS) return false;
  return !mayBeCut(query) && !query.trimEnd().slice(0, -1).includes(";");
}

/** Between Parse, which begins the transaction, and Bind, which begins the query, when they come together: 0.05 ms measured. */
const SAME_MOMENT_SECONDS = 0.0002;

const LEADING_COMMENTS = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/;

/**
 * Statements of one transaction each. What works in several (CONCURRENTLY, VACUUM, REINDEX of a schema or of more) has perhaps changed
 * something already while it waits.
 */
const DDL =
  /^(?:(?:alter|create|drop|comment|refresh)\s+(?:unique\s+)?[a-z]+(?:\s+view)?|reindex\s+(?:table|index)|truncate|lock)\b/i;
