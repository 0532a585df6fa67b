import { describe, expect, test } from "vitest";
import type { Order } from "../../src/model/action.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Effect, Message } from "../../src/state/message.ts";
import { parseFilter } from "../../src/state/filter.ts";
import type { State } from "../../src/state/state.ts";
import {
  aBackend,
  aGap,
  aHiddenBackend,
  anAuxiliary,
  aSample,
  aServer,
  aState,
  backends,
  listed,
  NOW,
  painted,
  pasted,
  press,
  resized,
  run,
  seen,
  SERVER_NOW,
  typedByHand,
} from "./builders.ts";

const CULPRIT = aBackend({ pid: 412, state: "idle in transaction", xactAge: 843, stateAge: 843 });
const BUSY = aBackend({ pid: 518, state: "active", xactAge: 20, queryAge: 20, stateAge: 20 });

/** The question is on the screen. */
function asked(key: "c" | "x", ...sessions: readonly Backend[]): State {
  return run(aState(), listed(...sessions), press(key), painted()).state;
}

function orders(effects: readonly Effect[]): Order[] {
  return effects.flatMap((effect) => (effect.kind === "signal" ? [effect.order] : []));
}

function later(seconds: number, ...sessions: readonly Backend[]): Message {
  return seen(aSample({ backends: sessions, secondsLater: seconds }));
}

describe("the phrase", () => {
  test("typed whole and ended by Enter makes the order, with what was shown and a deadline", () => {
    const { state, effects } = run(asked("x", CULPRIT), typedByHand("terminate 412\n"));
    const [order, ...more] = orders(effects);
    expect(more).toEqual([]);
    expect(order).toMatchObject({ id: 1, action: "terminate", typed: "terminate 412", targets: [CULPRIT] });
    const seconds = (order!.at - NOW) / 1000;
    expect(order!.notAfterSeconds).toBeCloseTo(SERVER_NOW + seconds + 5, 6);
    expect(state.dialog).toBeNull();
    expect(effects.map(({ kind }) => kind)).toEqual(["record", "signal", "hurry"]);
  });

  test("of a cancel names the cancel", () => {
    expect(orders(run(asked("c", BUSY), typedByHand("terminate 518\n")).effects)).toEqual([]);
    expect(orders(run(asked("c", BUSY), typedByHand("cancel 518\n")).effects)).toMatchObject([{ action: "cancel" }]);
  });

  test.each([
    ["\n", "nothing was typed: Enter alone does nothing"],
    ["y\n", "nothing is sent: that is not the phrase"],
    ["yes\n", "nothing is sent: that is not the phrase"],
    ["412\n", "nothing is sent: the pid alone is not the phrase"],
    ["terminate\n", "nothing is sent: that is not the phrase"],
    ["Terminate 412\n", "nothing is sent: upper and lower case count"],
    ["TERMINATE 412\n", "nothing is sent: upper and lower case count"],
    ["terminate  412\n", "nothing is sent: that is not the phrase"],
    [" terminate 412\n", "nothing is sent: there is a blank too much"],
    ["terminate 412 \n", "nothing is sent: there is a blank too much"],
    ["terminate 41\n", "nothing is sent: that is not the phrase"],
    ["terminate 4122\n", "nothing is sent: that is not the phrase"],
    ["cancel 412\n", "nothing is sent: that is not the phrase"],
    ["terminate all 1\n", "nothing is sent: that is not the phrase"],
  ])("and nothing else: %j", (text, said) => {
    const { state, effects } = run(asked("x", CULPRIT), typedByHand(text));
    expect(orders(effects)).toEqual([]);
    expect(state.dialog?.said).toBe(said);
  });

  test("can be corrected while it is typed", () => {
    const keys = [..."terminat412"].concat(
      ["backspace", "backspace", "backspace"],
      [..."e"],
      ["space"],
      [..."412"],
      ["enter"],
    );
    const messages = keys.map((key, i): Message => ({ kind: "key", key, at: NOW + 1000 + 120 * i }));
    expect(orders(run(asked("x", CULPRIT), messages).effects)).toHaveLength(1);
  });

  test("is taken back by Esc, and that nothing was sent is said", () => {
    const { state, effects } = run(asked("x", CULPRIT), typedByHand("terminate 412"), [
      { kind: "key", key: "escape", at: NOW + 9000 },
    ]);
    expect(orders(effects)).toEqual([]);
    expect(state.dialog).toBeNull();
    expect(state.notice?.text).toBe("412 not terminated, nothing was sent");
  });

  test("is taken back by Esc and a letter that a slow line has joined, and the letter is dropped", () => {
    const { state } = run(asked("x", CULPRIT), [{ kind: "key", key: "M-x", at: NOW + 500 }]);
    expect(state.dialog).toBeNull();
    expect(state.notice?.text).toBe("412 not terminated, nothing was sent");
  });

  test("is not a paste", () => {
    const { state, effects } = run(asked("x", CULPRIT), pasted("terminate 412\n"), typedByHand("\n"));
    expect(orders(effects)).toEqual([]);
    expect(state.dialog?.typed).toBe("");
    expect(run(asked("x", CULPRIT), pasted("terminate 412")).state.dialog?.said).toBe(
      "that was a paste: the phrase is typed by hand",
    );
  });

  test("an Enter that comes along with a redraw was not pressed by itself", () => {
    const typed = typedByHand("terminate 412");
    const at = typed.at(-1)!.at + 500;
    const together = ["C-l", "enter"].map((key): Message => ({ kind: "key", key, at }));
    const { state, effects } = run(asked("x", CULPRIT), typed, together);
    expect(effects.filter(({ kind }) => kind === "signal")).toEqual([]);
    expect(state.dialog?.said).toMatch(/^Enter came along/);
  });

  test("is not a paste either where the terminal does not mark one: a burst is no hand", () => {
    const burst = typedByHand("terminate 412\n").map((message): Message => ({ ...message, at: NOW + 1000 }));
    const { state, effects } = run(asked("x", CULPRIT), burst);
    expect(orders(effects)).toEqual([]);
    expect(state.dialog).toMatchObject({ typed: "" });
    const again = run(state, later(4, CULPRIT), typedByHand("terminate 412\n", 5000));
    expect(orders(again.effects)).toHaveLength(1);
  });

  test("is not a paste in pieces either, as over a slow line: fifty keys a second are no hand", () => {
    const pieces = typedByHand("terminate 412").map((message, i): Message => ({ ...message, at: NOW + 1000 + 15 * i }));
    const { state, effects } = run(asked("x", CULPRIT), pieces, [{ kind: "key", key: "enter", at: NOW + 1230 }]);
    expect(orders(effects)).toEqual([]);
    expect(state.dialog).toMatchObject({ typed: "", said: "that was a paste: the phrase is typed by hand" });
  });

  test("needs an Enter of its own, not one that came along with the last letter", () => {
    const typed = run(asked("x", CULPRIT), typedByHand("terminate 41")).state;
    const at = NOW + 3500;
    const together = run(typed, [
      { kind: "key", key: "2", at },
      { kind: "key", key: "enter", at },
    ]);
    expect(orders(together.effects)).toEqual([]);
    expect(together.state.dialog).toMatchObject({ typed: "terminate 412" });
    expect(orders(run(together.state, [{ kind: "key", key: "enter", at: at + 500 }]).effects)).toHaveLength(1);
  });

  test("does not count while it cannot have been read: before the question is painted, and 150 ms after", () => {
    const unpainted = run(aState(), listed(CULPRIT), press("x")).state;
    const blind = run(unpainted, typedByHand("terminate 412\n"));
    expect(orders(blind.effects)).toEqual([]);
    expect(blind.state.dialog?.typed).toBe("");
    const early = run(unpainted, painted(0), [
      { kind: "key", key: "t", at: NOW + 149 },
      { kind: "key", key: "e", at: NOW + 150 },
    ]);
    expect(early.state.dialog?.typed).toBe("e");
  });

  test("held keys repeat into nothing: neither x nor Enter acts", () => {
    const held = (key: string, from: number): Message[] =>
      Array.from({ length: 100 }, (_, i) => ({ kind: "key", key, at: NOW + from + i * 33 }));
    const { state, effects } = run(asked("x", CULPRIT), held("x", 0), held("enter", 4000));
    expect(orders(effects)).toEqual([]);
    expect(state.dialog).not.toBeNull();
  });

  test("is sent once: the Enter that is held down for a moment opens nothing and sends nothing", () => {
    const done = run(asked("x", CULPRIT), typedByHand("terminate 412\n"));
    const at = done.state.now;
    const more = run(done.state, [
      { kind: "key", key: "enter", at: at + 33 },
      { kind: "key", key: "enter", at: at + 66 },
    ]);
    expect(more.effects).toEqual([]);
    expect(more.state.view.page).toBe("sessions");
  });
});

describe("what changes behind the question makes its phrase void", () => {
  const type = (state: State, text = "terminate 412\n") => run(state, typedByHand(text, 30_000));

  test.each([
    ["it ends", [], "412 has ended"],
    ["its pid is reused", [{ ...CULPRIT, key: "412@later", backendStart: "later" } as const], "412 has ended"],
    [
      "it goes on to another state",
      [{ ...CULPRIT, state: "active" }],
      "412 is active now, and was idle in transaction",
    ],
    [
      "it begins another transaction",
      [{ ...CULPRIT, xactStartSeconds: SERVER_NOW - 1, stateChangeSeconds: SERVER_NOW }],
      "412 is in another transaction now",
    ],
    [
      "it works on in its transaction and rests again",
      [{ ...CULPRIT, queryStartSeconds: SERVER_NOW, stateChangeSeconds: SERVER_NOW }],
      "412 has run another query since",
    ],
    ["our role loses its sight", [aHiddenBackend({ pid: 412 })], "412 is hidden from our role now"],
  ])("%s", (_, sessions, voided) => {
    const changed = run(asked("x", CULPRIT), later(2, ...sessions)).state;
    expect(changed.dialog?.voided).toBe(voided);
    const typed = type(changed);
    expect(orders(typed.effects)).toEqual([]);
    expect(typed.state.dialog?.said).toBe(`nothing is sent: ${voided}`);
  });

  test("a new query, for a cancel", () => {
    const another = { ...BUSY, queryStartSeconds: SERVER_NOW + 1, xactStartSeconds: SERVER_NOW + 1 };
    const changed = run(asked("c", BUSY), later(2, another)).state;
    expect(changed.dialog?.voided).toBe("518 runs another query now");
    expect(orders(type(changed, "cancel 518\n").effects)).toEqual([]);
  });

  test("for a terminate a new transaction, where there was a block of one, and not each query of a loop", () => {
    const loop = run(
      asked("x", BUSY),
      later(2, { ...BUSY, queryStartSeconds: SERVER_NOW, xactStartSeconds: SERVER_NOW }),
    );
    expect(loop.state.dialog?.voided).toBeNull();
    const block = { ...BUSY, xactStartSeconds: SERVER_NOW - 60 };
    const imports = run(asked("x", block), later(2, { ...block, queryStartSeconds: SERVER_NOW }));
    expect(imports.state.dialog?.voided).toBeNull();
    const committed = run(asked("x", block), later(2, { ...block, xactStartSeconds: SERVER_NOW }));
    expect(committed.state.dialog?.voided).toBe("518 is in another transaction now");
  });

  test("for good: that it goes back to what it was does not bring the phrase back", () => {
    const changed = run(asked("x", CULPRIT), later(2, { ...CULPRIT, state: "active" })).state;
    const typed = run(changed, later(4, CULPRIT), typedByHand("terminate 412\n", 4000));
    expect(orders(typed.effects)).toEqual([]);
    expect(typed.state.dialog?.said).toBe("nothing is sent: 412 is active now, and was idle in transaction");
  });

  test("rights that are lost", () => {
    const server = aServer({ signal: false });
    const changed = run(asked("x", CULPRIT), seen(aSample({ backends: [CULPRIT], server, secondsLater: 2 }))).state;
    expect(changed.dialog?.voided).toMatch(/GRANT pg_signal_backend TO monitor/);
    expect(orders(type(changed).effects)).toEqual([]);
  });

  test("a connection that is lost: nothing is sent, and the phrase counts again when it is back", () => {
    const lost = run(asked("x", CULPRIT), seen(aGap("the connection broke", 2))).state;
    const typed = type(lost);
    expect(orders(typed.effects)).toEqual([]);
    expect(typed.state.dialog?.said).toBe("nothing is sent: the connection broke");
    const back = run(typed.state, later(40, CULPRIT));
    const again = run(back.state, [{ kind: "key", key: "enter", at: NOW + 41_000 }]);
    expect(orders(again.effects)).toHaveLength(1);
  });

  test("an Enter that was refused counts: another one in the same instant was not pressed by itself", () => {
    const lost = run(asked("x", CULPRIT), seen(aGap("the connection broke", 2))).state;
    const refused = type(lost).state;
    const at = refused.now;
    const back = run(refused, { ...later(40, CULPRIT), at }).state;
    const enter = (after: number) => run(back, [{ kind: "key", key: "enter", at: at + after }]);
    expect(orders(enter(1).effects)).toEqual([]);
    expect(enter(1).state.dialog?.said).toMatch(/^Enter came along/);
    expect(orders(enter(400).effects)).toHaveLength(1);
  });

  test("a picture that has grown old", () => {
    const typed = run(asked("x", CULPRIT), typedByHand("terminate 412\n", 60_000));
    expect(orders(typed.effects)).toEqual([]);
  });

  test("a screen on which it cannot be read closes it", () => {
    const { state } = run(asked("x", CULPRIT), resized(39, 24));
    expect(state.dialog).toBeNull();
    expect(state.notice?.text).toMatch(/^the screen became too small: 412 not terminated/);
    // Whoever is in the middle of the phrase types no commands by it.
    const rest = run(state, typedByHand("a 412\nG", 100));
    expect(rest.state.view).toEqual(state.view);
    expect(run(rest.state, [{ kind: "key", key: "C-c", at: NOW + 200 }]).effects).toEqual([{ kind: "quit" }]);
    const later = run(rest.state, [{ kind: "key", key: "r", at: NOW + 2000 }]).state;
    expect(later.view.sort.descending).toBe(false);
  });

  test("suspending closes it", () => {
    const { state, effects } = run(asked("x", CULPRIT), press("C-z"));
    expect(state.dialog).toBeNull();
    expect(effects).toEqual([{ kind: "suspend" }]);
  });
});

describe("whom it is about", () => {
  test("the tagged ones, else the selected one; frozen when it opens", () => {
    const tagged = run(aState(), listed(...backends(3)), press("space", "space", "x")).state;
    expect(tagged.dialog?.targets.map(({ pid }) => pid)).toEqual([1000, 1001]);
    const more = run(tagged, later(2, ...backends(5)), painted(2000), typedByHand("terminate all 2\n", 3000));
    expect(orders(more.effects)[0]!.targets.map(({ pid }) => pid)).toEqual([1000, 1001]);
  });

  test("of several each is checked by itself: some may change without making the phrase void", () => {
    const [one, two, three] = backends(3) as [Backend, Backend, Backend];
    const start = run(aState(), listed(one, two, three), press("space", "space", "space", "x"), painted()).state;
    const changed = run(start, later(2, one, { ...two, state: "active" })).state;
    expect([...changed.dialog!.changes.values()].map(({ kind }) => kind)).toEqual(["went-on", "ended"]);
    expect(changed.dialog?.voided).toBeNull();
    expect(orders(run(changed, typedByHand("terminate all 3\n", 3000)).effects)).toHaveLength(1);
    const all = run(changed, later(4)).state;
    expect(all.dialog?.voided).toBe("none of the 3 is any more what was shown");
  });

  test("a group never holds one that is protected, ours, a parallel worker or hidden", () => {
    const sessions = [
      aBackend({ pid: 1, state: "active" }),
      aBackend({ pid: 2, state: "active" }),
      aBackend({ pid: 3, state: "active", backendType: "walsender", database: null }),
      aBackend({ pid: 4, state: "active", backendType: "autovacuum worker", user: null }),
      aBackend({ pid: 5, state: "active", backendType: "parallel worker", leaderPid: 1 }),
      aBackend({ pid: 6, state: "active", user: "postgres" }),
      aBackend({ pid: 7, state: "active", user: "etl" }),
      aBackend({ pid: 8, state: "active", backendType: "background worker" }),
      aBackend({ pid: 99, state: "active" }),
      aHiddenBackend({ pid: 10 }),
      anAuxiliary("checkpointer", 11),
    ];
    const server = aServer({ superuser: true });
    const tagged = new Set(sessions.map(({ key }) => key));
    const start = aState({ tagged, options: { protect: [parseFilter("user:etl")] } });
    for (const key of ["c", "x"]) {
      const { dialog } = run(start, seen(aSample({ backends: sessions, server })), press(key)).state;
      expect(dialog?.targets.map(({ pid }) => pid)).toEqual([1, 2]);
      expect(dialog?.leftOut.map(({ backend }) => backend.pid)).toEqual([3, 4, 5, 6, 7, 8, 99, 10, 11]);
    }
  });

  test("those that were tagged under another filter are counted", () => {
    const tagged = run(aState(), listed(...backends(2), BUSY), press("g", "space", "space")).state;
    const filtered = run(tagged, press("/", ..."pid:518"), press("enter", "x")).state;
    expect(filtered.dialog).toMatchObject({ unlisted: 1 });
    expect(tagged.dialog).toBeNull();
  });

  test("a cancel of a group leaves out those without a query, and says so when none is left", () => {
    const idle = backends(3);
    const start = run(aState(), listed(...idle, BUSY), press("G", "space", "g", "space", "space", "space")).state;
    const { dialog } = run(start, press("c")).state;
    expect(dialog?.targets).toEqual([BUSY]);
    expect(dialog?.leftOut.map(({ why }) => why)).toEqual(["idle", "idle", "idle"]);
    const none = run(aState(), listed(...idle), press("space", "space", "space", "c")).state;
    expect(none.dialog).toBeNull();
    expect(none.notice?.text).toBe("none of the 3 tagged is for this (3 idle): x terminates");
  });

  test("the leader of the parallel worker that was pointed at", () => {
    const leader = aBackend({ pid: 5, state: "active" });
    const worker = aBackend({ pid: 6, state: "active", backendType: "parallel worker", leaderPid: 5 });
    const { dialog } = run(aState(), listed(leader, worker), press("G", "c")).state;
    expect(dialog).toMatchObject({ targets: [leader], pointedAt: worker, step: "act" });
  });

  test("a leader that may not be ended is not reached through its worker, and a protected one not without its step", () => {
    const leader = aBackend({ pid: 5, state: "active", user: "postgres" });
    const worker = aBackend({
      pid: 6,
      state: "active",
      backendType: "parallel worker",
      leaderPid: 5,
      user: "postgres",
    });
    const point = (superuser: boolean) =>
      run(aState(), seen(aSample({ backends: [leader, worker], server: aServer({ superuser }) })), press("G", "x"))
        .state;
    expect(point(false).dialog).toBeNull();
    expect(point(false).notice?.text).toMatch(/^postgres is a superuser/);
    expect(point(true).dialog).toMatchObject({ targets: [leader], step: "unlock", protection: { kind: "superuser" } });
  });

  test("a click does nothing while it is open", () => {
    const start = asked("x", CULPRIT, BUSY);
    const clicked = run({ ...start, view: { ...start.view, mouse: true } }, [
      { kind: "mouse", action: "click", column: 5, row: 9, at: NOW + 500 },
    ]).state;
    expect(clicked.view.cursor).toBe(start.view.cursor);
    expect(clicked.dialog).toEqual(start.dialog);
  });

  test("a protected one is unlocked first, and its second phrase is read before it is typed", () => {
    const walsender = aBackend({ pid: 7, state: "active", backendType: "walsender", database: null });
    const sample = seen(aSample({ backends: [walsender], server: aServer({ superuser: true }) }));
    const start = run(aState(), sample, press("x"), painted()).state;
    expect(start.dialog).toMatchObject({ step: "unlock", protection: { kind: "walsender" } });
    expect(orders(run(start, typedByHand("terminate 7\n")).effects)).toEqual([]);
    const unlocked = run(start, typedByHand("unlock 7\n")).state;
    expect(unlocked.dialog).toMatchObject({ step: "act", typed: "", paintedAt: null });
    expect(orders(run(unlocked, typedByHand("terminate 7\n", 3000)).effects)).toEqual([]);
    const read = run(unlocked, painted(2500)).state;
    expect(orders(run(read, typedByHand("terminate 7\n", 3000)).effects)).toHaveLength(1);
  });

  test("who becomes protected behind the question needs a question of its own", () => {
    const options = { protect: [parseFilter("app:loader")] };
    const start = run(aState({ options }), listed(CULPRIT), press("x"), painted()).state;
    const changed = run(start, later(2, { ...CULPRIT, application: "loader" })).state;
    expect(changed.dialog?.voided).toBe("412 is protected now");
    const [one, two] = backends(2) as [Backend, Backend];
    const group = run(aState({ options }), listed(one, two), press("space", "space", "x"), painted()).state;
    const guarded = run(group, later(2, one, { ...two, application: "loader" })).state;
    expect(guarded.dialog?.voided).toBe("1001 is protected now, and no group holds such a one");
  });
});

describe("when there is nothing to ask", () => {
  const noticeOf = (start: State, ...messages: Parameters<typeof run>[1][]) => {
    const { state } = run(start, ...messages);
    expect(state.dialog).toBeNull();
    return state.notice?.text;
  };

  test("before the first sample, while paused, while the connection is lost, on a screen too small", () => {
    expect(noticeOf(aState(), press("x"))).toBe("nothing has been read yet");
    expect(noticeOf(aState(), listed(CULPRIT), press("p", "x"))).toMatch(/^paused: nothing is sent/);
    expect(noticeOf(aState(), listed(CULPRIT), seen(aGap("it hangs", 1)), press("x"))).toBe("not now: it hangs");
    expect(noticeOf(aState({ width: 39 }), listed(CULPRIT), press("x"))).toMatch(/^this screen is too small/);
  });

  test("for a session that has ended already, which is still listed", () => {
    const start = run(aState(), listed(CULPRIT, BUSY), press("g")).state;
    expect(noticeOf(start, later(2, BUSY), press("x"))).toBe("412 has ended already");
  });

  test("with --read-only the keys do not exist", () => {
    const start = aState({ options: { readOnly: true } });
    for (const key of ["c", "x", "f9", "K"]) {
      const { state, effects } = run(start, listed(CULPRIT), press(key));
      expect({ dialog: state.dialog, notice: state.notice, effects }).toEqual({
        dialog: null,
        notice: null,
        effects: [],
      });
    }
  });
});
