import { clean } from "./clean.ts";
import { cut, textWidth } from "./width.ts";

export type Align = "left" | "right";

/** A text from anywhere as exactly so many cells: cleaned, cut (with an ellipsis where there is room for one), padded. */
export function fit(text: string, cells: number, align: Align = "left", ellipsis = ""): string {
  if (cells <= 0) return "";
  const cleaned = cleanedBeginning(text, cells);
  const width = textWidth(cleaned);
  if (width > cells) {
    const kept = cut(cleaned, cells - ellipsis.length) + ellipsis;
    return pad(kept, cells - textWidth(kept), align);
  }
  return pad(cleaned, cells - width, align);
}

/** Breaks cleaned lines at the cell width, at spaces where there is one beyond the first third. */
export function wrap(lines: readonly string[], cells: number): string[] {
  const out: string[] = [];
  for (const line of lines) {
    let rest = line;
    for (;;) {
      const piece = cut(rest, cells);
      if (piece === "" || piece.length === rest.length) break;
      const space = piece.lastIndexOf(" ");
      const end = space > piece.length / 3 ? space + 1 : piece.length;
      out.push(rest.slice(0, end).trimEnd());
      rest = rest.slice(end);
    }
    out.push(rest);
  }
  return out;
}

/** Of a long query in a narrow column, as much as fills it; all of it where most of that is nothing to be seen. */
function cleanedBeginning(text: string, cells: number): string {
  const enough = 2 * cells + 2;
  if (text.length <= enough) return clean(text);
  const beginning = clean(text.slice(0, enough));
  // The last sign may be half of one.
  return beginning.length > cells + 1 ? beginning : clean(text);
}

function pad(text: string, missing: number, align: Align): string {
  if (missing <= 0) return text;
  return align === "left" ? text + " ".repeat(missing) : " ".repeat(missing) + text;
}
