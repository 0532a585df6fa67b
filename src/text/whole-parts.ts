import { clean } from "./clean.ts";
import { cut, textWidth } from "./width.ts";

/**
 * Words in so many cells: what does not fit is left out from the end in whole parts, as commas and semicolons part them; where that would leave
 * most of the room empty, they are cut as a sentence is.
 */
export function wholeParts(text: string, cells: number): string {
  const cleaned = clean(text);
  if (textWidth(cleaned) <= cells) return cleaned;
  const room = cut(cleaned, Math.max(0, cells - MARK.length));
  const end = [...cleaned.matchAll(PART_ENDS)].findLast(({ index }) => index <= room.length)?.index ?? 0;
  return end > 0 && end >= room.length / 2 ? `${room.slice(0, end)}${MARK}` : wholeNumbers(cleaned, cells);
}

/** A sentence in so many cells, not cut in a number or before its unit: a lag of 200 ms of which "2" is left is another lag. */
export function wholeNumbers(text: string, cells: number): string {
  const cleaned = clean(text);
  if (textWidth(cleaned) <= cells) return cleaned;
  const room = cut(cleaned, Math.max(0, cells - MARK.length));
  const kept = room.replace(NUMBER_AT_END, "").replace(/[ ,;:]+$/, "");
  return kept === "" ? cut(cleaned, cells) : `${kept}${MARK}`;
}

const MARK = "…";
const PART_ENDS = /[,;] /g;
/** With as much of its unit as there may be. */
const NUMBER_AT_END = / ?\d[\d.,:]* ?(?:[kMGTm]|mi)?$/;
