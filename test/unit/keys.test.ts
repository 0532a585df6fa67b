import { describe, expect, test } from "vitest";
import { keyName, surrogateJoiner } from "../../src/ui/keys.ts";

describe("what blessed reports, by the names of the keymap", () => {
  test.each([
    ["a letter", "j", { name: "j", full: "j" }, "j"],
    ["a capital letter", "G", { name: "g", full: "S-g" }, "G"],
    ["a sign", "/", { full: "/" }, "/"],
    ["a letter with an accent", "é", undefined, "é"],
    ["a wide character", "漢", undefined, "漢"],
    ["a digit", "1", {}, "1"],
    ["an arrow", undefined, { name: "up", full: "up" }, "up"],
    ["a page key", undefined, { name: "pagedown", full: "pagedown" }, "pagedown"],
    ["a function key", undefined, { name: "f10", full: "f10" }, "f10"],
    ["Ctrl-\\, for which blessed has no name", "\u001c", undefined, "C-\\"],
    ["Esc", "\u001b", { name: "escape", full: "escape" }, "escape"],
    ["Tab", "\t", { name: "tab", full: "tab" }, "tab"],
    ["Tab backwards", undefined, { name: "tab", full: "S-tab" }, "S-tab"],
    ["the blank", " ", { name: "space", full: "space" }, "space"],
    ["Backspace", "\u007f", { name: "backspace", full: "backspace" }, "backspace"],
    ["Ctrl-H, the same byte", "\b", { name: "backspace", full: "C-h" }, "backspace"],
    ["Delete", undefined, { name: "delete", full: "delete" }, "delete"],
    ["a Ctrl key", "\u0003", { name: "c", full: "C-c" }, "C-c"],
    ["an Alt key", undefined, { name: "q", full: "M-q" }, "M-q"],
    ["Enter, which blessed reports twice: once", "\r", { name: "return", full: "return" }, "enter"],
    ["and once not", "\r", { name: "enter", full: "enter" }, null],
    ["what is no key press of its own", undefined, undefined, null],
    ["a mouse event without a name", undefined, { full: "" }, null],
  ])("%s: %j", (_, char, key, name) => {
    expect(keyName(char, key)).toBe(name);
  });
});

describe("a character that comes in two halves", () => {
  const keys = (...halves: readonly string[]) => halves.map(surrogateJoiner());

  test("is one key", () => {
    expect(keys("\ud840", "\udc00", "a")).toEqual([null, "\u{20000}", "a"]);
  });

  test("whose second half never comes is nothing", () => {
    expect(keys("\ud840", "a", "up")).toEqual([null, "a", "up"]);
  });
});
