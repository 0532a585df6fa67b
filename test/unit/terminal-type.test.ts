import { describe, expect, test } from "vitest";
import { showsUtf8, terminalType, unfit } from "../../src/ui/terminal-type.ts";

describe("how many colours a terminal gets", () => {
  test.each([
    [{ TERM: "xterm-256color" }, 256],
    [{ TERM: "xterm-direct" }, 256],
    [{ TERM: "tmux" }, 256],
    [{ TERM: "tmux-256color" }, 256],
    [{ TERM: "screen" }, 256],
    [{ TERM: "screen-256color" }, 256],
    [{ TERM: "screen.xterm-256color" }, 256],
    [{ TERM: "xterm-kitty" }, 256],
    [{ TERM: "alacritty" }, 256],
    [{ TERM: "foot" }, 256],
    [{ TERM: "xterm", COLORTERM: "truecolor" }, 256],
    [{ TERM: "no-such-terminal", COLORTERM: "1" }, 256],
    [{ TERM: "xterm" }, 8],
    [{ TERM: "XTERM" }, 8],
    [{ TERM: "rxvt" }, 8],
    [{ TERM: "no-such-terminal" }, 8],
    [{ TERM: "linux" }, 8],
    [{ TERM: "linux", COLORTERM: "truecolor" }, 8],
    [{ TERM: "vt100" }, 0],
    [{ TERM: "vt100", COLORTERM: "truecolor" }, 0],
    [{ TERM: "vt220" }, 0],
    [{ TERM: "ansi-m" }, 0],
    [{ TERM: "xterm-mono" }, 0],
    [{ TERM: "xterm-256color", NO_COLOR: "1" }, 0],
    [{ TERM: "xterm-256color", NO_COLOR: "0" }, 0],
    [{ TERM: "xterm-256color", NO_COLOR: "" }, 256],
  ])("%o: %i", (env, depth) => {
    expect(terminalType(env).depth).toBe(depth);
  });
});

describe("what else it is sent", () => {
  test.each([
    ["xterm", { alternate: true, hidesCursor: true, xterm: true }],
    ["screen", { alternate: true, hidesCursor: true, xterm: true }],
    ["no-such-terminal", { alternate: true, hidesCursor: true, xterm: true }],
    ["linux", { alternate: false, hidesCursor: true, xterm: false }],
    ["vt220", { alternate: false, hidesCursor: true, xterm: false }],
    ["vt100", { alternate: false, hidesCursor: false, xterm: false }],
    ["vt102", { alternate: false, hidesCursor: false, xterm: false }],
  ])("%s: %o", (name, expected) => {
    expect(terminalType({ TERM: name })).toMatchObject(expected);
  });

  test("NO_COLOR says nothing about what the terminal is", () => {
    const { depth: _, ...plain } = terminalType({ TERM: "xterm-256color", NO_COLOR: "1" });
    expect(terminalType({ TERM: "xterm-256color" })).toMatchObject(plain);
  });
});

describe("where no dashboard can be shown", () => {
  test.each([[{}], [{ TERM: "" }], [{ TERM: "dumb" }], [{ TERM: "unknown" }]])("%o: the reason", (env) => {
    expect(unfit(env)).toContain("TERM");
  });

  test.each(["xterm", "vt100", "no-such-terminal"])("%s is good enough", (name) => {
    expect(unfit({ TERM: name })).toBeNull();
  });
});

describe("lines and blocks, or ASCII: LC_ALL over LC_CTYPE over LANG, as the C library has it", () => {
  test.each([
    [{ LANG: "C.UTF-8" }, true],
    [{ LANG: "de_AT.utf8" }, true],
    [{ LC_CTYPE: "UTF-8" }, true],
    [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, false],
    [{ LC_ALL: "C", LC_CTYPE: "en_US.UTF-8", LANG: "en_US.UTF-8" }, false],
    [{ LC_ALL: "", LC_CTYPE: "en_US.UTF-8", LANG: "C" }, true],
    [{ LC_CTYPE: "POSIX", LANG: "en_US.UTF-8" }, false],
    [{ LANG: "en_US.ISO-8859-1" }, false],
    [{ LANG: "en_US.ISO-8859-1", LANGUAGE: "en_US.UTF-8" }, false],
    [{ LANG: "C", LC_MESSAGES: "en_US.UTF-8" }, false],
    [{}, false],
  ])("%o: %s", (env, expected) => {
    expect(showsUtf8(env)).toBe(expected);
  });
});
