import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { edit, openEditor, type Editor } from "../../src/state/editor.ts";

/** The line with | for the caret. */
const drawn = ({ text, caret }: Editor) => {
  const chars = [...text];
  return `${chars.slice(0, caret).join("")}|${chars.slice(caret).join("")}`;
};
const after = (text: string, ...keys: readonly string[]) =>
  drawn(keys.reduce((editor, key) => edit(editor, key) ?? editor, openEditor("filter", text)));

test("opens behind what was there before, and remembers it for Esc", () => {
  expect(drawn(openEditor("find", "漢é"))).toBe("漢é|");
  expect(openEditor("find", "web").before).toBe("web");
});

describe("keys", () => {
  test.each([
    ["letters go in at the caret", "ac", ["left", "b"], "ab|c"],
    ["so does a blank", "ab", ["left", "space"], "a |b"],
    ["capitals, digits, signs", "", ["G", "7", "<", "é", "漢", "👍"], "G7<é漢👍|"],
    ["left and right stop at the ends", "a", ["left", "left", "right", "right", "b"], "ab|"],
    ["Home and End", "abc", ["home", "x", "end", "y"], "xabcy|"],
    ["Ctrl-A and Ctrl-E", "abc", ["C-a", "x", "C-e", "y"], "xabcy|"],
    ["Backspace takes the character before", "abc", ["left", "backspace"], "a|c"],
    ["a whole astral character at once", "a👍", ["backspace"], "a|"],
    ["and nothing at the beginning", "abc", ["home", "backspace"], "|abc"],
    ["Delete takes the character behind", "abc", ["home", "delete"], "|bc"],
    ["and nothing at the end", "abc", ["delete"], "abc|"],
    ["Ctrl-U takes all before the caret", "user:app x", ["left", "C-u"], "|x"],
    ["Ctrl-W takes a word", "user:app >30s", ["C-w"], "user:app |"],
    ["with the blanks behind it", "user:app  ", ["C-w"], "|"],
  ])("%s", (_, text, keys, expected) => {
    expect(after(text, ...keys)).toBe(expected);
  });

  test.each(["up", "down", "f1", "tab", "C-l", "M-x", "pageup", "\u0001"])("%s means nothing here", (key) => {
    expect(edit(openEditor("filter", "abc"), key)).toBeNull();
  });
});

test("whatever is typed, the caret stays within the text", () => {
  const key = fc.constantFrom(
    "a",
    "漢",
    "👍",
    "space",
    "left",
    "right",
    "home",
    "end",
    "backspace",
    "delete",
    "C-u",
    "C-w",
  );
  fc.assert(
    fc.property(fc.array(key), (keys) => {
      let editor = openEditor("filter", "user:app");
      for (const one of keys) editor = edit(editor, one) ?? editor;
      expect(editor.caret).toBeGreaterThanOrEqual(0);
      expect(editor.caret).toBeLessThanOrEqual([...editor.text].length);
    }),
  );
});
