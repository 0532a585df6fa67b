import { expect, test } from "vitest";
import { settled } from "../../src/panels/screen.ts";
import { withView, type State } from "../../src/state/state.ts";
import { aBackend, anOrder, anOutcome, aState, backends, listed, NOW, press, run, shown } from "./builders.ts";

const log = (outcomes: State["outcomes"], size = { width: 100, height: 30 }): State =>
  withView({ ...run(aState(size), listed(aBackend())).state, outcomes }, { page: "log" });

test("a run in which nobody was ended says so", () => {
  expect(shown(log([]))).toContain("nothing has been ended in this run");
});

test("the latest comes first, with its time, its phrase, whom it was for and what came of it", () => {
  const first = anOutcome({ order: anOrder({ targets: [aBackend({ pid: 41 })] }), doneAfter: [0.2], phase: "over" });
  const then = anOutcome({
    order: anOrder({ id: 2, at: NOW + 60_000, action: "cancel", targets: [aBackend({ pid: 42, user: "etl" })] }),
    verdicts: ["gone"],
  });
  const text = shown(log([first, then]));
  expect(text).toMatch(/14:03:11 +cancel 42[^]*14:02:11 +terminate 41/);
  expect(text).toContain("etl@shop  web  10.0.3.17:51422");
  expect(text).toContain("not sent: 42 is gone");
  expect(text).toContain("terminated within 0.2 s");
});

test("of a group, every target has its verdict", () => {
  const order = anOrder({ targets: backends(4) });
  const outcome = anOutcome({ order, verdicts: ["gone", ["changed", "active"]], doneAfter: [0.2], stillThere: 1 });
  const text = shown(log([outcome]));
  expect(text).toContain("2 of 4 sent: 1 ended within 0.2 s, 1 still there after 5 s; 1 gone before, 1 had changed");
  expect(text).toMatch(/1000 .* not sent: 1000 is gone/);
  expect(text).toMatch(/1001 .* not sent: it is active now, was idle/);
  expect(text).toMatch(/1002 .* terminated within 0.2 s/);
  expect(text).toMatch(/1003 .* signal sent, still there after 5 s/);
});

test("a long one is scrolled, as far as its last line", () => {
  const old = { phase: "over", changedAt: NOW - 60_000 } as const;
  const state = log([anOutcome({ order: anOrder({ targets: backends(200) }), ...old })]);
  const end = settled(run(state, press("G")).state);
  expect(shown(end)).toContain("1199");
  expect(shown(end)).toMatch(/lines \d+-203 of 203/);
});

test("what strangers have written stays harmless", () => {
  const odd = aBackend({ application: "\u001b[2J漢字".repeat(20), user: "\u202eroot\n" });
  expect(shown(log([anOutcome({ order: anOrder({ targets: [odd] }) })]))).not.toMatch(/[\u001b\u202e]/);
});
