import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import type { Line, Tone } from "../../src/panels/line.ts";
import { screen } from "../../src/panels/screen.ts";
import { textWidth } from "../../src/text/width.ts";
import { paint, toAscii, toConsole } from "../../src/ui/paint.ts";
import { theme, type Depth } from "../../src/ui/theme.ts";
import { duringAnIncident } from "./incident.ts";

const line = (text: string, tone: Tone = "normal"): Line => ({ spans: [{ text, tone }] });
const painted = (lines: readonly Line[], look: { width?: number; depth?: Depth; ascii?: boolean } = {}) =>
  paint(lines, look.width ?? 10, theme(look.depth ?? 256), look.ascii ?? false).join("\n");

const SGR = /\u001b\[([\d;]*)m/g;
const parametersIn = (text: string) => new Set([...text.matchAll(SGR)].flatMap((match) => match[1]!.split(";")));

describe("a line", () => {
  test.each([
    ["is its text and nothing else when it has no tone", painted([line("abc")]), "abc"],
    ["is switched on and off again", painted([line("abc", "title")]), "\u001b[1mabc\u001b[m"],
    ["is cut to the width", painted([line("abcdef")], { width: 4 }), "abcd"],
    ["is cut between wide characters", painted([line("漢字")], { width: 3 }), "漢"],
    [
      "has no more spans than fit",
      painted([{ spans: [...line("abc").spans, ...line("x", "title").spans] }], { width: 3 }),
      "abc",
    ],
    ["stands on a line of its own", painted([line("a"), line("b")]), "a\nb"],
  ])("%s", (_, given, expected) => {
    expect(given).toBe(expected);
  });

  test("changes its tone only where the tone changes", () => {
    const spans = [
      { text: "a", tone: "title" },
      { text: "b", tone: "title" },
      { text: "c", tone: "normal" },
    ] as const;
    expect(painted([{ spans }])).toBe("\u001b[1mab\u001b[mc");
  });

  test("that is selected is highlighted to the right edge", () => {
    expect(painted([{ ...line("ab"), highlight: "selected" }], { width: 4, depth: 0 })).toBe("\u001b[7mab  \u001b[m");
  });
});

test("the blanks that make a column of underlined words are not underlined", () => {
  const spans = [{ text: " idle in tx   ", tone: "idle-in-transaction" }, ...line("x").spans] as const;
  expect(painted([{ spans }], { width: 20, depth: 0 })).toBe(" \u001b[4midle in tx\u001b[m   x");
});

describe("texts of strangers are cleaned at this door, whatever happened to them before", () => {
  test.each([
    ["\u001b[31mred", "·[31mred"],
    ["\u009b2J", "·2J"],
    ["\u001b]0;pwn\u0007", "·]0;pwn·"],
    ["a\nb", "a b"],
    ["\u202eabc", "·abc"],
    ["{bold}x", "{bold}x"],
  ])("%j", (text, expected) => {
    expect(painted([line(text)], { width: 20 })).toBe(expected);
  });

  test("no line break, no escape sequence but ours, never wider than the screen", () => {
    const piece = fc.constantFrom(
      "\u001b",
      "\u009b",
      "[31m",
      "\n",
      "漢",
      "👍",
      "\u202e",
      "\ud83d",
      "e\u0301",
      "SELECT",
    );
    const text = fc
      .array(fc.oneof(piece, fc.string({ maxLength: 3, unit: "binary" })), { maxLength: 8 })
      .map((all) => all.join(""));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (texts, width) => {
        const out = painted([{ spans: texts.map((one) => ({ text: one, tone: "critical" })) }], { width });
        const visible = out.replaceAll(/^\u001b\[1;38;5;15;48;5;160m|\u001b\[m$/g, "");
        expect(visible).not.toMatch(/\p{Cc}/u);
        expect(textWidth(visible)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("the incident in", () => {
  const lines = screen(duringAnIncident({ width: 120, height: 40 }));
  const frame = (depth: Depth) => painted(lines, { width: 120, depth });

  test("no colours (NO_COLOR): bold, underline and inverse alone", () => {
    const parameters = parametersIn(frame(0));
    expect([...parameters].filter((one) => !["", "1", "4", "7"].includes(one))).toEqual([]);
    expect([...parameters]).toEqual(expect.arrayContaining(["1", "4", "7"]));
  });

  test("eight colours: none of the palette", () => {
    expect([...parametersIn(frame(8))].filter((one) => !/^(|1|4|7|3[0-7]|4[0-7])$/.test(one))).toEqual([]);
  });

  test("256 colours: of the palette alone, neither dim nor italic", () => {
    for (const [, parameters] of frame(256).matchAll(SGR)) {
      expect(parameters).toMatch(/^((1|4|7|[34]8;5;\d{1,3})(;(?!$)|$))*$/);
    }
  });

  test("any depth: the same text, and every tone switched off again", () => {
    const texts = ([0, 8, 256] as const).map((depth) => frame(depth).replaceAll(SGR, ""));
    expect(new Set(texts).size).toBe(1);
    for (const depth of [0, 8, 256] as const) {
      for (const one of frame(depth)
        .split("\n")
        .filter((text) => text.includes("\u001b"))) {
        expect([...one.matchAll(SGR)].at(-1)?.[1]).toBe("");
      }
    }
  });

  test("ASCII: not a character that such a terminal could not show, and no glyph of ours without a stand-in", () => {
    const ascii = painted(lines, { width: 120, depth: 0, ascii: true });
    expect(ascii.replaceAll(SGR, "")).toMatch(/^[ -~\n]*$/);
    const gauge = /\[.*\]/.exec(ascii.replaceAll(SGR, ""))?.[0];
    expect(gauge).toMatch(/^\[#+\.+:+\]$/);
  });
});

describe("in ASCII", () => {
  test.each([
    ["█·░", "#.:"],
    ["▲ WARN", "! WARN"],
    ["└ 123 † …", "` 123 x ~"],
    ["│  ├─ io worker", "|  |- io worker"],
    ["40 × 4.0 MB", "40 x 4.0 MB"],
    ["é", "?"],
  ])("%s is %s", (text, expected) => {
    expect(toAscii(text)).toBe(expected);
  });

  test.each(["é", "漢字", "𠀀", "a漢b"])(
    "%s takes as many cells as it would have, so that columns stay columns",
    (text) => {
      expect(toAscii(text)).toHaveLength(textWidth(text));
    },
  );
});

describe("on a kernel's console, whose font is that of the old PC", () => {
  test.each([
    ["▁▂▃▄▅▆▇█", "__▄▄▄███"],
    ["██▌▏░", "██▌░░"],
    ["─│┌┐└┘ ▲▼ · ≤ ↑↓←→", "─│┌┐└┘ ▲▼ · ≤ ↑↓←→"],
    ["\u28ff\u2801\u2800", "**\u2800"],
    ["† … −", "x ~ -"],
  ])("%s is %s", (text, expected) => {
    expect(toConsole(text)).toBe(expected);
  });
});
