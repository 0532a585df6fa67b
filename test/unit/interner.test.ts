import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { interner } from "../../src/source/decode.ts";

// Whether two equal texts are one copy cannot be asked in JavaScript; what the heap holds can.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function megabytesHeldBy(hold: () => unknown): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const held = hold();
  collect();
  const after = process.memoryUsage().heapUsed;
  expect(held).toBeDefined();
  return (after - before) / 2 ** 20;
}

/** A text of 2 kB, a copy of its own each time, as it would come from the network. */
function aText(i: number): string {
  return Buffer.from(`${i} `.padEnd(2048, "x")).toString("latin1");
}

test("many rows with the same text keep one copy of it", () => {
  const { intern } = interner();
  expect(megabytesHeldBy(() => Array.from({ length: 5000 }, () => aText(7)))).toBeGreaterThan(8);
  expect(megabytesHeldBy(() => Array.from({ length: 5000 }, () => intern(aText(7))))).toBeLessThan(1);
});

test("texts that nobody uses any more are let go", () => {
  const texts = interner(500);
  const held = megabytesHeldBy(() => {
    for (let i = 0; i < 8000; i++) texts.intern(aText(i));
    return texts;
  });
  expect(held).toBeLessThan(4);
});

test("a text that is still in use survives the generations", () => {
  const { intern } = interner(2);
  expect(["a", "b", "c", "a", "d", "e", "a"].map((text) => intern(text)).join("")).toBe("abcadea");
});
