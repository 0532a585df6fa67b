import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/model/action.ts";
import { outcomeTone, outcomeWords, resultWords } from "../../src/panels/outcome-words.ts";
import type { Outcome } from "../../src/state/outcome.ts";
import type { Returned } from "../../src/state/returned.ts";
import { aBackend, anOrder, anOutcome, aServer, aWaiter, backends } from "./builders.ts";

const SERVER = aServer();
const CULPRIT = aBackend({ pid: 412, state: "idle in transaction", xactAge: 843 });
const ONE = anOrder({ targets: [CULPRIT] });
const QUERY = anOrder({ action: "cancel", targets: [aWaiter(518, [412])] });
const words = (outcome: Outcome): string => outcomeWords(outcome, SERVER);
const many = (n: number): Outcome["order"] => anOrder({ targets: backends(n) });
const from = (given: Partial<Returned>): Returned => ({
  user: "app",
  database: "shop",
  application: "leaky",
  client: "10.0.0.7",
  ended: 6,
  came: 0,
  firstSeconds: null,
  ...given,
});

describe("of one target it is said", () => {
  test.each<[string, Outcome]>([
    ["sending …", anOutcome({ order: ONE, phase: "sending" })],
    ["sent", anOutcome({ order: ONE })],
    ["terminated within 0.3 s", anOutcome({ order: ONE, doneAfter: [0.3] })],
    ["terminated within 0.4 s", anOutcome({ order: ONE, doneAfter: [0.34] })],
    ["terminated within 0.1 s", anOutcome({ order: ONE, doneAfter: [0] })],
    ["terminated within 2m05", anOutcome({ order: ONE, doneAfter: [125] })],
    ["query over within 0.2 s", anOutcome({ order: QUERY, doneAfter: [0.2] })],
    ["signal sent, still there after 5 s: x terminates", anOutcome({ order: QUERY, stillThere: 1 })],
    [
      "signal sent, still there after 5 s: the signal waits until it can be heard; kill -9 would restart the whole server",
      anOutcome({ order: ONE, stillThere: 1 }),
    ],
    ["not sent: 412 is gone", anOutcome({ order: ONE, verdicts: ["gone"] })],
    ["not sent: its pid belongs to another session now", anOutcome({ order: ONE, verdicts: ["reused"] })],
    [
      "not sent: it is active now, was idle in transaction",
      anOutcome({ order: ONE, verdicts: [["changed", "active"]] }),
    ],
    ["not sent: it has worked on since", anOutcome({ order: ONE, verdicts: ["changed"] })],
    ["not sent: it runs another query now", anOutcome({ order: QUERY, verdicts: [["changed", "active"]] })],
    ["not sent: 412 is hidden from our role now", anOutcome({ order: ONE, verdicts: ["hidden"] })],
    ["not sent: it is protected", anOutcome({ order: ONE, verdicts: ["protected"] })],
    ["not sent: the order was too late on its way", anOutcome({ order: ONE, verdicts: ["late"] })],
    [
      "not sent: refused: no right to terminate sessions of app: GRANT pg_signal_backend TO monitor",
      anOutcome({ order: ONE, verdicts: ["refused"] }),
    ],
    [
      "not sent: refused: postgres is a superuser: only a superuser may terminate its sessions",
      anOutcome({ order: anOrder({ targets: [aBackend({ user: "postgres" })] }), verdicts: ["refused"] }),
    ],
    [
      "not sent: there is no connection to the server",
      anOutcome({
        order: ONE,
        phase: "over",
        failure: { reason: "there is no connection to the server", unknown: false },
      }),
    ],
    [
      "may have been sent, no answer came: the connection broke",
      anOutcome({ order: ONE, failure: { reason: "the connection broke", unknown: true } }),
    ],
    [
      "may have been sent, no answer came: the connection broke; over since, by it or by itself",
      anOutcome({ order: ONE, failure: { reason: "the connection broke", unknown: true }, doneAfter: [0.4] }),
    ],
    ["gone with the restart of the server", anOutcome({ order: ONE, doneAfter: [3], restarted: true })],
  ])("%s", (expected, outcome) => {
    expect(words(outcome)).toBe(expected);
  });
});

describe("of several it is counted", () => {
  test.each<[string, Outcome]>([
    ["17 sent", anOutcome({ order: many(17) })],
    [
      "12 of 17 sent: 11 ended within 0.3 s, 1 still there after 5 s; 3 gone before, 2 had changed",
      anOutcome({
        order: many(17),
        verdicts: ["gone", "gone", "gone", "changed", "changed"],
        doneAfter: Array.from({ length: 11 }, (_, i) => 0.2 + i / 100),
        stillThere: 1,
      }),
    ],
    ["none of 3 sent: 2 gone before, 1 too late", anOutcome({ order: many(3), verdicts: ["gone", "late", "gone"] })],
    [
      "none of 2 sent: 2 refused: no right to terminate sessions of app: GRANT pg_signal_backend TO monitor",
      anOutcome({ order: many(2), verdicts: ["refused", "refused"] }),
    ],
    [
      "2 sent: 2 gone with the restart of the server",
      anOutcome({ order: many(2), doneAfter: [3, 3], restarted: true }),
    ],
  ])("%s", (expected, outcome) => {
    expect(words(outcome)).toBe(expected);
  });

  test("every verdict there is has its words", () => {
    const all: readonly Verdict[] = ["gone", "reused", "changed", "refused", "hidden", "protected", "late"];
    for (const verdict of all) {
      expect(words(anOutcome({ order: many(2), verdicts: [verdict] }))).toMatch(/^1 of 2 sent; 1 \w+/);
    }
  });
});

describe("what it brought", () => {
  const six = { order: many(6), doneAfter: [0.1, 0.1, 0.2, 0.2, 0.3, 0.3] };

  test.each<[string, readonly Returned[]]>([
    ["6 ended, none came back within 5 s: 6 slots free", [from({})]],
    [
      "6 ended, 6 came back from leaky@10.0.0.7 in 0.04 s: net 0 slots. Stop the source.",
      [from({ came: 6, firstSeconds: 0.04 })],
    ],
    ["6 ended, 3 came back from leaky@10.0.0.7 in 1.5 s: net 3 slots", [from({ came: 3, firstSeconds: 1.5 })]],
    [
      "6 ended, 9 came back from leaky@10.0.0.7 in 0.04 s: 3 slots more used than before. Stop the source.",
      [from({ came: 9, firstSeconds: 0.04 })],
    ],
    [
      "6 ended, 5 came back from web@local in 0.10 s and 2 more sources: net 1 slot",
      [
        from({ ended: 2, came: 1, firstSeconds: 0.2 }),
        from({ application: "web", client: "local", ended: 2, came: 3, firstSeconds: 0.1 }),
        from({ ended: 1, came: 1, firstSeconds: 0.2 }),
        from({ ended: 1 }),
      ],
    ],
    [
      "6 ended, 6 came back from app in 0.01 s: net 0 slots. Stop the source.",
      [from({ application: "", client: null, came: 6, firstSeconds: 0 })],
    ],
  ])("%s", (expected, returned) => {
    expect(words(anOutcome({ ...six, phase: "over", returned }))).toBe(expected);
  });

  test("that nobody came back is not said before it is known", () => {
    expect(words(anOutcome({ ...six, returned: [from({})] }))).toBe("6 sent: 6 ended within 0.3 s");
  });

  test("of a single session that its pool opened again, nobody is told to stop anything", () => {
    const returned = [from({ ended: 1, came: 1, firstSeconds: 0.04 })];
    expect(words(anOutcome({ order: ONE, doneAfter: [0.2], returned }))).toBe(
      "terminated within 0.2 s; 1 ended, 1 came back from leaky@10.0.0.7 in 0.04 s: net 0 slots",
    );
  });

  test.each([
    [160, "terminate all 6: 6 ended, 6 came back from leaky@10.0.0.7 in 0.04 s: net 0 slots. Stop the source."],
    [100, "terminate all 6: 6 ended, 6 came back from leaky@10.0.0.7 in 0.04 s: net 0 slots. Stop the source."],
    [85, "6 ended, 6 came back from leaky@10.0.0.7 in 0.04 s: net 0 slots. Stop the source."],
    [78, "terminate all 6: net 0 slots: 6 ended, 6 came back. Stop the source."],
    [58, "net 0 slots: 6 ended, 6 came back. Stop the source."],
    [10, "net 0 slots: 6 ended, 6 came back. Stop the source."],
  ])("in %i cells is: %s", (cells, expected) => {
    const outcome = anOutcome({ ...six, returned: [from({ came: 6, firstSeconds: 0.04 })] });
    expect(resultWords(outcome, SERVER, cells)).toBe(expected);
  });

  test("does not hide on a narrow screen who is still there", () => {
    const outcome = anOutcome({
      order: many(7),
      doneAfter: six.doneAfter,
      stillThere: 1,
      returned: [from({ came: 6 })],
    });
    expect(resultWords(outcome, SERVER, 40)).toMatch(/net 0 slots.*1 still there after 5 s/);
  });
});

test("the phrase stands before its result", () => {
  expect(resultWords(anOutcome({ order: ONE, doneAfter: [0.3] }), SERVER, 80)).toBe(
    "terminate 412: terminated within 0.3 s",
  );
  expect(resultWords(anOutcome({ order: ONE, verdicts: ["gone"] }), SERVER, 80)).toBe(
    "terminate 412 not sent: 412 is gone",
  );
});

test.each<[string, Outcome]>([
  ["title", anOutcome({ order: ONE, phase: "sending" })],
  ["title", anOutcome({ order: ONE })],
  ["ok", anOutcome({ order: ONE, doneAfter: [0.3] })],
  ["warn", anOutcome({ order: ONE, stillThere: 1 })],
  ["critical", anOutcome({ order: ONE, verdicts: ["refused"] })],
  ["critical", anOutcome({ order: ONE, failure: { reason: "it broke", unknown: true } })],
  ["warn", anOutcome({ order: many(2), verdicts: ["gone"], doneAfter: [0.1] })],
  ["warn", anOutcome({ order: many(2), doneAfter: [0.1, 0.1], returned: [from({ ended: 2, came: 2 })] })],
])("its tone is %s", (tone, outcome) => {
  expect(outcomeTone(outcome)).toBe(tone);
});
