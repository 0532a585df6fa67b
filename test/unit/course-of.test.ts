import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { courseOf } from "../../src/history/course-of.ts";
import { append, emptyHistory, type History } from "../../src/history/history.ts";
import { stretch } from "../../src/history/stretch.ts";
import type { Reading } from "../../src/model/reading.ts";
import { aBackend, aGap, aSample, aServer, backends } from "./builders.ts";

const CAPS = { bytes: Infinity, seconds: 10 };
const step = fc.record({
  what: fc.constantFrom("sample", "sample", "sample", "gap", "nothing"),
  sessions: fc.nat(5),
  rights: fc.boolean(),
  checkpointer: fc.constantFrom(11, 11, 11, 12, null),
  wait: fc.constantFrom(1, 1, 1, 4, 30),
});

/** Histories that follow each other, as a server is watched: readings come, old ones are dropped, and now and then all begins anew. */
const watched = fc.array(step, { minLength: 1, maxLength: 60 }).map((steps) => {
  const servers = [true, false].map((seeAll) => ({ ...aServer(), rights: { ...aServer().rights, seeAll } }));
  const histories: History[] = [];
  let history = emptyHistory(CAPS);
  let second = 0;
  for (const { what, sessions, rights, checkpointer, wait } of steps) {
    second += wait;
    if (what === "nothing") history = emptyHistory(CAPS);
    else history = append(history, readingOf(what));
    histories.push(history);

    function readingOf(kind: "sample" | "gap"): Reading {
      if (kind === "gap") return aGap("lost", second);
      const own = checkpointer === null ? [] : [aBackend({ pid: checkpointer, backendType: "checkpointer" })];
      return aSample({
        secondsLater: second,
        backends: [...backends(sessions), ...own],
        server: servers[rights || second % 7 > 0 ? 0 : 1]!,
      });
    }
  }
  return histories;
});

describe("what is remembered of the history before tells the same as looking anew", () => {
  test("of the course of a number", () => {
    fc.assert(
      fc.property(watched, (histories) => {
        const used = courseOf((_, tally) => tally.used);
        for (const { entries } of histories) {
          expect(used(entries)).toEqual(courseOf((_, tally) => tally.used)(entries));
          const samples = entries.filter(({ reading }) => reading.kind === "sample");
          expect(used(entries).values).toEqual(samples.map(({ tally }) => tally!.used));
        }
      }),
    );
  });

  test("of the readings that can be compared", () => {
    fc.assert(
      fc.property(watched, (histories) => {
        const remembered = histories.map((history) => stretch(history));
        histories.forEach((history, i) => {
          stretch(emptyHistory(CAPS));
          stretch(append(emptyHistory(CAPS), aSample()));
          expect(remembered[i]).toEqual(stretch({ ...history }));
        });
      }),
    );
  });
});
