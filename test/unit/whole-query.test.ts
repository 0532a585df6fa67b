import { describe, expect, test } from "vitest";
import { LIST_QUERY_BYTES, type Backend } from "../../src/model/backend.ts";
import { aBackend, aState, listed, NOW, press, run, shown } from "./builders.ts";

const beginning = "SELECT a_long_beginning".padEnd(LIST_QUERY_BYTES, "x");
const cutOff = aBackend({ pid: 41, state: "active", queryAge: 5, query: beginning });
const fetches = (...given: Parameters<typeof run>) => run(...given).effects.filter((one) => one.kind === "fetch-query");
const answer = (to: Backend, query: string | null, queryStartSeconds = to.queryStartSeconds) =>
  ({ kind: "query", detail: { key: to.key, queryStartSeconds, query }, at: NOW }) as const;

describe("the whole query of the selected session is asked for", () => {
  test("on the detail page, once, however many samples show the same query", () => {
    expect(fetches(aState(), listed(cutOff), press("enter", "down"), listed(cutOff), listed(cutOff))).toEqual([
      { kind: "fetch-query", backend: cutOff },
    ]);
  });

  test("under the list where there is a pane of several lines", () => {
    expect(fetches(aState({ width: 120, height: 40 }), listed(cutOff))).toHaveLength(1);
  });

  test("again when the session runs another query", () => {
    const next = { ...cutOff, queryStartSeconds: cutOff.queryStartSeconds! + 1 };
    expect(fetches(aState(), listed(cutOff), press("enter"), listed(next))).toHaveLength(2);
  });

  test("not where only one line is shown", () => {
    expect(fetches(aState(), listed(cutOff))).toEqual([]);
  });

  test("not when the list has all of it", () => {
    const whole = aBackend({ query: "x".repeat(LIST_QUERY_BYTES - 1) });
    expect(fetches(aState(), listed(whole), press("enter"))).toEqual([]);
  });

  test("not twice although the session has gone on to a later query before the answer", () => {
    const { state } = run(aState(), listed(cutOff), press("enter"));
    const later = answer(cutOff, "SELECT something_else", cutOff.queryStartSeconds! + 1);
    expect(fetches(state, later, press("down", "up"))).toEqual([]);
  });
});

describe("the answer", () => {
  const { state: waiting } = run(aState(), listed(cutOff), press("enter"));

  test("takes the place of the beginning", () => {
    expect(shown(waiting)).toContain("SELECT a_long_beginning");
    expect(shown(run(waiting, answer(cutOff, "SELECT the_whole_text")).state)).toContain("SELECT the_whole_text");
  });

  test("about a session that is not selected any more is dropped", () => {
    expect(run(waiting, answer(aBackend({ pid: 7 }), "SELECT 7")).state.detail?.query).toBeNull();
  });

  test("that the session has ended leaves the beginning", () => {
    expect(shown(run(waiting, answer(cutOff, null)).state)).toContain("SELECT a_long_beginning");
  });

  test("is not shown for the next query of the same session", () => {
    const next = { ...cutOff, queryStartSeconds: cutOff.queryStartSeconds! + 1, query: "SELECT next_one" };
    const { state } = run(waiting, answer(cutOff, "SELECT the_whole_text"), listed(next));
    expect(shown(state)).toContain("SELECT next_one");
    expect(shown(state)).not.toContain("the_whole_text");
  });
});
