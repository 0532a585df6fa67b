import { describe, expect, test } from "vitest";
import { LIST_QUERY_BYTES, type Backend } from "../../src/model/backend.ts";
import type { Message } from "../../src/state/message.ts";
import { aBackend, aGap, aHiddenBackend, aState, listed, NOW, press, resized, run, seen, shown } from "./builders.ts";

const ONE = aBackend({ pid: 41, state: "active", query: "SELECT  1\n\tFROM t" });
const LONG = aBackend({ pid: 42, state: "active", queryAge: 5, query: "SELECT".padEnd(LIST_QUERY_BYTES, "x") });
const answer = (to: Backend, query: string | null, queryStartSeconds = to.queryStartSeconds): Message => ({
  ...{ kind: "query", detail: { key: to.key, queryStartSeconds, query }, at: NOW },
});
const copied = (...given: Parameters<typeof run>) =>
  run(...given).effects.flatMap((effect) => (effect.kind === "copy" ? [effect.text] : []));
const said = (...given: Parameters<typeof run>) => run(...given).state.notice?.text;
const { state: start } = run(aState(), listed(ONE));
const { state: long } = run(aState(), listed(LONG));

describe("y asks what to copy", () => {
  test("in the place of the status line, on the list and on the page of one session, down to the smallest screen", () => {
    const question = /Copy: y the query {2}p the pid 41 .*Esc/;
    expect(shown(run(start, press("y")).state)).toMatch(question);
    expect(shown(run(start, press("enter", "y")).state)).toMatch(question);
    expect(shown(run(start, resized(40, 10), press("y")).state)).toMatch(/Copy: y the query {2}p the pid 41/);
    expect(shown(run(start, resized(30, 6), press("enter", "y")).state)).toContain("Copy: y the query");
  });

  test("and copies nothing by itself", () => {
    expect(copied(start, press("y"))).toEqual([]);
  });

  test("nothing of nobody", () => {
    expect(said(aState(), press("y"))).toBe("no session is selected: nothing to copy");
    expect(copied(aState(), press("y", "y", "p"))).toEqual([]);
  });
});

describe("the next key chooses", () => {
  test("y y: the query as it was sent, not as it is shown", () => {
    expect(copied(start, press("y", "y"))).toEqual([ONE.query]);
    expect(said(start, press("y", "y"))).toBe("query of 41 copied, 17 characters, if the terminal permits it");
  });

  test("y p: the pid", () => {
    expect(copied(start, press("y", "p"))).toEqual(["41"]);
    expect(said(start, press("y", "p"))).toBe("pid 41 copied, if the terminal permits it");
  });

  test.each(["escape", "q", "x", "j", "enter", "space", "/"])("%s closes it and does nothing else", (key) => {
    const { state, effects } = run(start, press("y", key));
    expect(state).toEqual({ ...start, view: { ...start.view, chosen: true } });
    expect(effects).toEqual([]);
  });

  test("Esc and a key that a slow line has joined are Esc and that key", () => {
    const { state, effects } = run(start, press("y", "M-i"));
    expect(state.copying).toBeNull();
    expect(state.view.showIdle).toBe(false);
    expect(effects).toEqual([]);
  });

  test("Ctrl-C leaves all the same", () => {
    expect(run(start, press("y", "C-c")).effects).toEqual([{ kind: "quit" }]);
  });

  test("a click closes it, and chooses a row", () => {
    const click: Message = { kind: "mouse", action: "click", column: 3, row: 8, at: NOW };
    expect(run(aState({ mouse: true }), listed(ONE), press("y"), click).state.copying).toBeNull();
  });
});

test("what is copied is what was pointed at, wherever the cursor is by now", () => {
  const { state: asked } = run(start, press("y"), listed(aBackend({ pid: 7, query: "SELECT 7" })));
  expect(copied(asked, press("y"))).toEqual([ONE.query]);
  expect(copied(asked, press("p"))).toEqual(["41"]);
});

describe("a query of which the list has the beginning", () => {
  test("is asked for when the question is put", () => {
    expect(run(long, press("y")).effects).toEqual([{ kind: "fetch-query", backend: LONG }]);
  });

  test("is copied whole when it has come before the second y, or as soon as it comes", () => {
    expect(copied(long, press("y"), answer(LONG, "SELECT all"), press("y"))).toEqual(["SELECT all"]);
    expect(copied(long, press("y", "y"))).toEqual([]);
    expect(copied(long, press("y", "y"), answer(LONG, "SELECT all"))).toEqual(["SELECT all"]);
    expect(shown(run(long, press("y", "y")).state)).toContain("Copying the query of 42 when all of it has come");
  });

  test("is known already where the page shows it", () => {
    const { state: page } = run(long, press("enter"), answer(LONG, "SELECT all"));
    expect(run(page, press("y", "y")).effects).toEqual([{ kind: "copy", text: "SELECT all" }]);
  });

  test("of a session that has gone on meanwhile is copied as far as it is known, and that is said", () => {
    const words = "beginning of the query of 42 copied, 300 characters, if the terminal permits it";
    const later = answer(LONG, "SELECT something_else", LONG.queryStartSeconds! + 1);
    for (const message of [answer(LONG, null), later]) {
      expect(copied(long, press("y", "y"), message)).toEqual([LONG.query]);
      expect(said(long, press("y", "y"), message)).toBe(words);
    }
  });

  test("is not waited for where it cannot come: in the past, or without a connection", () => {
    for (const before of [press("p"), [seen(aGap("the server is gone", 1))]]) {
      const { state } = run(long, before);
      expect(run(state, press("y", "y")).effects).toEqual([{ kind: "copy", text: LONG.query }]);
    }
  });

  test("is not waited for any longer than until the next key", () => {
    const { state } = run(long, press("y", "y", "j"));
    expect(state.copying).toBeNull();
    expect(state.notice?.text).toBe("query of 42 not copied: it has not come yet");
    expect(copied(state, answer(LONG, "SELECT all"))).toEqual([]);
  });

  test("an answer about another session is none", () => {
    expect(copied(long, press("y", "y"), answer(ONE, "SELECT 41"))).toEqual([]);
  });
});

describe("what cannot be copied is said", () => {
  test("a query that is hidden from our role", () => {
    const { state } = run(aState(), listed(aHiddenBackend({ pid: 5 })));
    expect(copied(state, press("y", "y"))).toEqual([]);
    expect(said(state, press("y", "y"))).toBe("the query of 5 is hidden from our role: GRANT pg_monitor TO monitor");
    expect(copied(state, press("y", "p"))).toEqual(["5"]);
  });

  test("no query at all", () => {
    const { state } = run(aState(), listed(aBackend({ pid: 5, query: "" })));
    expect(run(state, press("y", "y"))).toMatchObject({ state: { notice: { text: "5 has no query to copy" } } });
    expect(copied(state, press("y", "y"))).toEqual([]);
  });

  test("the part of it that a terminal does not take", () => {
    const huge = answer(LONG, "x".repeat(100_000));
    expect(copied(long, press("y", "y"), huge)).toEqual(["x".repeat(56_244)]);
    expect(said(long, press("y", "y"), huge)).toBe("query of 42 copied, 56244 characters: a terminal takes no more");
  });
});
