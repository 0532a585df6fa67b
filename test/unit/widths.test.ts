import { describe, expect, test } from "vitest";
import { placement } from "../../src/state/placement.ts";
import type { State } from "../../src/state/state.ts";
import {
  aBackend,
  anAuxiliary,
  aSample,
  aState,
  aWaiter,
  backends,
  press,
  resized,
  run,
  seen,
  type,
} from "./builders.ts";

const cellsOf = (state: State, id: string): number | undefined =>
  placement(state).list.find((one) => one.column.id === id)?.cells;
const shownAt = (width: number, height: number, columns?: State["view"]["columns"]): string[] => {
  const start = aState({ width, height, ...(columns === undefined ? {} : { columns }) });
  const { state } = run(
    start,
    seen(aSample({ backends: backends(3, { user: "u".repeat(30), application: "a".repeat(40) }) })),
  );
  return placement(state).list.map((one) => one.column.id);
};

/** One session with this name a second, the first one right away. */
const users = (...names: readonly string[]) =>
  names.map((user, i) => seen(aSample({ secondsLater: i, backends: [aBackend({ pid: i, user })] })));

describe("a column is as wide as its data", () => {
  test("short names leave their cells to the query", () => {
    const narrow = run(aState(), seen(aSample({ backends: [aBackend({ user: "app" })] }))).state;
    const wide = run(aState(), seen(aSample({ backends: [aBackend({ user: "postgres" })] }))).state;
    expect([cellsOf(narrow, "user"), cellsOf(wide, "user")]).toEqual([5, 8]);
    expect(cellsOf(narrow, "query")! - cellsOf(wide, "query")!).toBe(3);
  });

  test("the title and the arrow of the sorting always fit", () => {
    const { state } = run(
      aState({ width: 200, height: 60 }),
      seen(aSample({ backends: [aBackend({ user: "", database: "" })] })),
    );
    for (const { column, cells } of placement(state).list)
      if (column.id !== "query") expect(cells, column.id).toBeGreaterThan(column.title.length);
  });

  test("a wide character counts twice", () => {
    const { state } = run(aState(), seen(aSample({ backends: [aBackend({ user: "注文係" })] })));
    expect(cellsOf(state, "user")).toBe(6);
  });

  test("the server's own processes count for nothing", () => {
    const walwriter = { ...anAuxiliary("walwriter", 7), user: "a_very_long_name" };
    const { state } = run(aState(), seen(aSample({ backends: [aBackend(), walwriter] })));
    expect(cellsOf(state, "user")).toBe(5);
  });

  test("a pid of seven digits is whole", () => {
    const { state } = run(
      aState(),
      seen(aSample({ backends: [aBackend({ pid: 4_194_304 }), aWaiter(1, [4_194_304])] })),
    );
    expect([cellsOf(state, "pid"), cellsOf(state, "block")]).toEqual([9, 8]);
  });

  test.each([
    [80, 24, 12],
    [120, 40, 20],
    [200, 60, 60],
    [300, 100, 90],
  ])("and however long the names are, the query keeps a decent rest at %ix%i", (width, height, cells) => {
    const long = {
      user: "u".repeat(60),
      database: "d".repeat(60),
      application: "a".repeat(60),
      clientAddress: "f".repeat(39),
    };
    const { state } = run(aState({ width, height }), seen(aSample({ backends: backends(3, long) })));
    expect(cellsOf(state, "query")).toBeGreaterThanOrEqual(cells);
  });
});

describe("columns do not jump", () => {
  test("one grows at once", () => {
    expect(cellsOf(run(aState(), users("app", "etl_job")).state, "user")).toBe(7);
  });

  test("and gets narrower when nothing has needed its width for a minute", () => {
    const { state: soon } = run(aState(), users("etl_job", ...Array.from({ length: 60 }, () => "app")));
    expect(cellsOf(soon, "user")).toBe(7);
    const { state: later } = run(aState(), users("etl_job", ...Array.from({ length: 62 }, () => "app")));
    expect(cellsOf(later, "user")).toBe(5);
  });

  test("but not while a session that did not change still needs it", () => {
    const resting = aBackend({ pid: 1, user: "etl_job" });
    const samples = Array.from({ length: 200 }, (_, i) =>
      seen(aSample({ secondsLater: i, backends: [aBackend({ pid: 2, queryAge: i }), resting] })),
    );
    expect(cellsOf(run(aState(), samples).state, "user")).toBe(7);
  });

  test("a filter that is typed moves no column", () => {
    const { state } = run(
      aState(),
      seen(aSample({ backends: [aBackend({ pid: 1 }), aBackend({ pid: 2, user: "etl_job" })] })),
    );
    const { state: filtered } = run(state, press("/"), type("user:app"));
    expect(placement(filtered)).toEqual(placement(state));
  });

  test("paused, they stay as they are", () => {
    const { state } = run(aState(), users("app"), press("p"), users("app", "etl_job"));
    expect(cellsOf(state, "user")).toBe(5);
    expect(cellsOf(run(state, press("p")).state, "user")).toBe(7);
  });

  test("blk counts more digits although the blocker itself does not change", () => {
    const blocker = aBackend({ pid: 1 });
    const waiters = (n: number) => Array.from({ length: n }, (_, i) => aWaiter(10 + i, [1]));
    const { state } = run(
      aState({ width: 200, height: 60 }),
      seen(aSample({ backends: [blocker, ...waiters(9)] })),
      seen(aSample({ secondsLater: 1, backends: [blocker, ...waiters(1000)] })),
    );
    expect(cellsOf(state, "block")).toBe(8);
  });
});

describe("which columns there are", () => {
  test("automatic: by the width, the least wanted go first", () => {
    expect(shownAt(200, 60)).toContain("xmin");
    expect(shownAt(120, 40)).toEqual(expect.not.arrayContaining(["xmin", "query-age"]));
    expect(shownAt(80, 24)).toEqual(["pid", "user", "app", "state", "xact", "wait", "block", "query"]);
    expect(shownAt(60, 12)).toEqual(["pid", "state", "xact", "wait", "block", "query"]);
    expect(shownAt(40, 10)).toEqual(["pid", "state", "xact", "query"]);
  });

  test("chosen: those, in that order", () => {
    expect(shownAt(120, 40, ["query", "xact", "pid"])).toEqual(["query", "xact", "pid"]);
  });

  test("the pid is always among them, and none is there twice", () => {
    expect(shownAt(120, 40, ["user", "user", "query"])).toEqual(["pid", "user", "query"]);
  });

  test("what does not fit goes from the right, the query last", () => {
    expect(shownAt(60, 12, ["pid", "user", "query", "client", "app", "xmin", "db"])).toEqual([
      "pid",
      "user",
      "query",
      "client",
      "app",
      "xmin",
    ]);
    expect(shownAt(20, 8, ["pid", "user", "query", "client"])).toEqual(["pid", "query"]);
  });

  test.each([[["pid", "user", "db"] as const], [["pid", "query", "user"] as const], [["query", "pid"] as const]])(
    "%j: every cell of the line is somebody's, and none is beyond it",
    (columns) => {
      for (let width = 1; width <= 300; width += 7) {
        const { state } = run(aState({ width, height: 24, columns }), seen(aSample({ backends: backends(2) })));
        const { list } = placement(state);
        const right = list.at(-1)!.left + list.at(-1)!.cells;
        if (width >= 20) expect(right, String(width)).toBeLessThanOrEqual(width);
        list.slice(1).forEach((one, i) => expect(one.left).toBe(list[i]!.left + list[i]!.cells + 1));
      }
    },
  );

  test("a wider terminal brings back what did not fit", () => {
    const start = aState({ width: 50, height: 12, columns: ["pid", "user", "client", "app", "wait", "xmin", "query"] });
    const { state } = run(start, seen(aSample({ backends: backends(2) })));
    expect(placement(state).missing).toBeGreaterThan(0);
    expect(placement(run(state, resized(160, 40)).state).missing).toBe(0);
  });
});
