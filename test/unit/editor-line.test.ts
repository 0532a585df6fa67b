import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { screen } from "../../src/panels/screen.ts";
import type { State } from "../../src/state/state.ts";
import { textWidth } from "../../src/text/width.ts";
import { aBackend, aState, listed, pasted, press, run, shown, type } from "./builders.ts";

const LONG = "user:app state:itx !wait:lock query:one app:two db:three client:four >30s xact>5m conn<1h type:client";
const line = (state: State): string =>
  shown(state)
    .split("\n")
    .find((one) => /^ (Filter|Find):/.test(one))!;
const typed = (text: string, ...keys: readonly string[]): State =>
  run(aState(), listed(aBackend()), press("/"), pasted(text), press(...keys)).state;

/** What stands under the caret, and how far from the left. */
function caret(state: State): { text: string; x: number } | null {
  for (const { spans } of screen(state)) {
    const at = spans.findIndex((span) => span.tone === "caret");
    if (at < 0) continue;
    const x = spans.slice(0, at).reduce((sum, span) => sum + textWidth(span.text), 0);
    return { text: spans[at]!.text, x };
  }
  return null;
}

describe("a text longer than its line", () => {
  test("shows its end while it is typed", () => {
    expect(line(typed(LONG))).toMatch(/^ Filter: ….*type:client$/);
  });

  test("its beginning with Home, and then no mark that something is missing there", () => {
    expect(line(typed(LONG, "home"))).toMatch(/^ Filter: user:app state:itx.*…$/);
  });

  test("and what stands on both sides in the middle", () => {
    const state = typed(LONG, ...Array.from({ length: 12 }, () => "C-left"));
    expect(line(state)).toMatch(/^ Filter: .*…$/);
    expect(caret(state)).not.toBeNull();
  });

  test("the caret is in sight, whatever is typed and wherever one goes", () => {
    const key = fc.constantFrom(
      "left",
      "right",
      "home",
      "end",
      "C-left",
      "C-right",
      "backspace",
      "a",
      "漢",
      "C-w",
      "C-k",
    );
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 120 }), fc.array(key, { maxLength: 30 }), (width, keys) => {
        const start = aState({ width, height: 12 });
        const text = `${LONG} 漢字漢字 👍 ${LONG}`;
        const { state } = run(start, listed(aBackend()), press("s"), pasted(text), press(...keys));
        const { text: under, x } = caret(state)!;
        expect(x + textWidth(under)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test("what is wrong stands beside it, and leaves it half of the line", () => {
  const text = line(typed(`${LONG} usr:app`));
  expect(text).toMatch(/usr:app {3}no field "usr"/);
});

describe("former filters", () => {
  const after = (...keys: readonly string[]): State =>
    run(
      aState(),
      listed(aBackend({ pid: 1 }), aBackend({ pid: 2, user: "etl" })),
      ...["app", "etl"].map((text) => [...press("/", "C-u"), ...type(text), ...press("enter")]),
      press("\\", "/", ...keys),
    ).state;

  test("come back with Up and work at once", () => {
    expect(after("up").view).toMatchObject({ editor: { text: "etl" }, filter: { text: "etl" } });
    expect(after("up", "up").view).toMatchObject({ editor: { text: "app" }, filter: { text: "app" } });
  });

  test("Down comes back to what was being typed", () => {
    expect(after("x", "up", "down").view).toMatchObject({ editor: { text: "x" }, filter: { text: "x" } });
  });

  test("Esc takes back what was there before", () => {
    expect(after("up", "escape").view).toMatchObject({ editor: null, filter: { text: "" } });
  });

  test("are not what was looked for", () => {
    expect(run(after("escape"), press("s", "up")).state.view.editor?.text).toBe("");
  });
});
