import { describe, expect, test } from "vitest";
import { depthOf, shows256, theme } from "../../src/ui/theme.ts";

describe("how many colours a terminal gets", () => {
  test.each([
    [{ TERM: "xterm-256color" }, 256],
    [{ TERM: "screen" }, 256],
    [{ TERM: "tmux-256color" }, 256],
    [{ TERM: "xterm-kitty" }, 256],
    [{ TERM: "xterm", COLORTERM: "truecolor" }, 256],
    [{ TERM: "xterm" }, 8],
    [{ TERM: "linux" }, 8],
    [{ TERM: "vt100", COLORTERM: "" }, 8],
    [{}, 8],
    [{ TERM: "xterm-256color", NO_COLOR: "1" }, 0],
    [{ TERM: "xterm-256color", NO_COLOR: "0" }, 0],
    [{ TERM: "xterm-256color", NO_COLOR: "" }, 256],
  ])("%o: %i", (env, depth) => {
    expect(depthOf(env)).toBe(depth);
  });

  test("NO_COLOR says nothing about what the terminal is", () => {
    expect(shows256({ TERM: "xterm-256color", NO_COLOR: "1" })).toBe(true);
  });
});

describe("the selected row", () => {
  test("has its own colours, so that nothing vanishes on it; what is bold stays bold", () => {
    const { tone } = theme(256);
    expect(tone("muted", "selected")).toBe(tone("normal", "selected"));
    expect(tone("blocker", "selected")).toBe("\u001b[38;5;15;48;5;24;1m");
  });

  test("is inverse without colours", () => {
    expect(theme(0).tone("normal", "selected")).toBe("\u001b[7m");
  });
});

test("critical is white on red, and inverse bold without colours", () => {
  expect(([256, 8, 0] as const).map((depth) => theme(depth).tone("critical"))).toEqual([
    "\u001b[1;38;5;15;48;5;160m",
    "\u001b[1;37;41m",
    "\u001b[1;7m",
  ]);
});
