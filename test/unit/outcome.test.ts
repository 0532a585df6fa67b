import { describe, expect, test } from "vitest";
import type { Answer, Verdict } from "../../src/model/action.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Message } from "../../src/state/message.ts";
import type { Outcome } from "../../src/state/outcome.ts";
import type { State } from "../../src/state/state.ts";
import {
  aBackend,
  aGap,
  aHiddenBackend,
  anAuxiliary,
  aSample,
  aServer,
  aState,
  listed,
  NOW,
  painted,
  press,
  run,
  seen,
  SERVER_NOW,
  typedByHand,
} from "./builders.ts";

/** The signal went out so many seconds after the first sample. */
const SENT = 3;

const LEAKERS = Array.from({ length: 6 }, (_, i) =>
  aBackend({ pid: 601 + i, application: "leaky", clientAddress: "10.0.0.7", user: "app" }),
);
const BUSY = aBackend({ pid: 518, state: "active", xactAge: 20, queryAge: 20, stateAge: 20 });

/** Tagged, asked for, confirmed. */
function sent(key: "c" | "x", targets: readonly Backend[], others: readonly Backend[] = []): State {
  const action = key === "c" ? "cancel" : "terminate";
  const text = targets.length === 1 ? `${action} ${targets[0]!.pid}\n` : `${action} all ${targets.length}\n`;
  const tagged = new Set(targets.map((target) => target.key));
  const asked = run(aState({ tagged }), listed(...targets, ...others), press(key), painted(), typedByHand(text, 200));
  expect(asked.effects.filter(({ kind }) => kind === "signal")).toHaveLength(1);
  return asked.state;
}

function answers(targets: readonly Backend[], verdict: Verdict = "sent"): Message {
  const list = targets.map(({ key }): Answer => ({ key, verdict, state: null }));
  return {
    kind: "answered",
    id: 1,
    answers: { serverSeconds: SERVER_NOW + SENT, answers: list },
    at: NOW + SENT * 1000,
  };
}

/** A sample so many seconds after the signal. */
function after(seconds: number, backends: readonly Backend[], server = aServer()): Message {
  return seen(aSample({ backends, server, secondsLater: SENT + seconds }));
}

/** Another session from where this one came. */
function newcomer(from: Backend, pid: number, secondsAfter: number): Backend {
  return {
    ...aBackend({ ...from, pid, key: `${pid}@new`, backendStart: "new" }),
    backendStartSeconds: SERVER_NOW + SENT + secondsAfter,
  };
}

function outcome(state: State): Outcome {
  return state.outcomes.at(-1)!;
}

test("until the server has answered it is being sent, and no second order is taken", () => {
  const state = sent("x", LEAKERS.slice(0, 1));
  expect(outcome(state).phase).toBe("sending");
  const again = run(state, [{ kind: "key", key: "x", at: NOW + 3000 }]);
  expect(again.state.dialog).toBeNull();
  expect(again.state.notice?.text).toMatch(/has not answered/);
});

test("what has ended is told with the seconds after which that was seen", () => {
  const { state } = run(sent("x", LEAKERS), answers(LEAKERS), after(0.1, LEAKERS.slice(2)), after(0.3, []));
  expect([...outcome(state).done.values()].map((seconds) => seconds.toFixed(1))).toEqual([
    ..."11".split("").map(() => "0.1"),
    ..."1111".split("").map(() => "0.3"),
  ]);
});

test("what was not sent is not waited for", () => {
  const { state } = run(sent("x", LEAKERS), answers(LEAKERS, "changed"), after(1, []));
  expect(outcome(state)).toMatchObject({ phase: "over", returned: [] });
  expect(outcome(state).done.size).toBe(0);
});

describe("who comes back", () => {
  test("a pool that reconnects at once: six ended, six came, after so many seconds, net 0", () => {
    const back = LEAKERS.map((leaker, i) => newcomer(leaker, 700 + i, 0.04 + i / 100));
    const { state } = run(sent("x", LEAKERS), answers(LEAKERS), after(0.1, back), after(6, back));
    const [source, ...others] = outcome(state).returned;
    expect(others).toEqual([]);
    expect(source).toMatchObject({ application: "leaky", client: "10.0.0.7", user: "app", ended: 6, came: 6 });
    expect(source!.firstSeconds).toBeCloseTo(0.04, 5);
    expect(outcome(state).phase).toBe("over");
  });

  test("a real leak: six ended, none came", () => {
    const other = newcomer(aBackend({ application: "web" }), 800, 1);
    const { state } = run(sent("x", LEAKERS), answers(LEAKERS), after(0.1, [other]), after(6, [other]));
    expect(outcome(state).returned).toMatchObject([{ ended: 6, came: 0, firstSeconds: null }]);
  });

  test("is told by role, database, application and client together", () => {
    const strangers = [
      newcomer({ ...LEAKERS[0]!, application: "web" }, 801, 0.1),
      newcomer({ ...LEAKERS[0]!, clientAddress: "10.0.0.8" }, 802, 0.1),
      newcomer({ ...LEAKERS[0]!, user: "etl" }, 803, 0.1),
      newcomer({ ...LEAKERS[0]!, database: "dwh" }, 804, 0.1),
      newcomer(LEAKERS[0]!, 805, -1),
    ];
    const { state } = run(sent("x", LEAKERS), answers(LEAKERS), after(0.2, strangers));
    expect(outcome(state).returned).toMatchObject([{ ended: 6, came: 0 }]);
  });

  test("who merely took the place of others that went by themselves has not come back", () => {
    const others = Array.from({ length: 5 }, (_, i) =>
      aBackend({ ...LEAKERS[0]!, pid: 651 + i, key: `${651 + i}@old` }),
    );
    const churn = others.map((other, i) => newcomer(other, 700 + i, 0.3));
    const { state } = run(sent("x", LEAKERS.slice(0, 1), others), answers(LEAKERS.slice(0, 1)), after(0.5, churn));
    expect(outcome(state).returned).toMatchObject([{ ended: 1, came: 0 }]);
    const more = run(state, after(1, [...churn, newcomer(LEAKERS[0]!, 720, 0.8)])).state;
    expect(outcome(more).returned).toMatchObject([{ ended: 1, came: 1 }]);
  });

  test("after how long the first one came is told of the first, also when that one has gone again", () => {
    const early = newcomer(LEAKERS[0]!, 700, 0.04);
    const late = newcomer(LEAKERS[0]!, 701, 3);
    const { state } = run(sent("x", LEAKERS), answers(LEAKERS), after(0.1, [early]), after(3.1, [late]));
    expect(outcome(state).returned[0]!.firstSeconds).toBeCloseTo(0.04, 5);
  });

  test("is asked of sessions that were terminated, not of cancelled queries nor of processes of the server", () => {
    const cancelled = run(sent("c", [BUSY]), answers([BUSY]), after(1, [newcomer(BUSY, 700, 0.5)])).state;
    expect(outcome(cancelled).returned).toEqual([]);
  });

  test("is still looked for five seconds after the last one has ended, and no longer", () => {
    const late = newcomer(LEAKERS[0]!, 700, 4.5);
    const watched = run(sent("x", LEAKERS), answers(LEAKERS), after(0.1, []), after(4.9, [late])).state;
    expect(outcome(watched)).toMatchObject({ phase: "watching", returned: [{ came: 1 }] });
    expect(outcome(run(watched, after(5.2, [late])).state).phase).toBe("over");
  });
});

describe("who stays", () => {
  test("is said to be still there after five seconds, and said again when it ends after all", () => {
    const early = run(sent("x", LEAKERS), answers(LEAKERS), after(1, LEAKERS.slice(0, 1)));
    expect(outcome(early.state).stillThere).toBe(0);
    const late = run(early.state, after(5, LEAKERS.slice(0, 1)));
    expect(outcome(late.state)).toMatchObject({ stillThere: 1, phase: "watching" });
    expect(late.effects).toMatchObject([{ kind: "record", outcome: { stillThere: 1 } }]);
    const ended = run(late.state, after(43, []), after(49, []));
    expect(outcome(ended.state)).toMatchObject({ stillThere: 0, phase: "over" });
    expect(Math.max(...outcome(ended.state).done.values())).toBe(43);
  });

  test("after ten minutes it is watched no more", () => {
    const { state } = run(sent("x", LEAKERS), answers(LEAKERS), after(600, LEAKERS));
    expect(outcome(state)).toMatchObject({ stillThere: 6, phase: "over" });
  });

  test("who is merely hidden now, because our role has lost its rights, has not ended", () => {
    const hidden = LEAKERS.map(({ pid }) => aHiddenBackend({ pid }));
    const { state } = run(sent("x", LEAKERS), answers(LEAKERS), after(1, hidden));
    expect(outcome(state).done.size).toBe(0);
  });
});

describe("a cancel is done", () => {
  test.each([
    ["when its query has ended", { ...BUSY, state: "idle" }],
    ["when its transaction is aborted", { ...BUSY, state: "idle in transaction (aborted)" }],
    ["when another query runs", { ...BUSY, queryStartSeconds: SERVER_NOW + SENT }],
  ])("%s", (_, row) => {
    const { state } = run(sent("c", [BUSY]), answers([BUSY]), after(0.2, [row]));
    expect(outcome(state).phase).toBe("over");
    expect(outcome(state).done.get(BUSY.key)).toBeCloseTo(0.2, 5);
  });

  test("and not while the same query still runs", () => {
    const { state } = run(sent("c", [BUSY]), answers([BUSY]), after(6, [BUSY]));
    expect(outcome(state)).toMatchObject({ stillThere: 1, phase: "watching" });
  });
});

test("of a group only those count to whom the signal went", () => {
  const [one, two, three] = LEAKERS as [Backend, Backend, Backend];
  const list = [one, two, three].map(({ key }, i): Answer => ({
    key,
    verdict: i === 0 ? "sent" : "changed",
    state: null,
  }));
  const mixed: Message = {
    ...{ kind: "answered", id: 1, at: NOW + SENT * 1000 },
    answers: { serverSeconds: SERVER_NOW + SENT, answers: list },
  };
  const { state } = run(sent("x", [one, two, three]), mixed, after(0.1, []), after(6, []));
  expect([...outcome(state).done.keys()]).toEqual([one.key]);
  expect(outcome(state)).toMatchObject({ phase: "over", returned: [{ ended: 1 }] });
});

test("what is still being sent is not judged by a sample", () => {
  const { state } = run(sent("x", LEAKERS), seen(aSample({ secondsLater: 3 })));
  expect(outcome(state)).toMatchObject({ phase: "sending", answers: null });
  expect(outcome(state).done.size).toBe(0);
});

test("what a cancel does where track_activities is off nobody sees, and nobody claims that it failed", () => {
  const dark = aBackend({ pid: 518, state: "disabled", queryAge: null, stateAge: null });
  const { state } = run(sent("c", [dark]), answers([dark]), after(6, [dark]));
  expect(outcome(state)).toMatchObject({ stillThere: 0, phase: "over" });
});

describe("gone with something else than our signal", () => {
  const checkpointer = (pid: number): Backend => anAuxiliary("checkpointer", pid);

  test("a crash, which leaves the postmaster's start as it was", () => {
    const { state } = run(
      sent("x", LEAKERS, [checkpointer(7)]),
      answers(LEAKERS),
      after(1, [...LEAKERS, checkpointer(7)]),
      after(2, [checkpointer(8)]),
    );
    expect(outcome(state)).toMatchObject({ restarted: true, phase: "over" });
    // What was learnt is not forgotten.
    const later = run(state, after(3, [checkpointer(8)])).state;
    expect(outcome(later).restarted).toBe(true);
  });

  test("another server that answers now", () => {
    const { state } = run(sent("x", LEAKERS), answers(LEAKERS), after(2, [], aServer({ host: "replica-2" })));
    expect(outcome(state)).toMatchObject({ restarted: true, server: { host: "prod-db-1" } });
  });
});

test("a restart of the server is not taken for an outcome of ours", () => {
  const server = aServer({ startedSeconds: SERVER_NOW + SENT + 1 });
  const { state } = run(
    sent("x", LEAKERS),
    answers(LEAKERS),
    seen(aGap("the server has gone", SENT + 1)),
    after(3, [newcomer(LEAKERS[0]!, 700, 2)], server),
  );
  expect(outcome(state)).toMatchObject({ restarted: true, phase: "over", returned: [] });
});

describe("an order without an answer", () => {
  const lost = (unknown: boolean): Message => ({
    kind: "unanswered",
    id: 1,
    unknown,
    reason: "the connection broke",
    at: NOW + SENT * 1000,
  });

  test("that was not sent is over", () => {
    const { state } = run(sent("x", LEAKERS), lost(false), after(1, []));
    expect(outcome(state)).toMatchObject({ phase: "over", failure: { unknown: false }, answers: null });
    expect(outcome(state).done.size).toBe(0);
  });

  test("of which nobody knows is watched: what is gone is gone", () => {
    const { state } = run(sent("x", LEAKERS), lost(true), after(2, LEAKERS.slice(0, 4)));
    expect(outcome(state)).toMatchObject({ phase: "watching", failure: { unknown: true } });
    expect(outcome(state).done.size).toBe(2);
  });

  test("and who came back since the order was given is known, although nobody can say whether it was us", () => {
    const back = [newcomer(LEAKERS[0]!, 700, -0.2)];
    const gaveUp: Message = { ...lost(true), at: NOW + 9000 };
    const { state } = run(sent("x", LEAKERS), gaveUp, seen(aSample({ backends: back, secondsLater: 9.5 })));
    expect(outcome(state).returned).toMatchObject([{ ended: 6, came: 1 }]);
  });
});

test("the log gets the order, the answer, and the end, and no line for each step between", () => {
  const { effects } = run(
    sent("x", LEAKERS),
    answers(LEAKERS),
    after(0.1, LEAKERS.slice(3)),
    after(0.2, []),
    after(0.3, []),
    after(5.3, []),
  );
  expect(effects.map((effect) => (effect.kind === "record" ? effect.outcome.phase : effect.kind))).toEqual([
    "watching",
    "over",
  ]);
});
