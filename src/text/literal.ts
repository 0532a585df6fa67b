import { clean } from "./clean.ts";

/**
 * A text as SQL wants it, so that the statement it stands in can be pasted from the screen: what a screen does not show as it is,
 * stands there as an escape. With a backslash in it, it is an E'' literal, which reads the same whatever standard_conforming_strings is.
 */
export function literal(text: string): string {
  let out = "";
  for (const char of text) {
    if (char === "'") out += "''";
    else if (char === "\\") out += "\\\\";
    else out += clean(char) === char ? char : escaped(char.codePointAt(0)!);
  }
  return out.includes("\\") ? `E'${out}'` : `'${out}'`;
}

function escaped(codePoint: number): string {
  const hex = codePoint.toString(16);
  return codePoint > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
