import { describe, expect, test } from "vitest";
import { line, type Line } from "../../src/panels/line.ts";
import { overlay } from "../../src/panels/overlay.ts";
import { paint } from "../../src/ui/paint.ts";
import { theme } from "../../src/ui/theme.ts";

const PLAIN = { tone: () => "", reset: "" };
const over = (under: string, box: string, left: number, width: number): string =>
  paint(overlay([line(under)], [line(box)], { left, top: 0, width }), 20, PLAIN, false)[0]!;

describe("a box over a line", () => {
  test.each([
    ["leaves what is beside it", over("0123456789", "ab", 3, 2), "012ab56789"],
    ["is as wide as it is", over("0123456789", "a", 3, 3), "012a  6789"],
    ["stands in its place where the line ends before it", over("01", "ab", 4, 2), "01  ab"],
    ["leaves a blank of the wide character that its left edge cuts in two", over("漢字漢字", "ab", 3, 2), "漢 ab 字"],
    ["leaves a blank of the wide character that its right edge cuts in two", over("漢字漢字", "a", 2, 1), "漢a 漢字"],
    ["is drawn over texts that were written to turn the line", over("\u202e\u001b[2J", "ab", 0, 2), "ab[2J"],
  ])("%s", (_, drawn, expected) => {
    expect(drawn.trimEnd()).toBe(expected);
  });

  test("stays out of the highlight, which goes on behind it to the edge", () => {
    const under: Line = { ...line("0123"), highlight: "selected" };
    const [drawn] = paint(overlay([under], [line("ab")], { left: 1, top: 0, width: 2 }), 5, theme(0), false);
    expect(drawn).toBe("\u001b[7m0\u001b[mab\u001b[7m3 \u001b[m");
  });
});
