import { describe, expect, test } from "vitest";
import { binding, bindings, KEYMAP } from "../../src/state/keymap.ts";
import { aBackend, aState, listed, press, run } from "./builders.ts";

const KEYS = KEYMAP.flatMap((entry) => entry.keys);

test("no key is bound twice", () => {
  expect(KEYS.filter((key, i) => KEYS.indexOf(key) !== i)).toEqual([]);
});

test.each(KEYMAP.map((entry) => [entry.shown, entry] as const))("%s tells what it does", (_, entry) => {
  expect(entry.keys.length).toBeGreaterThan(0);
  expect(entry.shown).not.toBe("");
  expect(entry.help).toMatch(/\S{2,}/);
});

test("each binding is shown by another name", () => {
  const shown = KEYMAP.map((entry) => entry.shown);
  expect(new Set(shown).size).toBe(shown.length);
});

test("half an escape sequence leaves no letter behind that is bound", () => {
  expect(KEYS.filter((key) => /^[A-DFHPQRSZ~[O]$/.test(key))).toEqual([]);
});

test("Delete, Backspace and a letter that ends things elsewhere (C) are not bound", () => {
  expect(["delete", "backspace", "C"].filter((key) => binding(key) !== undefined)).toEqual([]);
});

test("K, which ends things elsewhere, says what does here and asks nothing", () => {
  const { state, effects } = run(aState(), listed(aBackend()), press("K"));
  expect(state.notice?.text).toBe("c cancels a query, x terminates a session; both ask first");
  expect({ dialog: state.dialog, effects }).toEqual({ dialog: null, effects: [] });
});

test("Enter, Ctrl, Alt and what half an escape sequence leaves behind never act on a server", () => {
  const acting = KEYMAP.filter(({ acts }) => acts === true).flatMap(({ keys }) => keys);
  expect(
    acting.filter((key) => /^(enter|escape|tab|delete|backspace|space|[CM]-.*|[A-DFHPQRSZ~[O])$/.test(key)),
  ).toEqual([]);
  expect(acting).toEqual(["c", "x", "f9", "K", "l"]);
});

test("with --read-only those that act do not exist", () => {
  expect(bindings(true).filter(({ acts }) => acts === true)).toEqual([]);
  for (const key of ["c", "x", "f9", "K", "l"]) expect(binding(key, "sessions", true)).toBeUndefined();
  expect(bindings(false)).toBe(KEYMAP);
});

test("G only moves", () => {
  const { state: before } = run(aState(), listed(aBackend({ pid: 1 }), aBackend({ pid: 2 })));
  const after = binding("G")!.run(before);
  expect(after).toEqual({
    ...before,
    view: { ...before.view, cursor: "2@started-2", cursorIndex: 1, top: 0, follow: null },
  });
});

describe("what people expect from other tops", () => {
  test.each([
    ["?", "Help"],
    ["f1", "Help"],
    ["h", "Help"],
    ["/", "Filter"],
    ["f4", "Filter"],
    ["enter", "Detail"],
    ["p", "Pause"],
    ["space", "Tag"],
    ["q", "Quit"],
    ["f10", "Quit"],
    ["C-c", "Quit"],
  ])("%s: %s", (key, label) => {
    expect(binding(key)?.label).toBe(label);
  });

  test("the way out stands last, where the footer always keeps it", () => {
    expect(KEYMAP.filter((entry) => entry.label !== "").at(-1)?.label).toBe("Quit");
  });
});
