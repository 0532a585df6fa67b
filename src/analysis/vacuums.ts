import type { Backend } from "../model/backend.ts";
import { withoutComments } from "./waiting-ddl.ts";

/**
 * Whether a backend runs VACUUM, whose snapshot and xid no other VACUUM waits for, although pg_stat_activity shows them (measured on
 * 10 and 18; ANALYZE and VACUUM FULL are waited for as anything else is). Null: it may do so. VACUUM ANALYZE does the one
 * thing and then the other, and what a session does may be hidden from us.
 */
export function vacuums({ backendType, state, query }: Backend): boolean | null {
  if (backendType === null || state === "disabled") return null;
  if (state !== "active") return false;
  const told = backendType === "autovacuum worker" ? AUTOVACUUM.exec(query) : VACUUM.exec(withoutComments(query));
  if (told === null) return false;
  const options = told[1] ?? "";
  if (/\bfull\b/i.test(options)) return false;
  return /\banaly[sz]e\b/i.test(options) ? null : true;
}

/** `autovacuum: VACUUM ANALYZE public.orders (to prevent wraparound)` */
const AUTOVACUUM = /^autovacuum: VACUUM( ANALYZE)? /;
/** With its options in parentheses, or as they were written before 9.0. */
const VACUUM = /^vacuum\b((?:\s*\([^)]*\))?(?:\s+(?:full|freeze|verbose|analy[sz]e)\b)*)/i;
