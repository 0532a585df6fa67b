import { clean } from "./clean.ts";

/**
 * A text as an SQL literal, to be pasted into psql on any server: quotes doubled, and where there is a backslash or a character that
 * could not be seen or typed as it is, in the form E'…' with escapes. What is shown of it, cleaned, is what it says.
 */
export function literal(text: string): string {
  const quoted = text.replaceAll("'", "''");
  let escapes = quoted.includes("\\");
  let inside = "";
  for (const char of quoted) {
    if (char === "\\") inside += "\\\\";
    else if (clean(char) === char) inside += char;
    else {
      escapes = true;
      inside += escaped(char);
    }
  }
  return escapes ? `E'${inside}'` : `'${inside}'`;
}

/** Of a fixed length each, so that a digit that follows is not taken for a part of it. */
function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  if (char === "\n") return "\\n";
  if (char === "\t") return "\\t";
  if (char === "\r") return "\\r";
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
