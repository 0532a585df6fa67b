import { describe, expect, test } from "vitest";
import { aBackend, aSample, aServer, aState, press, run, seen, shown } from "./builders.ts";

const screenOf = (readOnly: boolean, width: number, keys: readonly string[] = [], server = aServer()): string => {
  const start = aState({ width, height: 200, options: { readOnly } });
  return shown(run(start, seen(aSample({ backends: [aBackend()], server })), press(...keys)).state);
};

describe("what our role may is said in the title", () => {
  test.each([
    [{}, "may: see all, cancel, terminate"],
    [{ signal: false }, "may: see all "],
    [{ signal: false, seeAll: false }, "may: see own "],
  ])("%o: %s", (rights, words) => {
    expect(screenOf(false, 160, [], aServer(rights))).toContain(words);
  });

  test("read only is read only, whatever it may", () => {
    expect(screenOf(true, 160)).toContain("  read only");
    expect(screenOf(true, 160)).not.toContain("may:");
    expect(screenOf(true, 100)).toContain("  read only ");
  });
});

test("the keys that end something stand in the footer and in the help, and how to do it safely", () => {
  expect(screenOf(false, 80)).toMatch(/c Cancel {2}x Term/);
  expect(screenOf(false, 80, ["?"])).toMatch(/Ending queries and sessions[^]*Ending things safely/);
  expect(screenOf(false, 80, ["enter"])).toMatch(/c cancel {2}x terminate/);
});

test("read only: neither footer nor help nor the page of a session knows of them", () => {
  expect(screenOf(true, 200)).not.toMatch(/Cancel|Term\b/);
  expect(screenOf(true, 200, ["?"])).not.toMatch(/terminate|cancel|Ending/);
  expect(screenOf(true, 200, ["enter"])).not.toMatch(/terminate|cancel/);
});
