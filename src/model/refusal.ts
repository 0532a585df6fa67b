/**
 * The server did not answer a statement of the close look, and until `untilSeconds` on its clock it is not asked again. All that the
 * statement tells is null meanwhile, which is neither "there is none" nor "nobody looked".
 */
export interface Refusal {
  readonly statement: CloseLookStatement;
  readonly sqlstate: string;
  /** In the server's language, raw: to be shown, never to be understood. */
  readonly message: string;
  readonly untilSeconds: number;
}

/**
 * Statements by the names of their files, with what is null when they were refused: `counters` all of Counters, `recovery` the receiver
 * as well, `to-archive` walFilesToArchive, `io-under-way` ioUnderWay, and the others the part of Workings that is called like them.
 */
export type CloseLookStatement =
  "counters" | "standbys" | "recovery" | "subscriptions" | "progress" | "io" | "to-archive" | "io-under-way";

export const NOTHING_REFUSED: readonly Refusal[] = [];

/** One of the tables that we read is locked: for a moment, as a rule. */
export const LOCKED = "55P03";
/** By statement_timeout, or by somebody. */
export const CANCELED = "57014";

/** Null: it was answered, or was never asked. */
export function refusalOf(
  { refused }: { readonly refused: readonly Refusal[] },
  statement: CloseLookStatement,
): Refusal | null {
  return refused.find((one) => one.statement === statement) ?? null;
}
