import { mayBeCut, type Backend } from "../model/backend.ts";
import { inTransactionBlock } from "./transaction-block.ts";

/** DDL that waits for its lock, and everybody else queues behind it. */
export interface WaitingDdl {
  /** ALTER TABLE, TRUNCATE … */
  readonly kind: string;
  /** Its transaction has changed nothing yet: nothing is lost when it is cancelled. */
  readonly changedNothing: boolean;
}

/** What kind of DDL a backend waits with; null for anything else. */
export function waitingDdl(backend: Backend): WaitingDdl | null {
  if (backend.waitEventType !== "Lock" || backend.waitEvent !== "relation") return null;
  const text = withoutComments(backend.query);
  const kind = DDL.exec(text)?.[0].toUpperCase().replace(/\s+/g, " ") ?? null;
  if (kind === null || /\bconcurrently\b/i.test(text)) return null;
  return { kind, changedNothing: changedNothing(backend) };
}

/** Whether it has written, or locked rows, as far as its xid tells: DDL that waits has one for nothing but the lock. */
export function mayHaveWritten(backend: Backend): boolean {
  return backend.backendXid !== null && waitingDdl(backend)?.changedNothing !== true;
}

/** Whether it works in one transaction after the other: what it has done already does not roll back. */
export function inSeveralTransactions({ query, backendType }: Backend): boolean {
  const text = withoutComments(query);
  if (backendType === "autovacuum worker" || /^vacuum\b/i.test(text)) return true;
  return /^(?:create|drop|reindex|alter)\b/i.test(text) && /\bconcurrently\b/i.test(text);
}

export function withoutComments(query: string): string {
  return query.replace(LEADING_COMMENTS, "");
}

/**
 * With wal_level replica an AccessExclusiveLock takes an xid before it is waited for (measured on 10, 13 and 18), so an xid says
 * nothing here. What tells is that the transaction has begun with this very statement, and that it is one statement.
 */
function changedNothing(backend: Backend): boolean {
  const { backendXid, xactStartSeconds, queryStartSeconds, query } = backend;
  if (backendXid === null) return true;
  if (xactStartSeconds === null || queryStartSeconds === null || inTransactionBlock(backend)) return false;
  return !mayBeCut(query) && !query.trimEnd().slice(0, -1).includes(";");
}

const LEADING_COMMENTS = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/;

/**
 * Statements that lock what they are about before they do anything, in one transaction. What works in several (CONCURRENTLY, VACUUM), runs
 * somebody's code first (CREATE TABLE AS, REFRESH) or takes one lock after the other (REINDEX) has perhaps changed something already.
 */
const DDL =
  /^(?:(?:alter|drop)\s+(?:foreign\s+)?(?:table|index|sequence|(?:materialized\s+)?view)|create\s+(?:unique\s+)?index|truncate|lock|comment)\b/i;
