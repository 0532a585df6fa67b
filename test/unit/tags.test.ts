import { describe, expect, test } from "vitest";
import type { State } from "../../src/state/state.ts";
import { aBackend, aHiddenBackend, aServersWorker, aState, listed, press, run, type } from "./builders.ts";

const OURS = aBackend({ pid: 99, application: "pgtriage" });
const SOME = [
  aBackend({ pid: 1, user: "app" }),
  aBackend({ pid: 2, user: "etl" }),
  aBackend({ pid: 3, user: "etl", backendType: "parallel worker", leaderPid: 2 }),
  aServersWorker({ pid: 4 }),
  aHiddenBackend({ pid: 5, user: "dba" }),
  OURS,
];
const tagged = ({ view }: State) => [...view.tagged].map((key) => Number(key.split("@")[0])).sort((a, b) => a - b);
const { state: start } = run(aState(), listed(...SOME));

describe("a", () => {
  test("tags all that are listed, but not our own session and no parallel worker, and says how many", () => {
    const { state } = run(start, press("a"));
    expect(tagged(state)).toEqual([1, 2, 4, 5]);
    expect(state.notice?.text).toBe("4 sessions tagged");
  });

  test("pressed again takes the tags back", () => {
    const { state } = run(start, press("a", "a"));
    expect(tagged(state)).toEqual([]);
    expect(state.notice?.text).toBe("4 sessions untagged");
  });

  test("tags what the filter leaves, beside what was tagged before, and untags no more than that", () => {
    const filtered = run(start, press("/"), type("user:app"), press("enter", "a", "/", "C-u"), type("user:etl"));
    const { state } = run(filtered.state, press("enter", "a"));
    expect(tagged(state)).toEqual([1, 2]);
    expect(state.notice?.text).toBe("1 session tagged, 1 more is tagged and not listed");
    const { state: back } = run(state, press("a"));
    expect(tagged(back)).toEqual([1]);
    expect(back.notice?.text).toBe("1 session untagged, 1 more is tagged and not listed");
  });

  test("completes what was tagged one by one, before it takes anything back", () => {
    const { state } = run(start, press("g", "space", "a"));
    expect(tagged(state)).toEqual([1, 2, 4, 5]);
  });

  test("does not tag who has ended and is shown once more", () => {
    const { state } = run(start, listed(SOME[1]!, OURS), press("a"));
    expect(tagged(state)).toEqual([2]);
  });

  test("says so when there is nobody to tag", () => {
    const { state } = run(aState(), listed(OURS), press("a"));
    expect(tagged(state)).toEqual([]);
    expect(state.notice?.text).toBe("no session is listed that could be tagged");
  });
});

test("u untags all, listed or not", () => {
  const { state } = run(start, press("a", "/"), type("user:app"), press("enter", "u"));
  expect(tagged(state)).toEqual([]);
});

test("tags outlive a change of the filter, not the session", () => {
  const { state } = run(start, press("a", "/"), type("user:app"), press("enter", "\\"), listed(SOME[0]!, SOME[3]!));
  expect(tagged(state)).toEqual([1, 4]);
});
