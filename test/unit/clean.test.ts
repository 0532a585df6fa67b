import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { clean, cleanLines } from "../../src/text/clean.ts";

describe("a text of a stranger is cleaned before it is shown", () => {
  test.each([
    ["plain text stays as it is", "SELECT * FROM t WHERE a = 'x'", "SELECT * FROM t WHERE a = 'x'"],
    ["blessed's tags are no tags here", "{bold}x{/bold} {red-fg} {/} {open}", "{bold}x{/bold} {red-fg} {/} {open}"],
    ["no clearing of the screen", "\u001b[2J", "·[2J"],
    ["no colours", "\u001b[31mred\u001b[m", "·[31mred·[m"],
    ["no writing to the clipboard (OSC 52)", "\u001b]52;c;cm0gLXJm\u0007", "·]52;c;cm0gLXJm·"],
    ["no bell, backspace, NUL, shift out and in", "a\u0007b\bc\0d\u000ee\u000f", "a·b·c·d·e·"],
    ["no CSI in one character (C1)", "\u009b2J", "·2J"],
    ["no title in one character (C1)", "\u009d0;pwn\u009c", "·0;pwn·"],
    ["no DEL, no NEL", "a\u007fb\u0085c", "a·b·c"],
    ["line breaks and tabs are one blank", "SELECT\r\n\t1\n\n\nFROM\vt\ff", "SELECT 1 FROM t f"],
    ["a line break and the indentation after it are one blank", "FROM t\n    WHERE a  =  1", "FROM t WHERE a  =  1"],
    ["nothing turns the line round (bidi)", "abc\u202edcba\u2066x\u2069\u061c", "abc·dcba·x··"],
    ["nothing hides in it (zero width, soft hyphen, BOM)", "a\u200bb\u200dc\u00add\ufeffe\u2060", "a·b·c·d·e·"],
    ["no invisible Hangul fillers", "a\u3164b\u115fc\uffa0", "a·b·c·"],
    ["no line and paragraph separators", "a\u2028b\u2029c", "a·b·c"],
    ["no half characters", "a\ud83db\ude00c", "a·b·c"],
    ["no emoji: terminals disagree about their width", "ok 👍 ✅ ⚡ ⌚ 🇩🇪", "ok · · · · ··"],
    ["no families of emoji", "👩\u200d👩\u200d👧", "·····"],
    ["no variation selectors", "☎\ufe0f", "☎"],
    ["no tags, no private use", "a\u{e0041}\ue000\u{f0000}", "a···"],
    ["combining marks are dropped", "e\u0301 n\u0303 Z\u0351\u036b\u0343a\u0300\u0310lgo", "e n Zalgo"],
    ["accents in one character stay", "é ñ ü ß Ł", "é ñ ü ß Ł"],
    ["other scripts stay", "Привет 漢字 ﾊﾝｶｸ 한글 שלום 𠀀", "Привет 漢字 ﾊﾝｶｸ 한글 שלום 𠀀"],
    ["box and block glyphs stay", "█░·▲▼─│┌†…", "█░·▲▼─│┌†…"],
    ["no signs that were one cell wide and are two now", "㉈ ䷀ ☰ ⚊ ㄮ ㆻ ㇤ ㋿", "· · · · · · · ·"],
    ["no Tangut, no Nushu, no hieroglyphs that join", "\u{17000}\u{1b170}\u{13430}", "···"],
    ["a mark between two halves makes no emoji of them", "\ud83d\u0301\ude00", "·"],
    ["the empty text stays empty", "", ""],
  ])("%s", (_, given, expected) => {
    expect(clean(given)).toBe(expected);
  });
});

// Any code unit at all, lone surrogates among them, and more of what does harm than chance would bring.
const anything = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    fc.integer({ min: 0x10000, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
    fc.constantFrom("\u001b", "\u009b", "\u202e", "\u200d", "\u0301", "\ud83d", "\ude00", "👍", "a", " ", "\n"),
  ),
});

// Said anew, by Unicode's own classes: what is no character, what is not seen, marks, line breaks, emoji.
const FORBIDDEN =
  /[\p{C}\p{M}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|\p{Emoji_Presentation}|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad]/u;

test("nothing harmful is ever left", () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(clean(text)).not.toMatch(FORBIDDEN);
    }),
  );
});

test("every character there is, and every one there is not, is either harmless or gone", () => {
  const left = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    if (FORBIDDEN.test(clean(String.fromCodePoint(point)))) left.push(point.toString(16));
  }
  expect(left).toEqual([]);
});

test("cleaning twice changes nothing", () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(clean(clean(text))).toBe(clean(text));
    }),
  );
});

describe("a statement of several lines", () => {
  test("keeps its lines and its indentation", () => {
    expect(cleanLines("SELECT a,\r\n\tb\n  FROM t  \r WHERE \u001b[2J")).toEqual([
      "SELECT a,",
      "  b",
      "  FROM t",
      " WHERE ·[2J",
    ]);
  });

  test("is clean in every line", () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const line of cleanLines(text)) expect(line).not.toMatch(FORBIDDEN);
      }),
    );
  });
});
