import type { TextRow } from "./decode.ts";
import type { Encodings } from "./encodings.ts";

/** The same rows decode to the same object: it is shared by all samples of a history that tell nothing new. */
export function sameUnlessChanged<T>(decode: (rows: readonly TextRow[], encodings: Encodings) => T) {
  let last: { readonly text: string; readonly result: T } | null = null;
  return (rows: readonly TextRow[], encodings: Encodings): T => {
    const text = JSON.stringify(rows);
    if (last?.text !== text) last = { text, result: decode(rows, encodings) };
    return last.result;
  };
}
