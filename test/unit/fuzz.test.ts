import { expect, test } from "vitest";
import * as fc from "fast-check";
import type { Message } from "../../src/state/message.ts";
import { COLUMNS } from "../../src/state/columns.ts";
import { KEYMAP } from "../../src/state/keymap.ts";
import { screen } from "../../src/panels/screen.ts";
import { layout } from "../../src/state/layout.ts";
import type { State } from "../../src/state/state.ts";
import { textWidth } from "../../src/text/width.ts";
import { paint } from "../../src/ui/paint.ts";
import {
  aBackend,
  aGap,
  aHiddenBackend,
  anAuxiliary,
  aSample,
  aServersWorker,
  aState,
  aWaiter,
  backends,
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
  session.map(({ pid, blockedBy }) => aServersWorker({ pid, blockedBy })),
);
const sessions = fc.uniqueArray(backend, { maxLength: 12, selector: (one) => one.pid });

const step: fc.Arbitrary<Message[]> = fc.oneof(
  { weight: 6, arbitrary: key.map((one) => press(one)) },
  words.map((text) => press(...text)),
  words.map((text) => [pasted(text)]),
  fc.tuple(fc.nat(300), fc.nat(100)).map(([w, h]) => [resized(w, h)]),
  fc
    .tuple(fc.constantFrom("click", "wheel-up", "wheel-down"), fc.nat(300), fc.nat(100))
    .map(([action, column, row]): Message[] => [{ kind: "mouse", action, column, row, at: NOW }]),
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

/** Thousands of whole screens, perhaps on a machine that is busy otherwise. */
const PATIENCE_MS = 300_000;

test(
  "any sequence of keys, pastes, resizes and readings gives a whole screen",
  () => {
    const start = fc.record({
      width: fc.constantFrom(20, 40, 60, 80, 120, 200),
      height: fc.constantFrom(1, 5, 10, 12, 24, 40, 60),
      columns: fc.option(fc.shuffledSubarray(COLUMNS.map(({ id }) => id))),
      mouse: fc.boolean(),
    });
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 25 }), (given, steps) => {
        let state = aState(given);
        for (const messages of steps) {
          ({ state } = run(state, messages));
          expectWholeScreen(state);
        }
      }),
      { numRuns: 250 },
    );
  },
  PATIENCE_MS,
);

test(
  "every size from 0x0 to 300x100 gives a whole screen, with the cursor in sight, on every page",
  () => {
    const sample = seen(aSample({ backends: [...backends(150), aWaiter(2, [1000]), aHiddenBackend({ pid: 3 })] }));
    const pages = [[], press("?"), press("enter"), press("o"), press("/", "a"), press("s", ..."漢字 web"), press("m")];
    pages.push(press("5"), press("5", "z"), press("5", "z", "z"));
    const states = pages.map((keys) => run(aState(), sample, keys).state);
    fc.assert(
      fc.property(fc.nat(300), fc.nat(100), (width, height) => {
        for (const state of states) {
          const { state: after } = run(state, resized(width, height), press("pagedown"));
          expectWholeScreen(after);
          expectCursorInSight(after);
        }
      }),
      { numRuns: 150, examples: SIZES.map(([width, height]) => [width, height]) },
    );
  },
  PATIENCE_MS,
);

/** The sizes at which something changes. */
const SIZES: readonly (readonly [number, number])[] = [
  ...([
    [0, 0],
    [0, 5],
    [5, 0],
    [1, 1],
    [5, 2],
    [20, 1],
    [20, 3],
    [19, 6],
    [20, 5],
    [20, 6],
    [30, 5],
    [39, 10],
  ] as const),
  ...([
    [40, 7],
    [40, 8],
    [40, 10],
    [60, 12],
    [79, 24],
    [80, 9],
    [80, 10],
    [80, 24],
    [99, 30],
    [100, 29],
  ] as const),
  ...([
    [100, 30],
    [120, 40],
    [159, 40],
    [160, 39],
    [160, 40],
    [200, 60],
    [300, 100],
  ] as const),
];

function expectCursorInSight(state: State): void {
  const { rows } = layout(state.size);
  const { top, cursorIndex } = state.view;
  if (rows === 0) return;
  expect(cursorIndex).toBeGreaterThanOrEqual(top);
  expect(cursorIndex).toBeLessThan(top + rows);
}
