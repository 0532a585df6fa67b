import { describe, expect, test } from "vitest";
import type { Holdings } from "../../src/model/action.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Message } from "../../src/state/message.ts";
import {
  aBackend,
  aGap,
  aSample,
  aState,
  aWaiter,
  listed,
  NOW,
  press,
  run,
  seen,
  SERVER_NOW,
  shown,
} from "./builders.ts";

const WAITER = aWaiter(41, [0]);
const [wide, medium] = [
  { width: 160, height: 50 },
  { width: 100, height: 40 },
];

function held(backend: Backend, ...gids: readonly string[]): Message {
  const prepared = gids.map((gid) => ({
    ...{ gid, owner: "billing", database: "shop", preparedSeconds: SERVER_NOW - 7860 },
  }));
  const holdings: Holdings = { key: backend.key, locks: 3, relations: [], moreRelations: 0, waitsFor: null, prepared };
  return { kind: "holdings", key: backend.key, holdings, at: NOW };
}

const asks = (...given: Parameters<typeof run>) =>
  run(...given).effects.filter((effect) => effect.kind === "fetch-holdings");
const at = (secondsLater: number, ...backends: readonly Backend[]) => seen(aSample({ backends, secondsLater }));

describe("which prepared transaction it is that the selected session waits for", () => {
  test("is asked for as soon as it is selected, whatever is shown of it", () => {
    expect(asks(aState(), listed(WAITER))).toEqual([{ kind: "fetch-holdings", backend: WAITER }]);
  });

  test("is asked for no more often than every ten seconds while it waits", () => {
    const { state } = run(aState(), at(0, WAITER));
    expect(asks(state, at(1, WAITER), press("j", "k", "enter"), at(9, WAITER))).toEqual([]);
    expect(asks(state, at(10, WAITER))).toHaveLength(1);
  });

  test("is asked for anew when it waits in another query", () => {
    const next = { ...WAITER, queryStartSeconds: WAITER.queryStartSeconds! + 5 };
    expect(asks(aState(), at(0, WAITER), at(1, next))).toHaveLength(2);
  });

  test.each<[string, ...Message[]]>([
    ["of one who waits for a session, or for nobody", listed(aWaiter(41, [7]), aBackend({ pid: 7 }))],
    ["while paused", listed(aBackend({ pid: 40 })), ...press("p"), listed(WAITER)],
    ["of one who has ended", listed(aWaiter(41, [])), listed()],
  ])("is not asked for %s", (_, ...messages) => {
    expect(asks(aState(), messages)).toEqual([]);
  });

  test("is not asked for without a connection", () => {
    expect(asks(run(aState(), at(0, WAITER)).state, seen(aGap("gone", 1)), press("j"), seen(aGap("gone", 30)))).toEqual(
      [],
    );
  });
});

describe("it is said with what ends it", () => {
  const words =
    "waits for prepared transaction 'order-4711' of billing, 2h11 old: in shop run ROLLBACK PREPARED 'order-4711' (y r copies)";
  const flat = (text: string) =>
    text
      .split("\n")
      .map((line) => line.replace(/^.*│ (?=\S)|^│?\s+|\s*│?\s*$/g, ""))
      .join(" ")
      .replace(/\s+/g, " ");

  test("on the page of the session", () => {
    const { state } = run(aState(), listed(WAITER), held(WAITER, "order-4711"), press("enter"));
    expect(flat(shown(state))).toContain(words);
  });

  test("under the list, on a screen that has room for it", () => {
    const { state } = run(aState(medium), listed(WAITER), held(WAITER, "order-4711"));
    expect(flat(shown(state))).toContain(words);
    const { state: large } = run(aState(wide), listed(WAITER), held(WAITER, "order-4711"));
    expect(shown(large)).toContain("waits for prepared transaction 'order-4711' of billing, 2h11");
    expect(shown(large)).toContain("ROLLBACK PREPARED");
    expect(shown(large)).toContain("(y r copies)");
  });

  test("each of several, and the first can be copied", () => {
    const { state } = run(aState(), listed(WAITER), held(WAITER, "one", "two"), press("enter"));
    expect(flat(shown(state))).toContain("ROLLBACK PREPARED 'one' (y r copies)");
    expect(flat(shown(state))).toMatch(/ROLLBACK PREPARED 'two'(?! \(y r)/);
  });

  test("as the statement that the server takes, whatever its name is", () => {
    const { state } = run(aState(), listed(WAITER), held(WAITER, "o'clock\u001b[2J\\"), press("enter"));
    expect(flat(shown(state))).toContain(String.raw`ROLLBACK PREPARED E'o''clock\x1b[2J\\'`);
  });

  test.each<[string, ...Message[]]>([
    ["before the answer"],
    ["when the server could not tell", { kind: "holdings", key: WAITER.key, holdings: null, at: NOW }],
    ["when the answer names none", held(WAITER)],
    ["when the answer is about another", held(aBackend({ pid: 7 }), "other")],
  ])("in general words %s", (_, ...messages) => {
    const { state } = run(aState(), listed(WAITER), messages, press("enter"));
    expect(flat(shown(state))).toContain(
      "waits for a prepared transaction: see pg_prepared_xacts, and ROLLBACK PREPARED ends it",
    );
  });

  test("not any more when it waits no longer", () => {
    const { state } = run(aState(), listed(WAITER), held(WAITER, "one"), press("enter"), listed(aWaiter(41, [])));
    expect(shown(state)).not.toContain("PREPARED");
  });
});

describe("y r", () => {
  const { state } = run(aState(), listed(WAITER), held(WAITER, "o'clock"));

  test("copies the statement, and the question shows it", () => {
    expect(shown(run(state, press("y")).state)).toMatch(/Copy: .* r ROLLBACK PREPARED 'o''clock' .*Esc/);
    const { effects, state: after } = run(state, press("y", "r"));
    expect(effects).toEqual([{ kind: "copy", text: "ROLLBACK PREPARED 'o''clock'" }]);
    expect(after.notice?.text).toBe("ROLLBACK PREPARED 'o''clock' copied, if the terminal permits it");
  });

  test("is not offered to who waits for none, or as long as nobody knows for which", () => {
    for (const backend of [WAITER, aWaiter(41, [7])]) {
      const { state } = run(aState(), listed(backend), press("y"));
      expect(shown(state)).toMatch(/Copy: y the query {2}p the pid 41 +Esc/);
      const { state: after, effects } = run(state, press("r"));
      expect(effects).toEqual([]);
      expect(after.notice?.text).toBe("41 waits for no prepared transaction that is known");
    }
  });

  test("is offered no longer than the session waits", () => {
    const { state: asked } = run(state, press("y"), listed(aWaiter(41, [])));
    expect(shown(asked)).toMatch(/Copy: y the query {2}p the pid 41 +Esc/);
    expect(run(asked, press("r")).effects).toEqual([]);
  });
});
