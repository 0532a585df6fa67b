/** Why we were not let in, told apart as far as the server tells it. */
export type RefusalKind =
  /** Ordinary roles are refused; from 16 on reserved_connections keeps some slots for a role that members have. */
  | "app-slots"
  /** What is left is for superusers. Before 16 this is how it looks when ordinary roles have no slot. */
  | "reserved-slots"
  | "every-slot"
  /** A pooler's limit, or one that we have no name for. */
  | "other-slots"
  /** Sockets that never log in have used up the processes that the postmaster would start. */
  | "half-open"
  | "role-limit"
  | "database-limit"
  | "walsenders-full"
  /** PostgreSQL 10 and 11: a walsender takes an ordinary slot, and there is none. */
  | "walsenders-share-slots"
  | "no-replication-right"
  | "no-connect-right"
  | "not-ready"
  | "password"
  | "role"
  | "database"
  | "hba"
  | "closed-database"
  | "unreachable"
  | "tls"
  | "other";

export interface Refusal {
  readonly kind: RefusalKind;
  readonly sentence: string;
  /** Who still gets in, after "Still let in:"; null where nobody is, or where it is not known. */
  readonly stillIn: string | null;
}

/** Sentence and who still gets in, in one text. */
export function told({ sentence, stillIn }: Refusal): string {
  return stillIn === null ? sentence : `${sentence} Still let in: ${stillIn}.`;
}

/** Whether a slot was wanting, the server's, a role's or a database's: somebody else may be let in, or we by another lane. */
export function isForWantOfSlot(kind: RefusalKind): boolean {
  return SLOTS.has(kind);
}

/** Whether waiting, or another lane, may help. */
export function isPassing(kind: RefusalKind): boolean {
  return SLOTS.has(kind) || kind === "not-ready";
}

const SLOTS: ReadonlySet<RefusalKind> = new Set([
  "app-slots",
  "reserved-slots",
  "every-slot",
  "other-slots",
  "half-open",
  "role-limit",
  "database-limit",
  "walsenders-full",
  "walsenders-share-slots",
]);
