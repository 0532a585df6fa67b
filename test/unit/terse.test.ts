import * as fc from "fast-check";
import { expect, test } from "vitest";
import { terse } from "../../src/ui/terse.ts";

const GREY = "\u001b[38;5;245m";
const RED = "\u001b[1;31m";
const RESET = "\u001b[m";

test("a line is gone to once, and colours that come again are not taken back", () => {
  const frame = `\u001b[7;1H\u001b[7;68H${GREY}7\u001b[7C7${RESET}\u001b[8;1H\u001b[8;68H${GREY}7${RESET}\u001b[9;1H7`;
  expect(terse(frame)).toBe(`\u001b[7;68H${GREY}7\u001b[7C7\u001b[8;68H7\u001b[9;1H${RESET}7`);
});

test("other colours are set from a clean slate, and none is left on", () => {
  expect(terse(`${GREY}a${RESET}${RED}b${RESET}`)).toBe(`${GREY}a${RESET}${RED}b${RESET}`);
});

test("what is erased has the colours that it had", () => {
  expect(terse(`${GREY}a${RESET}\u001b[K`)).toBe(`${GREY}a${RESET}\u001b[K`);
});

/** What a terminal makes of it: where each character stands, in which colours; what is erased with which; and what stays set. */
function picture(text: string): string[] {
  const seen: string[] = [];
  let colours = "";
  let place = "";
  for (const [token] of text.matchAll(/\u001b\[[\d;?]*[A-Za-z]|[^\u001b]/g)) {
    if (token === RESET) colours = "";
    else if (token.endsWith("m") && token.startsWith("\u001b")) colours += token;
    else if (/^\u001b.*[JK]$/.test(token)) seen.push(`${place} ${colours} ${token}`);
    else if (/^\u001b.*H$/.test(token)) place = token;
    else if (token.startsWith("\u001b")) place += token;
    else {
      seen.push(`${place} ${colours} ${token}`);
      place += token;
    }
  }
  return [...seen, `left: ${colours}`];
}

test("the picture is the same, whatever blessed sends, and never longer", () => {
  const run = fc
    .tuple(fc.constantFrom("", GREY, RED), fc.constantFrom("7", "ab", "漢", " ", "\u001b[K"))
    .map(([colours, text]) => (colours === "" ? text : `${colours}${text}${RESET}`));
  const go = fc.oneof(
    fc.tuple(fc.nat(60), fc.nat(200)).map(([y, x]) => `\u001b[${y + 1};1H\u001b[${y + 1};${x + 1}H`),
    fc.nat(60).map((y) => `\u001b[${y + 1};1H`),
    fc.nat(9).map((n) => `\u001b[${n + 2}C`),
    fc.constantFrom("\u001b[?25l", "\u001b[m\u001b[H\u001b[J"),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(run, go), { maxLength: 40 }), (parts) => {
      const frame = parts.join("");
      expect(picture(terse(frame))).toEqual(picture(frame));
      expect(terse(frame).length).toBeLessThanOrEqual(frame.length);
    }),
    { numRuns: 3000 },
  );
});
