import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { edit, insert, NO_ENTRIES, openEditor, remember, type Editor } from "../../src/state/editor.ts";

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
    ["so does Alt-Backspace", "user:app >30s", ["M-backspace"], "user:app |"],
    ["Ctrl-K takes all behind the caret", "abc", ["home", "right", "C-k"], "a|"],
    ["Ctrl-Left goes to the beginning of a word", "user:app >30s", ["C-left"], "user:app |>30s"],
    ["and of the one before", "user:app >30s", ["C-left", "M-b"], "|user:app >30s"],
    ["Ctrl-Right to the end of one", "user:app >30s", ["home", "C-right"], "user:app| >30s"],
    ["and of the next", "user:app >30s", ["home", "C-right", "M-f"], "user:app >30s|"],
    ["Alt-D takes a word behind the caret", "ab cd", ["home", "M-d"], "| cd"],
  ])("%s", (_, text, keys, expected) => {
    expect(after(text, ...keys)).toBe(expected);
  });

  test.each(["f1", "C-up", "tab", "C-l", "M-x", "pageup", "\u0001"])("%s means nothing here", (key) => {
    expect(edit(openEditor("filter", "abc"), key)).toBeNull();
  });
});

describe("what stands in the form", () => {
  const typing = (...keys: readonly string[]) =>
    drawn(keys.reduce((editor, key) => edit(editor, key) ?? editor, openEditor("what-if", "4MB")));

  test.each([
    ["gives way to the first character", [..."64MB"], "64MB|"],
    ["and to no second one", ["8", "left", "1"], "1|8"],
    ["stays where the caret was moved first", ["home", "6"], "6|4MB"],
    ["or something was taken away", ["backspace", "B"], "4MB|"],
    ["or a key meant nothing, not", ["f1", "8"], "8|"],
    ["is all there where nothing was typed", [], "4MB|"],
  ])("%s", (_, keys, expected) => {
    expect(typing(...keys)).toBe(expected);
  });

  test("gives way to what is pasted", () => {
    expect(drawn(insert(openEditor("what-if", "4MB"), "1GB"))).toBe("1GB|");
    expect(drawn(insert(openEditor("filter", "user:"), "app"))).toBe("user:app|");
  });
});

describe("former entries", () => {
  const former = ["user:app", "state:itx >5m"];
  const recalled = (...keys: readonly string[]) =>
    drawn(keys.reduce((editor, key) => edit(editor, key) ?? editor, openEditor("filter", "", former)));

  test.each([
    ["Up has the last one, the caret behind it", ["up"], "state:itx >5m|"],
    ["again the one before", ["up", "up"], "user:app|"],
    ["and no further", ["up", "up", "up", "up"], "user:app|"],
    ["Down goes back", ["up", "up", "down"], "state:itx >5m|"],
    ["to what was being typed", ["w", "e", "up", "up", "down", "down"], "we|"],
    ["and no further", ["w", "down"], "w|"],
    ["one that was changed is still changed when one comes back", ["up", "x", "up", "down"], "state:itx >5mx|"],
  ])("%s", (_, keys, expected) => {
    expect(recalled(...keys)).toBe(expected);
  });

  test("what stands in the line already is not the first that Up has", () => {
    expect(drawn(edit(openEditor("filter", "b", ["a", "b"]), "up")!)).toBe("a|");
  });

  test("empty ones are not kept, nor one twice in a row; each purpose has its own", () => {
    const typed = ["app", "", "app", "  ", "etl ", "app"].map((text) => openEditor("filter", text));
    const entries = [...typed, openEditor("find", "app")].reduce(remember, NO_ENTRIES);
    expect(entries).toEqual({ filter: ["app", "etl", "app"], find: ["app"], "what-if": [] });
  });

  test("a hundred of them are kept", () => {
    const many = Array.from({ length: 150 }, (_, i) => openEditor("find", `text ${i}`));
    expect(many.reduce(remember, NO_ENTRIES).find).toEqual(many.slice(50).map(({ text }) => text));
  });
});

describe("pasted text", () => {
  test("goes in at the caret, on one line, without control characters", () => {
    const editor = edit(openEditor("filter", "ac"), "left")!;
    expect(drawn(insert(editor, "x\r\n\ty\u0003\u001b\u009b👍"))).toBe("ax y👍|c");
  });

  test("of a whole file is cut off", () => {
    expect(insert(openEditor("filter", "app"), "漢".repeat(1_000_000)).text).toHaveLength(1000);
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
    ...["C-u", "C-w", "C-k", "M-b", "M-f", "M-d", "up", "down"],
  );
  fc.assert(
    fc.property(fc.array(key), (keys) => {
      let editor = openEditor("filter", "user:app", ["état 漢字", "👍"]);
      for (const one of keys) editor = edit(editor, one) ?? editor;
      expect(editor.caret).toBeGreaterThanOrEqual(0);
      expect(editor.caret).toBeLessThanOrEqual([...editor.text].length);
    }),
  );
});
