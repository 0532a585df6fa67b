import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { inputFilter } from "../../src/ui/input.ts";

// A terminal whose bytes come when the test says so; clocks are fake, so that no test waits.

const ESC = "\u001b";
const PASTE = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

class Typist {
  readonly tty = Object.assign(new PassThrough(), { isRaw: true, setRawMode: vi.fn<(mode: boolean) => void>() });
  readonly pastes: string[] = [];
  readonly keys: string[] = [];
  readonly input = inputFilter(this.tty as unknown as ReadStream, (text) => this.pastes.push(text));

  constructor() {
    this.input.on("data", (data: Buffer) => this.keys.push(data.toString("utf8")));
  }

  /** Strings are bytes that come together; numbers are milliseconds that go by. */
  async types(...pieces: readonly (string | number | Buffer)[]): Promise<{ keys: string; pastes: string[] }> {
    for (const piece of pieces) {
      if (typeof piece === "number") await vi.advanceTimersByTimeAsync(piece);
      else this.tty.write(piece);
      await vi.advanceTimersByTimeAsync(0);
    }
    return { keys: this.keys.join(""), pastes: this.pastes };
  }
}

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

describe("keys pass", () => {
  test.each([
    ["letters", ["kq/"], "kq/"],
    ["control characters", ["\u0003\r"], "\u0003\r"],
    ["an arrow in one piece", [`${ESC}[A`], `${ESC}[A`],
    ["an arrow split behind the escape, over 30 ms", [ESC, 30, "[A"], `${ESC}[A`],
    ["an arrow split behind the bracket, over 30 ms", [`${ESC}[`, 30, "A"], `${ESC}[A`],
    ["an arrow in three pieces, 30 ms apart", [ESC, 30, "[", 30, "A"], `${ESC}[A`],
    ["an arrow of the application mode", [`${ESC}O`, 30, "A"], `${ESC}OA`],
    ["Page Down, split before the tilde", [`${ESC}[6`, 30, "~"], `${ESC}[6~`],
    ["a key with modifiers", [`${ESC}[1;5`, 30, "C"], `${ESC}[1;5C`],
    ["F1 of the Linux console", [`${ESC}[[`, 30, "A"], `${ESC}[[A`],
    ["a mouse press", [`${ESC}[<0;230;12M`], `${ESC}[<0;230;12M`],
    ["an Alt key", [`${ESC}q`], `${ESC}q`],
    ["Esc and later a letter", [ESC, 60, "q"], `${ESC}q`],
    ["thirty arrows at once", [`${ESC}[B`.repeat(30)], `${ESC}[B`.repeat(30)],
    ["letters around an arrow", [`j${ESC}[Ak`], `j${ESC}[Ak`],
  ])("%s", async (_, pieces, expected) => {
    expect(await new Typist().types(...pieces, 100)).toEqual({ keys: expected, pastes: [] });
  });

  test("Esc alone after 50 ms, not before", async () => {
    const typist = new Typist();
    expect((await typist.types(ESC, 49)).keys).toBe("");
    expect((await typist.types(1)).keys).toBe(ESC);
  });

  test("a sequence never comes in two chunks, which blessed would take for Esc and letters", async () => {
    const typist = new Typist();
    await typist.types(ESC, 30, "[", 30, "A", 100);
    expect(typist.keys).toEqual([`${ESC}[A`]);
  });

  test("Esc and a key in one packet are two keys, not Alt", async () => {
    const typist = new Typist();
    await typist.types(`${ESC}q`);
    expect(typist.keys).toEqual([ESC, "q"]);
  });

  test("a character whose bytes come apart is one character", async () => {
    const bytes = Buffer.from("é漢");
    expect((await new Typist().types(bytes.subarray(0, 1), 10, bytes.subarray(1, 3), 10, bytes.subarray(3))).keys).toBe(
      "é漢",
    );
  });
});

describe("half a sequence whose other half never comes is nothing", () => {
  test.each([
    ["an escape and a bracket", `${ESC}[`],
    ["half a page key", `${ESC}[6`],
    ["half an arrow of the application mode", `${ESC}O`],
    ["half a mouse event", `${ESC}[<0;23`],
  ])("%s", async (_, half) => {
    expect((await new Typist().types(half, 60, "j")).keys).toBe("j");
  });
});

describe("a paste is text, and no key in it acts", () => {
  test.each([
    ["in one piece", [`${PASTE}kK terminate\r${PASTE_END}`]],
    ["its begin mark split", [`${ESC}[20`, 30, `0~kK terminate\r${PASTE_END}`]],
    ["its text split", [`${PASTE}kK ter`, 200, `minate\r${PASTE_END}`]],
    ["its end mark split", [`${PASTE}kK terminate\r${ESC}[20`, 200, "1~"]],
    ["byte by byte", [...`${PASTE}kK terminate\r${PASTE_END}`]],
  ])("%s", async (_, pieces) => {
    expect(await new Typist().types(...pieces, 100)).toEqual({ keys: "", pastes: ["kK terminate\r"] });
  });

  test("escape sequences in it are text as well", async () => {
    expect(await new Typist().types(`${PASTE}a${ESC}[Ab${PASTE_END}`)).toEqual({ keys: "", pastes: [`a${ESC}[Ab`] });
  });

  test("keys before and after it are keys", async () => {
    expect(await new Typist().types(`j${PASTE}q${PASTE_END}k`)).toEqual({ keys: "jk", pastes: ["q"] });
  });

  test("two of them are two", async () => {
    expect((await new Typist().types(`${PASTE}a${PASTE_END}${PASTE}${PASTE_END}`)).pastes).toEqual(["a", ""]);
  });
});

test("raw mode is the terminal's own", () => {
  const { tty, input } = new Typist();
  const asTty = input as unknown as ReadStream;
  asTty.setRawMode(false);
  expect(tty.setRawMode).toHaveBeenCalledWith(false);
  expect([asTty.isTTY, asTty.isRaw]).toEqual([true, true]);
});
