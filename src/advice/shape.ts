import type { Backend } from "../model/backend.ts";

/**
 * What is the same of a query with other values in it: by the server's own word, else its text without literals. Texts that were cut, or whose
 * comments differ, may be told apart though they are the same query.
 */
export function shape({ queryId, query }: Pick<Backend, "queryId" | "query">): string {
  return queryId === null || queryId === "0" ? query.replace(LITERALS, "?") : `id ${queryId}`;
}

const LITERALS = /'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b/g;
