import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLIPBOARD_BASE64, clipboardText } from "../../src/text/clipboard.ts";

const sent = (text: string) => Buffer.from(clipboardText(text).text, "utf8").toString("base64");

describe("a text for the clipboard", () => {
  test.each([
    ["select 1", "select 1"],
    ["select\n\t1", "select\n\t1"],
    ["-- note\r\nselect 1\r", "-- note\nselect 1\n"],
    ["a\u000bb\fc", "a b c"],
    ["\u001b]52;c;cHduZWQ=\u0007x\u0000", "]52;c;cHduZWQ=x"],
    ["\u009b2J\u007f\u0085größe 👍 漢字\u202e", "2Jgröße 👍 漢字\u202e"],
  ])("%j: %j", (raw, text) => {
    expect(clipboardText(raw)).toEqual({ text, characters: [...text].length, cut: false });
  });

  test.each(["x", "é", "漢", "👍"])("of many %s is cut between two of them, and is then as long as may be", (char) => {
    const { text, characters, cut } = clipboardText(char.repeat(60_000));
    expect(cut).toBe(true);
    expect(text).toBe(char.repeat(characters));
    const over = Buffer.byteLength(text + char);
    expect(sent(char.repeat(60_000)).length).toBeLessThanOrEqual(CLIPBOARD_BASE64);
    expect(Math.ceil(over / 3) * 4).toBeGreaterThan(CLIPBOARD_BASE64);
  });

  test("that just fits is whole", () => {
    expect(clipboardText("x".repeat(56_244))).toMatchObject({ characters: 56_244, cut: false });
    expect(clipboardText("x".repeat(56_245))).toMatchObject({ characters: 56_244, cut: true });
  });

  test("whatever it is, has no control character but line breaks and tabs, and going through it twice changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (raw) => {
        const once = clipboardText(raw);
        expect(once.text).not.toMatch(/[^\P{Cc}\n\t]/u);
        expect(clipboardText(once.text)).toEqual(once);
      }),
    );
  });
});
