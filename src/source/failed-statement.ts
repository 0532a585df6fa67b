import type { StatementName } from "./statement.ts";

/** What the server says of a message that it did not carry out, with the statement at which it stopped. */
export interface StatementError {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  /** Null: it did not come to any of them. */
  readonly statement: StatementName | null;
}

/**
 * The server answers the statements of a message in their order and stops at the one that fails: it is the one after those that have
 * ended. But it reads the whole message before it begins with the first, and a text that it cannot read may stand anywhere in it.
 */
export function failedStatement(
  names: readonly StatementName[],
  ended: number,
  { code }: { readonly code?: string },
): StatementName | null {
  return ended === 0 && code === SYNTAX_ERROR ? null : (names[ended] ?? null);
}

const SYNTAX_ERROR = "42601";

/** Whether the server itself has said it: nobody else's errors have a severity. */
export function isStatementError(error: unknown): error is StatementError {
  return (error as { severity?: string } | null)?.severity !== undefined;
}
