/**
 * One row of pg_stat_activity, as the server said it: raw text, nothing cleaned, nothing aged. Ages are not stored: a row
 * that did not change on the server stays the same object from sample to sample, and history keeps it once.
 *
 * A backend is named by its pid *and* its start: pids are reused. The start stays text, because a JS Date keeps
 * milliseconds where PostgreSQL keeps microseconds, and the rounded value matches no row.
 *
 * Times named `...Seconds` are seconds since the epoch on the *server's* clock; `null` is "not known", never 0.
 */
export interface Backend {
  /** pid and start in one text: what names this backend for ever, as a Map key and for ===. */
  readonly key: BackendKey;
  readonly pid: number;
  /** `backend_start::text`; null when our role may not see this row's details. In the host lane `proc 81234`: the kernel's word. */
  readonly backendStart: string | null;
  readonly backendStartSeconds: number | null;
  /** The server's own word, an open list (extensions add theirs); null when hidden from our role. */
  readonly backendType: string | null;
  readonly user: string | null;
  readonly database: string | null;
  /** Null in the host lane, where nobody tells; empty: the session gave no name. */
  readonly application: string | null;
  /** Address without port; null for a Unix socket and for hidden rows. */
  readonly clientAddress: string | null;
  /** -1 for a Unix socket; null when unknown. */
  readonly clientPort: number | null;
  readonly state: string | null;
  readonly waitEventType: string | null;
  readonly waitEvent: string | null;
  readonly xactStartSeconds: number | null;
  readonly queryStartSeconds: number | null;
  readonly stateChangeSeconds: number | null;
  /** 32-bit transaction ids. */
  readonly backendXid: number | null;
  readonly backendXmin: number | null;
  readonly leaderPid: number | null;
  /** 64-bit, therefore text. */
  readonly queryId: string | null;
  /** pg_blocking_pids of a backend that waits for a lock, bounded; 0 stands for a prepared transaction. */
  readonly blockedBy: readonly number[];
  /** The first characters of the query text; the whole text is fetched for the selected backend alone. */
  readonly query: string;
}

/** Written before what the kernel calls the start of a process: ticks since the machine was started. */
export const KERNEL_START = "proc ";

/** In the host lane; nobody else knows a backend by that name. */
export function isNamedByKernel({ backendStart }: Pick<Backend, "backendStart">): boolean {
  return backendStart?.startsWith(KERNEL_START) ?? false;
}

/** The server notes the start of a session a moment after the kernel has made it. */
const SAME_START_SECONDS = 1.5;

/** The same session, though perhaps seen by different lanes: then by its pid and about the same start. */
export function isSameBackend(a: Backend, b: Backend): boolean {
  if (a.key === b.key) return true;
  if (a.pid !== b.pid || isNamedByKernel(a) === isNamedByKernel(b)) return false;
  if (a.backendStartSeconds === null || b.backendStartSeconds === null) return false;
  return Math.abs(a.backendStartSeconds - b.backendStartSeconds) < SAME_START_SECONDS;
}

export type BackendKey = `${number}@${string}`;

export function backendKey(pid: number, backendStart: string | null): BackendKey {
  return `${pid}@${backendStart ?? "hidden"}`;
}

/** Bytes of each query text that a sample carries. */
export const LIST_QUERY_BYTES = 300;

/** Whether the server may have more of this text than the sample carries; no character takes more than four bytes. */
export function mayBeCut(query: string): boolean {
  return query.length >= LIST_QUERY_BYTES || (query.length >= LIST_QUERY_BYTES / 4 && !ASCII.test(query));
}

const ASCII = /^[\0-\x7f]*$/;

/** Our role may see that this row exists, and not what it does. */
export function isHidden(backend: Backend): boolean {
  return backend.backendType === null;
}

export function isClient(backend: Backend): boolean {
  return backend.backendType === "client backend";
}

/** A child of the postmaster that has heard nothing of its client: the host lane alone sees it. Our word, PostgreSQL has none. */
export function isHalfOpen(backend: Backend): boolean {
  return backend.backendType === "half-open";
}

/**
 * What stands for it in a list: its application's name, else in parentheses what it is where that is no client. A parallel worker is
 * told by its place under its leader, where the server tells the leader.
 */
export function nameOrType({ application, backendType, leaderPid }: Backend): string {
  const name = application ?? "";
  if (name !== "" || backendType === null || backendType === "client backend") return name;
  return backendType === "parallel worker" && leaderPid !== null ? "" : `(${backendType})`;
}

/**
 * A hidden row keeps its role and its database. Only a session has both, or a parallel worker of one: such a row widens a
 * count to a range, it never enters the lower bound. The logical replication launcher has a role and no database.
 */
export function mayBeClient(backend: Backend): boolean {
  return backend.backendType === null && backend.user !== null && backend.database !== null;
}

/** A hidden row of a role, without a database but with an application's name: a standby or a backup at work. */
export function mayBeWalsender(backend: Backend): boolean {
  return (
    backend.backendType === null &&
    backend.user !== null &&
    backend.database === null &&
    (backend.application ?? "") !== ""
  );
}
