import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readInput } from "../../src/ui/input.ts";
import type { MouseReport } from "../../src/ui/keys.ts";

// A terminal whose bytes come when the test says so; clocks are fake, so that no test waits.

const ESC = "\u001b";
const PASTE = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

class Typist {
  readonly tty = Object.assign(new PassThrough(), { isRaw: true, setRawMode: vi.fn<(mode: boolean) => void>() });
  readonly pastes: string[] = [];
  readonly keys: string[] = [];
  readonly clicks: MouseReport[] = [];
  readonly input = readInput(this.tty as unknown as ReadStream, {
    onKey: (key) => this.keys.push(key),
    onPaste: (text) => this.pastes.push(text),
    onMouse: (report) => this.clicks.push(report),
  });

  /** Strings are bytes that come together; numbers are milliseconds that go by. */
  types(...pieces: readonly (string | number | Uint8Array)[]): { keys: string[]; pastes: string[] } {
    for (const piece of pieces) {
      if (typeof piece === "number") vi.advanceTimersByTime(piece);
      else this.tty.emit("data", Buffer.from(piece as string));
    }
    return { keys: this.keys, pastes: this.pastes };
  }
}

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

describe("keys", () => {
  test.each([
    ["letters", ["kq/"], ["k", "q", "/"]],
    ["control characters", ["\u0003\r"], ["C-c", "enter"]],
    ["an arrow in one piece", [`${ESC}[A`], ["up"]],
    ["an arrow split behind the escape, over 30 ms", [ESC, 30, "[A"], ["up"]],
    ["an arrow split behind the bracket, over 30 ms", [`${ESC}[`, 30, "A"], ["up"]],
    ["an arrow in three pieces, 30 ms apart", [ESC, 30, "[", 30, "A"], ["up"]],
    ["an arrow of the application mode", [`${ESC}O`, 30, "A"], ["up"]],
    ["Page Down, split before the tilde", [`${ESC}[6`, 30, "~"], ["pagedown"]],
    ["a key with modifiers", [`${ESC}[1;5`, 30, "C"], ["C-right"]],
    ["F1 of the Linux console", [`${ESC}[[`, 30, "A"], ["f1"]],
    ["Esc and later a letter", [ESC, 60, "q"], ["escape", "q"]],
    ["Alt and a letter", [`${ESC}q`], ["M-q"]],
    ["Esc twice", [`${ESC}${ESC}`], ["escape", "escape"]],
    ["Esc before an arrow", [`${ESC}${ESC}[A`], ["escape", "up"]],
    ["Esc before Ctrl-C", [`${ESC}\u0003`], ["escape", "C-c"]],
    ["three arrows at once", [`${ESC}[B`.repeat(3)], ["down", "down", "down"]],
    ["letters around an arrow", [`j${ESC}[Ak`], ["j", "up", "k"]],
    ["an astral character whole", ["👍\u{20000}"], ["👍", "\u{20000}"]],
  ])("%s", (_, pieces, keys) => {
    expect(new Typist().types(...pieces, 100)).toEqual({ keys, pastes: [] });
  });

  test("Esc alone after 50 ms, not before", () => {
    const typist = new Typist();
    expect(typist.types(ESC, 49).keys).toEqual([]);
    expect(typist.types(1).keys).toEqual(["escape"]);
  });

  test("a character whose bytes come apart is one character", () => {
    const bytes = Buffer.from("é漢👍");
    const apart = [...bytes].flatMap((byte) => [Buffer.of(byte), 10]);
    expect(new Typist().types(...apart).keys).toEqual(["é", "漢", "👍"]);
  });

  test("half a character before an arrow is nothing, and the arrow is one", () => {
    expect(new Typist().types(Buffer.of(0xc3), `${ESC}[A`, "j").keys).toEqual(["up", "j"]);
  });
});

describe("half a sequence whose other half never comes is nothing", () => {
  test.each([
    ["an escape and a bracket", `${ESC}[`],
    ["half a page key", `${ESC}[6`],
    ["half an arrow of the application mode", `${ESC}O`],
    ["half a mouse event", `${ESC}[<0;23`],
    ["half an old mouse event", `${ESC}[M `],
    ["the beginning of an answer", `${ESC}]`],
  ])("%s", (_, half) => {
    expect(new Typist().types(half, 60, "j").keys).toEqual(["j"]);
  });

  test.each([
    ["Ctrl-C", "\u0003", "C-c"],
    ["Enter", "\r", "enter"],
    ["an arrow", `${ESC}[A`, "up"],
  ])("and %s right behind it is a key", (_, bytes, key) => {
    for (const half of [`${ESC}[`, `${ESC}[6;`, `${ESC}[1$`, `${ESC}]11;rgb:`, `${ESC}P1$r`])
      expect(new Typist().types(half + bytes).keys, half).toEqual([key]);
  });
});

describe("what is no key never becomes one", () => {
  test.each([
    ["what the terminal is", `${ESC}[?62;1;6;22c`],
    ["where its cursor stands", `${ESC}[12;40R`],
    ["its colours, ended with a bell", `${ESC}]11;rgb:1e1e/1e1e/1e1e\u0007`],
    ["its colours, ended with a string terminator", `${ESC}]11;rgb:1e1e/1e1e/1e1e${ESC}\\`],
    ["its name and version", `${ESC}P>|XTerm(390)${ESC}\\`],
    ["a setting", `${ESC}P1$r0 q${ESC}\\`],
    ["an application's message", `${ESC}_Gi=31;OK${ESC}\\`],
    ["a private message", `${ESC}^quit${ESC}\\`],
    ["a mouse report of old", `${ESC}[M qG`],
    ["one with bytes that are no text", Buffer.from(`${ESC}[M \u00e9\u00f1`, "latin1")],
    ["a mouse report of urxvt", `${ESC}[32;10;5M`],
    ["q, spelled by its code point", `${ESC}[113u${ESC}[113;1:3u`],
    ["x, spelled as xterm may", `${ESC}[27;2;120~`],
    ["focus gained and lost", `${ESC}[I${ESC}[O`],
    ["a sequence that nobody knows", `${ESC}[=3;4!x`],
  ])("%s", (_, bytes) => {
    const typist = new Typist();
    const { keys, pastes } = typist.types(bytes, 30, "j");
    expect([keys, pastes, typist.clicks]).toEqual([["j"], [], []]);
  });

  test("an answer that stalls for a third of a second", () => {
    expect(new Typist().types(`${ESC}]11;rgb:1e`, 300, "1e/1e1e/1e", 300, "1e\u0007j").keys).toEqual(["j"]);
  });

  test("and a string without an end does not swallow keys for ever", () => {
    expect(new Typist().types(`${ESC}]11;rgb:`, 600, "j").keys).toEqual(["j"]);
  });
});

describe("a paste is text, and no key in it acts", () => {
  test.each([
    ["in one piece", [`${PASTE}kK terminate\r${PASTE_END}`]],
    ["its begin mark split", [`${ESC}[20`, 30, `0~kK terminate\r${PASTE_END}`]],
    ["its text split", [`${PASTE}kK ter`, 200, `minate\r${PASTE_END}`]],
    ["its end mark split", [`${PASTE}kK terminate\r${ESC}[20`, 200, "1~"]],
    ["byte by byte", [...`${PASTE}kK terminate\r${PASTE_END}`]],
  ])("%s", (_, pieces) => {
    expect(new Typist().types(...pieces, 100)).toEqual({ keys: [], pastes: ["kK terminate\r"] });
  });

  test("escape sequences in it are text as well", () => {
    expect(new Typist().types(`${PASTE}a${ESC}[Ab${PASTE_END}`)).toEqual({ keys: [], pastes: [`a${ESC}[Ab`] });
  });

  test("keys before and after it are keys", () => {
    expect(new Typist().types(`j${PASTE}q${PASTE_END}k`)).toEqual({ keys: ["j", "k"], pastes: ["q"] });
  });

  test("two of them are two", () => {
    expect(new Typist().types(`${PASTE}a${PASTE_END}${PASTE}${PASTE_END}`).pastes).toEqual(["a", ""]);
  });

  test("characters in it stay whole", () => {
    const bytes = Buffer.from(`${PASTE}é漢👍${PASTE_END}`);
    expect(new Typist().types(...[...bytes].map((byte) => Buffer.of(byte))).pastes).toEqual(["é漢👍"]);
  });

  test("also when the line stalls for seconds in the middle of it", () => {
    const { keys, pastes } = new Typist().types(`${PASTE}x`, 3000, "terminate 1\r", 3000, `q${ESC}[2`, 3000, `01~j`);
    expect([keys, pastes.join("")]).toEqual([["j"], "xterminate 1\rq"]);
  });

  test.each([
    ["Esc", ESC, "escape"],
    ["Ctrl-C", "\u0003", "C-c"],
  ])("and where its end got lost, %s ends it", (_, bytes, key) => {
    expect(new Typist().types(`${PASTE}x`, 600, bytes, 60, "j").keys).toEqual([key, "j"]);
  });
});

describe("however the bytes are cut on their way", () => {
  const sequence = fc.constantFrom(
    ...["[A", "OB", "[6~", "[1;5C", "[[A", "[Z", "[<0;10;5M", "[<0;10;5m", "[M qG", "[M\u00e9\u00ff\u0080", "[?62;c"],
    ...[
      "[12;40R",
      "]11;rgb:1e/1e/1e\u0007",
      "]0;quit\u001b\\",
      "P>|q\u001b\\",
      "[113u",
      "[27;5;99~",
      "[I",
      "O5A",
      "OM",
    ],
    ...["[200~jkq\rx\u001b[201~", "[200~\u001b[A\u001b[201~", "[201~", "\u001b", "q", "\r", "[", "[6", "O", "]"],
  );
  const bytes = fc
    .array(
      fc.oneof(
        sequence.map((rest) => Buffer.from(ESC + rest, "latin1")),
        fc
          .constantFrom("j", "q", "é", "漢", "👍", " ", "\r", "\u0003", "\u007f", "[", "~", "M")
          .map((c) => Buffer.from(c)),
        fc.uint8Array({ maxLength: 4 }).map((some) => Buffer.from(some)),
      ),
      { maxLength: 12 },
    )
    .map((parts) => Buffer.concat(parts));

  test("they are the same keys, pastes and clicks", () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.tuple(fc.nat(40), fc.nat(49)), { maxLength: 12 }), (all, cuts) => {
        const whole = new Typist();
        const cut = new Typist();
        whole.types(all, 60_000);
        let from = 0;
        for (const [length, ms] of cuts) {
          if (from >= all.length) break;
          cut.types(all.subarray(from, from + length + 1), ms);
          from += length + 1;
        }
        if (from < all.length) cut.types(all.subarray(from));
        cut.types(60_000);
        expect(cut.keys).toEqual(whole.keys);
        expect(cut.pastes.join("")).toBe(whole.pastes.join(""));
        expect(cut.clicks).toEqual(whole.clicks);
      }),
      { numRuns: 2000 },
    );
  });

  test("no letter comes out of a sequence", () => {
    // What is typed here are digits alone: any other character is one that a sequence has let go.
    const stream = fc.array(
      fc.oneof(
        sequence.filter((rest) => rest !== "q"),
        fc.constantFrom("1", "2"),
      ),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(stream, fc.nat(30), (parts, cut) => {
        const all = Buffer.from(parts.map((part) => (/^\d$/.test(part) ? part : ESC + part)).join(""), "latin1");
        const typist = new Typist();
        typist.types(all.subarray(0, cut), 30, all.subarray(cut), 60_000);
        expect(typist.keys.filter((key) => [...key].length === 1 && !/[12]/.test(key))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

test("raw mode is the terminal's own", () => {
  const { tty, input } = new Typist();
  const asTty = input as unknown as ReadStream;
  asTty.setRawMode(false);
  expect(tty.setRawMode).toHaveBeenCalledWith(false);
  expect([asTty.isTTY, asTty.isRaw]).toEqual([true, true]);
});
