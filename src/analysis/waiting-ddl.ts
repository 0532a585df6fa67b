import type { Backend } from "../model/backend.ts";
import { waitsForLock } from "./states.ts";

/**
 * What kind of DDL a backend waits with, having changed nothing yet; null for anything else. Such a statement is the safe first thing
 * to cancel: it queues for a strong lock, everybody else queues behind it, and nothing is lost with it.
 */
export function waitingDdl(backend: Backend): string | null {
  if (!waitsForLock(backend) || backend.backendXid !== null) return null;
  const text = backend.query.replace(LEADING_COMMENTS, "");
  const words = DDL.exec(text)?.[0].toUpperCase().replace(/\s+/g, " ") ?? null;
  return words === null || /\bconcurrently\b/i.test(text) ? null : words;
}

const LEADING_COMMENTS = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/;

/**
 * Statements of one transaction each. What works in several (CONCURRENTLY, VACUUM, REINDEX of a schema or of more) has perhaps changed
 * something already while it waits without an xid.
 */
const DDL =
  /^(?:(?:alter|create|drop|comment|refresh)\s+(?:unique\s+)?[a-z]+(?:\s+view)?|reindex\s+(?:table|index)|truncate|lock)\b/i;
