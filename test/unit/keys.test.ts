import { describe, expect, test } from "vitest";
import { charKey, mouseReport, sequenceKey } from "../../src/ui/keys.ts";

describe("characters, by the names of the keymap", () => {
  test.each([
    ["a letter", "j", "j"],
    ["a capital letter", "G", "G"],
    ["a sign", "/", "/"],
    ["a letter with an accent", "é", "é"],
    ["a wide character", "漢", "漢"],
    ["an astral character", "\u{20000}", "\u{20000}"],
    ["the blank", " ", "space"],
    ["Enter", "\r", "enter"],
    ["its line feed, where a terminal sends both: Enter is one key", "\n", null],
    ["Tab", "\t", "tab"],
    ["Backspace", "\u007f", "backspace"],
    ["Ctrl-H, the same key to many terminals", "\b", "backspace"],
    ["Ctrl-C", "\u0003", "C-c"],
    ["Ctrl-Z", "\u001a", "C-z"],
    ["Ctrl-\\", "\u001c", "C-\\"],
    ["Ctrl-Space", "\u0000", null],
    ["a C1 control", "\u009b", null],
    ["bytes that are no character", "\ufffd", null],
  ])("%s: %j", (_, char, key) => {
    expect(charKey(char)).toBe(key);
  });
});

describe("escape sequences", () => {
  test.each([
    ["an arrow", "[A", "up"],
    ["an arrow of the application mode", "OB", "down"],
    ["Home", "[H", "home"],
    ["Home of the Linux console", "[1~", "home"],
    ["End of rxvt", "[8~", "end"],
    ["Delete", "[3~", "delete"],
    ["Page Down", "[6~", "pagedown"],
    ["F1", "OP", "f1"],
    ["F1 of the Linux console", "[[A", "f1"],
    ["F5 of the Linux console", "[[E", "f5"],
    ["F10", "[21~", "f10"],
    ["Tab backwards", "[Z", "S-tab"],
    ["Ctrl and an arrow", "[1;5C", "C-right"],
    ["the same in old terminals", "O5C", "C-right"],
    ["the same in rxvt", "Oc", "C-right"],
    ["Alt and an arrow", "[1;3D", "M-left"],
    ["Shift and an arrow of rxvt", "[a", "S-up"],
    ["Ctrl and Home of rxvt", "[7^", "C-home"],
    ["Ctrl and Delete", "[3;5~", "C-delete"],
    ["Shift and F2", "[1;2Q", "S-f2"],
    ["Enter on the keypad", "OM", "enter"],
    ["a digit on the keypad", "Oq", "1"],
    ["the slash on the keypad", "Oo", "/"],
    ["a key that is held", "[1;1:2B", "down"],
  ])("%s: %s", (_, rest, key) => {
    expect(sequenceKey(`\u001b${rest}`)).toBe(key);
  });

  test.each([
    ["where the cursor stands", "[12;40R"],
    ["what the terminal is", "[?62;1;6;22c"],
    ["the same, longer", "[>41;354;0c"],
    ["focus gained", "[I"],
    ["focus lost", "[O"],
    ["the size of the window", "[8;24;80t"],
    ["a mouse report of urxvt", "[32;10;5M"],
    ["a mouse button let go", "[<0;10;5m"],
    ["the end of a paste that never began", "[201~"],
    ["a mode report", "[?2026;2$y"],
    ["an arrow let go", "[1;1:3B"],
    ["Delete of a terminal that means another key to most", "[P"],
    ["nothing at all", "["],
  ])("that are no key: %s", (_, rest) => {
    expect(sequenceKey(`\u001b${rest}`)).toBeNull();
  });

  test.each(["q", "x", "G", "/", "?"])("%s, spelled by its code point, is no key", (char) => {
    const code = char.codePointAt(0)!;
    for (const rest of [`[${code}u`, `[${code};1u`, `[${code};2u`, `[${code};3u`, `[27;2;${code}~`, `[27;1;${code}~`])
      expect(sequenceKey(`\u001b${rest}`)).toBeNull();
  });

  test.each([
    ["Esc", "[27u", "escape"],
    ["Esc with num lock", "[27;129u", "escape"],
    ["Ctrl-C", "[99;5u", "C-c"],
    ["Ctrl-C of xterm", "[27;5;99~", "C-c"],
    ["Ctrl-C let go", "[99;5:3u", null],
    ["Enter", "[13u", "enter"],
    ["a code point that there is not", "[99999999999u", null],
  ])("but the way out of a terminal left in that mode is: %s", (_, rest, key) => {
    expect(sequenceKey(`\u001b${rest}`)).toBe(key);
  });
});

describe("mouse reports", () => {
  test.each([
    ["a click", "[<0;1;1M", { action: "click", column: 0, row: 0 }],
    ["far to the right, where old reports end", "[<0;280;90M", { action: "click", column: 279, row: 89 }],
    ["the wheel", "[<64;3;4M", { action: "wheel-up", column: 2, row: 3 }],
    ["and back", "[<65;3;4M", { action: "wheel-down", column: 2, row: 3 }],
    ["with Ctrl held", "[<16;3;4M", { action: "click", column: 2, row: 3 }],
    ["let go", "[<0;3;4m", null],
    ["another button", "[<2;3;4M", null],
    ["motion", "[<35;3;4M", null],
    ["half of one", "[<0;3M", null],
  ])("%s", (_, rest, report) => {
    expect(mouseReport(`\u001b${rest}`)).toEqual(report);
  });
});
