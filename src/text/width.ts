// Which characters take two cells. blessed lays the screen out with a table of 2015 and terminals with newer ones; they
// agree on these ranges (a unit test holds this table against blessed's), and clean() removes what they disagree on.
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x2e99],
  [0x2e9b, 0x2ef3],
  [0x2f00, 0x2fd5],
  [0x2ff0, 0x2ffb],
  [0x3000, 0x303e],
  [0x3041, 0x3096],
  [0x3099, 0x30ff],
  [0x3105, 0x312d],
  [0x3131, 0x318e],
  [0x3190, 0x31ba],
  [0x31c0, 0x31e3],
  [0x31f0, 0x321e],
  [0x3220, 0x3247],
  [0x3250, 0x4dbf],
  [0x4e00, 0xa48c],
  [0xa490, 0xa4c6],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x2fffd],
  [0x30000, 0x3fffd],
];

/**
 * Nothing below this code point is wide, nor between Hangul jamo and CJK radicals, where what we draw with is: most text never
 * looks at the table.
 */
const FIRST_WIDE = 0x1100;
const NARROW_ONLY = /^[\u0000-\u10ff\u1160-\u2e7f]*$/;

/** Cells that one code point takes. */
export function charWidth(codePoint: number): 1 | 2 {
  if (codePoint < FIRST_WIDE) return 1;
  for (const [from, to] of WIDE) {
    if (codePoint < from) return 1;
    if (codePoint <= to) return 2;
  }
  return 1;
}

/** Cells that a cleaned text takes. */
export function textWidth(text: string): number {
  if (NARROW_ONLY.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char.codePointAt(0)!);
  return width;
}

/** A cleaned text without its first cells; a blank stands for the right half of a wide character that is cut in two. */
export function skip(text: string, cells: number): string {
  if (cells <= 0) return text;
  if (NARROW_ONLY.test(text)) return text.slice(cells);
  let width = 0;
  let start = 0;
  for (const char of text) {
    if (width >= cells) break;
    width += charWidth(char.codePointAt(0)!);
    start += char.length;
  }
  return " ".repeat(Math.max(0, width - cells)) + text.slice(start);
}

/** The longest beginning of a cleaned text that fits into so many cells. */
export function cut(text: string, cells: number): string {
  if (cells <= 0) return "";
  // No character takes more than two cells.
  if (text.length * 2 <= cells) return text;
  // So many cells hold no more than so many code units: of a long text, the rest need not be looked at.
  const head = text.length > 2 * cells ? text.slice(0, 2 * cells) : text;
  if (NARROW_ONLY.test(head)) return text.length <= cells ? text : text.slice(0, cells);
  let width = 0;
  let end = 0;
  for (const char of head) {
    width += charWidth(char.codePointAt(0)!);
    if (width > cells) return text.slice(0, end);
    end += char.length;
  }
  return head;
}
