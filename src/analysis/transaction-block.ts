import type { Backend } from "../model/backend.ts";

/**
 * Whether its transaction goes on when its query has ended. A transaction of one statement begins with Parse, its query with Bind: as a
 * rule both come together, 0.05 ms apart. signal.sql knows the same number.
 */
export function inTransactionBlock({ xactStartSeconds: xact, queryStartSeconds: query }: Backend): boolean {
  return xact !== null && query !== null && query - xact > SAME_MOMENT_SECONDS;
}

const SAME_MOMENT_SECONDS = 0.0002;
