import unicode11 from "@xterm/addon-unicode11";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { clean } from "../../src/text/clean.ts";
import { charWidth, cut, textWidth } from "../../src/text/width.ts";

interface BlessedUnicode {
  readonly charWidth: (codePoint: number) => number;
}
const { unicode } = createRequire(import.meta.url)("blessed") as { unicode: BlessedUnicode };

/** The table of terminals of our days, which the terminal tests draw with as well. */
const terminal = terminalWidths();

/** Ranges of code points that clean() lets through and that blessed or a terminal lays out with another width than we count. */
function disagreements(from: number, to: number): string[] {
  const ranges: { from: number; to: number; widths: string }[] = [];
  for (let point = from; point <= to; point++) {
    const char = String.fromCodePoint(point);
    const ours = charWidth(point);
    if ((unicode.charWidth(point) === ours && terminal(point) === ours) || clean(char) !== char) continue;
    const widths = `blessed ${unicode.charWidth(point)}, a terminal ${terminal(point)}, ours ${ours}`;
    const last = ranges.at(-1);
    if (last !== undefined && last.to === point - 1 && last.widths === widths) last.to = point;
    else ranges.push({ from: point, to: point, widths });
  }
  return ranges.map((range) => `U+${range.from.toString(16)}-${range.to.toString(16)}: ${range.widths}`);
}

describe("our widths are blessed's and a terminal's, for everything that clean() lets through", () => {
  test.each([
    ["the basic plane", 0x0000, 0xffff],
    ["the supplementary plane", 0x10000, 0x1ffff],
    ["the planes of CJK", 0x20000, 0x3ffff],
    ["the plane of tags", 0xe0000, 0xeffff],
  ])("%s", (_, from, to) => {
    expect(disagreements(from, to)).toEqual([]);
  });
});

describe("cells", () => {
  test.each([
    ["", 0],
    ["SELECT", 6],
    ["é ñ", 3],
    ["Привет", 6],
    ["漢字", 4],
    ["한글", 4],
    ["ﾊﾝｶｸ", 4],
    ["𠀀", 2],
    ["█░▁", 3],
  ])("of %j: %i", (text, cells) => {
    expect(textWidth(text)).toBe(cells);
  });
});

describe("the beginning that fits", () => {
  test.each([
    ["SELECT", 3, "SEL"],
    ["SELECT", 6, "SELECT"],
    ["SELECT", 0, ""],
    ["SELECT", -1, ""],
    ["漢字", 4, "漢字"],
    ["漢字", 3, "漢"],
    ["漢字", 1, ""],
    ["𠀀𠀀", 3, "𠀀"],
  ])("%j in %i cells: %j", (text, cells, kept) => {
    expect(cut(text, cells)).toBe(kept);
  });

  test("is never wider, and never more than one cell short of what would fit", () => {
    const cleaned = fc.string({ unit: fc.constantFrom("a", " ", "é", "漢", "𠀀", "한") });
    fc.assert(
      fc.property(cleaned, fc.nat(30), (text, cells) => {
        const kept = cut(text, cells);
        expect(text.startsWith(kept)).toBe(true);
        expect(textWidth(kept)).toBeLessThanOrEqual(cells);
        expect(kept === text || textWidth(kept) >= cells - 1).toBe(true);
      }),
    );
  });
});

function terminalWidths(): (codePoint: number) => number {
  let widths: ((codePoint: number) => number) | null = null;
  const unicode = {
    register(provider: { wcwidth(codePoint: number): number }) {
      widths = (point) => provider.wcwidth(point);
    },
  };
  new unicode11.Unicode11Addon().activate({ unicode });
  if (widths === null) throw new Error("the addon registered no table");
  return widths;
}
