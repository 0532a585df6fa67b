import { describe, expect, test } from "vitest";
import { layout } from "../../src/state/layout.ts";
import type { Backend } from "../../src/model/backend.ts";
import {
  aBackend,
  anAuxiliary,
  aSample,
  aState,
  aWaiter,
  backends,
  listed,
  pidSelected,
  press,
  run,
  seen,
  type,
} from "./builders.ts";

const BY_PID = { sort: { column: "pid", descending: false } } as const;
const THREE = [aBackend({ pid: 1 }), aBackend({ pid: 2 }), aBackend({ pid: 3 })];
const old = (pid: number) => aBackend({ pid, state: "idle in transaction", xactAge: 900 });

const selectedAfter = (...messages: Parameters<typeof run> extends [unknown, ...infer M] ? M : never) =>
  pidSelected(run(aState(BY_PID), ...messages).state);

describe("before anybody has touched a key, the cursor is on the worst session", () => {
  test("and goes to a worse one as it appears", () => {
    expect(selectedAfter(listed(...THREE, old(9)))).toBe(9);
    expect(selectedAfter(listed(...THREE, old(9)), listed(...THREE, old(9), aWaiter(4, [2])))).toBe(2);
  });

  test("where each is nothing by itself, on one that a finding names: the longest idle of those who hold most slots", () => {
    const web = Array.from({ length: 30 }, (_, i) => aBackend({ pid: 2000 + i, application: `web-${i}`, xactAge: 1 }));
    const leaky = backends(64, { application: "leaky-worker", stateAge: 600 });
    const oldest = aBackend({ pid: 1500, application: "leaky-worker", stateAge: 900 });
    expect(selectedAfter(listed(...web, ...leaky.slice(1), oldest))).toBe(1500);
  });

  test("also when it stands far down the list", () => {
    const { state } = run(aState(BY_PID), listed(...backends(100), old(5000)));
    expect(pidSelected(state)).toBe(5000);
    expect(state.view.top).toBe(101 - layout(state.size).rows);
  });
});

describe("after a key the cursor is the user's", () => {
  test("and stays on its session when a worse one appears", () => {
    expect(selectedAfter(listed(...THREE), press("j"), listed(...THREE, old(9)))).toBe(2);
  });

  test("and stays on it wherever sorting takes it", () => {
    expect(selectedAfter(listed(...THREE), press("j", "r"))).toBe(2);
    expect(selectedAfter(listed(...THREE), press("j"), listed(...[...THREE].reverse(), aBackend({ pid: 0 })))).toBe(2);
  });

  test("a session that has ended is shown once more, then its neighbour is selected", () => {
    const [first, , third] = THREE as [Backend, Backend, Backend];
    expect(selectedAfter(listed(...THREE), press("j"), listed(first, third))).toBe(2);
    expect(selectedAfter(listed(...THREE), press("j"), listed(first, third), listed(first, third))).toBe(3);
  });

  test("at the end of the list the neighbour is the one above", () => {
    const [first, second] = THREE as [Backend, Backend, Backend];
    expect(selectedAfter(listed(...THREE), press("G"), listed(first, second), listed(first, second))).toBe(2);
  });

  test("a reused pid is not the session that was selected", () => {
    const again = aBackend({ pid: 2, backendStart: "again" });
    const rest = [THREE[0]!, again, THREE[2]!];
    const { state } = run(aState(BY_PID), listed(...THREE), press("j"), listed(...rest), listed(...rest));
    expect(state.view.cursor).not.toBe(THREE[1]!.key);
  });

  test("an empty list has no cursor, and the next one has", () => {
    expect(selectedAfter(listed(...THREE), press("j"), listed(), listed())).toBeNull();
    expect(selectedAfter(listed(...THREE), press("j"), listed(), listed(), listed(...THREE))).not.toBeNull();
  });
});

describe("moving", () => {
  const hundred = listed(...backends(100));
  const rows = layout({ width: 80, height: 24 }).rows;

  test.each<[string[], number]>([
    [["j"], 1001],
    [["down", "down", "k"], 1001],
    [["up"], 1000],
    [["G"], 1099],
    [["end", "j"], 1099],
    [["G", "g"], 1000],
    [["pagedown"], 1000 + rows - 1],
    [["pagedown", "pageup", "pageup"], 1000],
  ])("%j ends on %i", (keys, pid) => {
    expect(selectedAfter(hundred, press("g", ...keys))).toBe(pid);
  });

  test("the window follows no further than it must", () => {
    const { state: down } = run(aState(BY_PID), hundred, press("g", ...Array.from({ length: rows }, () => "j")));
    expect(down.view.top).toBe(1);
    expect(run(down, press("k")).state.view.top).toBe(1);
  });
});

describe("tags", () => {
  test("Space tags and moves down, again takes back; u takes all back", () => {
    const { state } = run(aState(BY_PID), listed(...THREE), press("g", "space", "space"));
    expect([...state.view.tagged]).toEqual(["1@started-1", "2@started-2"]);
    expect([...run(state, press("g", "space")).state.view.tagged]).toEqual(["2@started-2"]);
    expect(run(state, press("u")).state.view.tagged.size).toBe(0);
  });

  test("a session that has ended loses its tag, and one that is gone gets none", () => {
    const { state } = run(aState(BY_PID), listed(...THREE), press("g", "space", "g"), listed(...THREE.slice(1)));
    expect(state.view.tagged.size).toBe(0);
    expect(run(state, press("space")).state.view.tagged.size).toBe(0);
  });
});

describe("f follows the session", () => {
  test("whatever the filter says, until the cursor moves", () => {
    const { state } = run(aState(BY_PID), listed(...THREE), press("g", "f", "/"), type("pid:3"), press("enter"));
    expect(state.view.follow).toBe("1@started-1");
    expect(pidSelected(state)).toBe(1);
    expect(run(state, press("j")).state.view.follow).toBeNull();
  });
});

describe("s finds a text", () => {
  const named = listed(
    aBackend({ pid: 1 }),
    aBackend({ pid: 2, application: "Loader" }),
    aBackend({ pid: 3, query: "load" }),
  );

  test("while it is typed, and Enter goes to the next one, round and round", () => {
    expect(selectedAfter(named, press("g", "s"), type("load"))).toBe(2);
    expect(selectedAfter(named, press("g", "s"), type("load"), press("enter"))).toBe(3);
    expect(selectedAfter(named, press("g", "s"), type("load"), press("enter", "s", "enter"))).toBe(2);
  });

  test("as it is shown: words on both sides of a line break are side by side", () => {
    const lines = listed(aBackend({ pid: 1 }), aBackend({ pid: 2, query: "SELECT *\n  FROM orders\n WHERE id = 42" }));
    expect(selectedAfter(lines, press("g", "s"), type("orders where"))).toBe(2);
  });

  test("and says when it is not there", () => {
    expect(run(aState(), named, press("s"), type("xyz")).state.notice?.text).toBe("not found: xyz");
  });
});

test("the server's own processes never get the cursor", () => {
  const { state } = run(
    aState(),
    seen(aSample({ backends: [anAuxiliary("checkpointer", 7)] })),
    press("j", "space", "enter"),
  );
  expect(state.view.cursor).toBeNull();
});
