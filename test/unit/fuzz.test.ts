import { expect, test } from "vitest";
import * as fc from "fast-check";
import type { Message } from "../../src/state/message.ts";
import { KEYMAP } from "../../src/state/keymap.ts";
import { screen } from "../../src/panels/screen.ts";
import type { State } from "../../src/state/state.ts";
import { textWidth } from "../../src/text/width.ts";
import { paint } from "../../src/ui/paint.ts";
import {
  aBackend,
  aGap,
  aHiddenBackend,
  anAuxiliary,
  aSample,
  aState,
  aWaiter,
  NOW,
  pasted,
  press,
  resized,
  run,
  seen,
  tick,
} from "./builders.ts";

// Whatever is pressed, pasted, resized and read, in any order: the dashboard never throws and never draws beside the screen.

const words = fc.constantFrom(
  "user:app",
  "!etl",
  ">30s",
  "((",
  "state:itx",
  "état 漢字 👍",
  "state:idle",
  "\u001b[2J",
  '"',
  "web",
);
const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KEYMAP.flatMap((entry) => entry.keys).filter((one) => one !== "C-c")) },
  fc.constantFrom("escape", "backspace", "delete", "tab", "M-x", "x", "1", ":", "漢", "👍", "C-u", "C-w", "C-a", "f7"),
);
const session = fc.record({
  pid: fc.integer({ min: 1, max: 12 }),
  state: fc.constantFrom(
    "active",
    "idle",
    "idle in transaction",
    "idle in transaction (aborted)",
    "starting",
    "disabled",
    null,
  ),
  application: fc.constantFrom("web", "", "漢字漢字漢字漢字", "{bold}\u001b[31m", "a".repeat(90)),
  xactAge: fc.constantFrom(null, 0, 59.95, 90_000),
  blockedBy: fc.array(fc.nat(12), { maxLength: 3 }),
  query: fc.constantFrom("SELECT 1", "", "x".repeat(300), "SELECT\n\t'漢字' \u202e", "👍".repeat(150)),
});
const backend = fc.oneof(
  { weight: 5, arbitrary: session.map((given) => aBackend(given)) },
  session.map(({ pid, blockedBy }) => aWaiter(pid, blockedBy)),
  session.map(({ pid }) => aHiddenBackend({ pid })),
  session.map(({ pid }) => aBackend({ pid, backendType: "parallel worker", leaderPid: (pid % 12) + 1 })),
  session.map(({ pid }) => anAuxiliary("checkpointer", pid)),
);
const sessions = fc.uniqueArray(backend, { maxLength: 12, selector: (one) => one.pid });

const step: fc.Arbitrary<Message[]> = fc.oneof(
  { weight: 6, arbitrary: key.map((one) => press(one)) },
  words.map((text) => press(...text)),
  words.map((text) => [pasted(text)]),
  fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100 })).map(([w, h]) => [resized(w, h)]),
  fc.tuple(sessions, fc.nat(100)).map(([backends, secondsLater]) => [seen(aSample({ backends, secondsLater }))]),
  fc.nat(100).map((secondsLater) => [seen(aGap("the server said 漢字\n{bold}", secondsLater))]),
  fc.nat(1000).map((secondsLater) => [tick(secondsLater)]),
  fc.double({ min: 0.1, max: 300, noNaN: true }).map((actual): Message[] => [{ kind: "interval", actual, at: NOW }]),
);

const plain = { tone: () => "", reset: "" };

function expectWholeScreen(state: State): void {
  const { width, height } = state.size;
  const lines = screen(state);
  expect(lines).toHaveLength(height);
  const painted = paint(lines, width, plain, false);
  expect(painted).toHaveLength(height);
  for (const line of painted) if (textWidth(line) > width) expect.fail(`in ${width} cells: "${line}"`);
}

test("any sequence of keys, pastes, resizes and readings gives a whole screen", () => {
  const start = fc.tuple(fc.constantFrom(20, 40, 60, 80, 120, 200), fc.constantFrom(1, 5, 10, 12, 24, 40, 60));
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 25 }), ([width, height], steps) => {
      let state = aState({ width, height });
      for (const messages of steps) {
        ({ state } = run(state, messages));
        expectWholeScreen(state);
      }
    }),
    { numRuns: 250 },
  );
});

test("every size from 1x1 on gives a whole screen", () => {
  const sample = seen(aSample({ backends: [aBackend({ pid: 1 }), aWaiter(2, [1]), aHiddenBackend({ pid: 3 })] }));
  for (const page of [[], press("?"), press("enter"), press("/", "a")]) {
    const { state } = run(aState(), sample, page);
    for (let width = 1; width <= 220; width += width < 42 ? 1 : 11) {
      for (const height of [1, 2, 5, 7, 8, 10, 24, 30, 40, 60])
        expectWholeScreen(run(state, resized(width, height)).state);
    }
  }
});
