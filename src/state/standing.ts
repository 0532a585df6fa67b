import type { Backend } from "../model/backend.ts";

/** Why a backend is ended singly only, and after a second step. */
export interface Protection {
  readonly kind: "walsender" | "autovacuum" | "background worker" | "superuser" | "asked for";
  /** What it is and what ending it would do, in one or two sentences. */
  readonly why: string;
}

/** What a backend is to an action. */
export type Standing =
  | { readonly kind: "free" }
  | { readonly kind: "protected"; readonly protection: Protection }
  /** A parallel worker: its leader is the one to act on. */
  | { readonly kind: "redirect"; readonly leader: Backend }
  /** Nothing can be sent: `short` for a list of those left out, `why` as a sentence with what to do instead. */
  | { readonly kind: "impossible"; readonly short: string; readonly why: string };
