import { describe, expect, test } from "vitest";
import { vacuumBelow, vacuumEmpty, vacuumHead, vacuumLine } from "../../src/panels/vacuum.ts";
import type { Line } from "../../src/panels/line.ts";
import { spansWidth } from "../../src/panels/spread.ts";
import { pinRows, type PinRow } from "../../src/state/pin-rows.ts";
import type { Sample } from "../../src/model/reading.ts";
import { aBackend, aHiddenBackend, aSample, aServer } from "./builders.ts";
import { aPinnedSample, aPrepared, aSlot, DEAD } from "./pinned.ts";

function text(lines: readonly Line[]): string {
  return `${lines
    .map((one) =>
      one.spans
        .map((span) => span.text)
        .join("")
        .trimEnd(),
    )
    .join("\n")}\n`;
}

function head(sample: Sample, width = 120): string {
  return text(vacuumHead(sample, width).slice(0, 1)).trim();
}

/** What the pane says of that row, on one line. */
function about(sample: Sample, key: string): string {
  const row = pinRows(sample).find((one) => one.key.startsWith(key)) ?? null;
  expect(row, key).not.toBeNull();
  return text(vacuumBelow(row, [], sample, 110, 12)).replace(/\s+/g, " ");
}

/** The tab as it stands on the screen: head, rows, and below what is said of one of them. */
function tab(sample: Sample, width: number, selected: string): string {
  const rows = pinRows(sample);
  const row: PinRow | null = rows.find(({ key }) => key.startsWith(selected)) ?? null;
  const below = vacuumBelow(row, DEAD, sample, width, 12);
  return text([
    ...vacuumHead(sample, width),
    ...rows.map((one) => vacuumLine(one, sample, width)),
    { spans: [{ tone: "frame", text: "─".repeat(width) }] },
    ...below,
  ]);
}

describe("the tab", () => {
  test.each([80, 120, 200])("%i cells wide", async (width) => {
    await expect(tab(aPinnedSample(), width, "30412")).toMatchFileSnapshot(`frames/vacuum/${width}.txt`);
  });

  test.each([
    "30777",
    "30801",
    "slot standby_2",
    "catalogs cdc",
    "2231",
    "prepared",
    "29877",
    "4101",
    "pins nothing",
    "30120",
    "30611",
  ])("about %s", async (key) => {
    await expect(tab(aPinnedSample(), 100, key).split("─".repeat(100))[1]!.trimStart()).toMatchFileSnapshot(
      `frames/vacuum/about-${key.replace(/ /g, "-")}.txt`,
    );
  });

  test.each([40, 59, 60, 72, 99, 300])(
    "no line is wider than %i cells, and the pane has the lines it was given",
    (width) => {
      const sample = aPinnedSample();
      for (const row of pinRows(sample)) {
        const lines = [
          ...vacuumHead(sample, width),
          vacuumLine(row, sample, width),
          ...vacuumBelow(row, DEAD, sample, width, 9),
        ];
        expect(lines).toHaveLength(12);
        for (const one of lines) expect(spansWidth(one.spans)).toBeLessThanOrEqual(width);
      }
    },
  );
});

describe("the head", () => {
  test("nothing", () => {
    expect(head(aSample())).toBe("Nothing holds VACUUM back");
    expect(head(aSample({ backends: [aHiddenBackend()] }))).toBe("Nothing holds VACUUM back, 1 session hidden");
  });

  test("in another database alone; older there than here; in the catalogs alone", () => {
    const there = aBackend({ pid: 1, database: "dwh", application: "etl", backendXid: 9_000_000 });
    const here = aBackend({ pid: 2, backendXid: 49_000_000 });
    expect(head(aSample({ backends: [there] }))).toBe(
      "Nothing holds VACUUM back in tables of shop; dwh 41.0M xids behind, held by 1 (etl)",
    );
    expect(head(aSample({ backends: [there, here] }))).toBe(
      "Horizon of shop 1.0M xids behind, held by 2 (web); dwh 41.0M xids behind, held by 1 (etl), 2 pins",
    );
    const slots = [aSlot({ xmin: null, catalogXmin: 9_000_000, name: "cdc", kind: "logical" })];
    expect(head(aSample({ holdouts: { prepared: [], slots } }))).toBe(
      "Nothing holds VACUUM back in tables of shop; catalogs 41.0M xids behind, held by slot cdc",
    );
  });

  test("a prepared transaction by its gid", () => {
    expect(head(aSample({ holdouts: { prepared: [aPrepared({ gid: "it's" })], slots: [] } }))).toBe(
      "Horizon 3.0M xids behind, held by prepared transaction 'it''s'",
    );
  });

  test("a standby does no VACUUM of its own", () => {
    const server = aServer({ role: "standby" });
    expect(head(aSample({ server, backends: [aBackend({ backendXmin: 49_000_000 })] }), 160)).toBe(
      "1 pin, 1.0M xids behind: it holds VACUUM back on the primary where hot_standby_feedback is on",
    );
    expect(head(aSample({ server: aServer({ role: "standby" }) }))).toBe(
      "Nothing here holds VACUUM back on the primary",
    );
  });

  test("without SQL it is not known, which is not nothing", () => {
    const host = aSample({
      holdouts: null,
      nextXid: null,
      server: aServer({ lane: "host", database: null, tuning: null }),
    });
    expect(head(host)).toBe("What holds VACUUM back is not known: processes do not tell");
    expect(vacuumEmpty(host)).toBe(
      "Processes do not tell what holds VACUUM back: without a connection it is not known.",
    );
  });

  test.each([
    [{ xids: 190_000_000, multixacts: 0 }, "shop 190M/200M"],
    [{ xids: 10, multixacts: 390_000_000 }, "shop 390M/400M"],
    [{ xids: 1_200_000_000, multixacts: 0 }, "shop 1.2G/200M"],
  ])("how far the oldest database is: %o", (ages, said) => {
    const server = aServer({ databaseAges: [{ name: "shop", ...ages }] });
    expect(head(aSample({ server }), 42)).toBe(`Nothing holds VACUUM back ${said}`);
    expect(head(aSample({ server }), 26)).toBe("Nothing holds VACUUM back");
  });

  test("why the list is empty", () => {
    expect(vacuumEmpty(aSample())).toBe(
      "Nothing holds VACUUM back: no open xid, snapshot, replication slot or prepared transaction is seen.",
    );
    expect(vacuumEmpty(aSample({ backends: [aHiddenBackend()] }))).toContain(
      "; whether any of 1 hidden sessions is idle in transaction is not",
    );
  });
});

describe("what releases it", () => {
  test("of an idle session a cancel does nothing", () => {
    expect(about(aPinnedSample(), "30412")).toContain("c does nothing, no query is running");
  });

  test("the query of a single statement can be cancelled", () => {
    expect(about(aPinnedSample(), "30777")).toContain("released by the end of its query, or c, which cancels it");
  });

  test("a snapshot is as old as what was open when it was taken", () => {
    expect(about(aPinnedSample(), "30777")).toContain("so old because 30412 (web-7) was open when it was taken");
    expect(about(aPinnedSample(), "30801")).not.toContain("so old because");
  });

  test("a slot that nobody uses can be dropped, and what that means; before 17 nobody tells since when", () => {
    const sample = (given = {}): Sample =>
      aSample({ holdouts: { prepared: [], slots: [aSlot({ name: "it's", ...given })] } });
    expect(about(sample(), "slot")).toContain("SELECT pg_drop_replication_slot('it''s'): it must be rebuilt then");
    expect(about(sample({ inactiveSinceSeconds: null }), "slot")).toContain("since when, PostgreSQL tells from 17 on");
  });

  test("a name with control characters is shown as SQL that can be pasted", () => {
    const sample = aSample({
      holdouts: { prepared: [aPrepared({ gid: "a\u001b[2Jb", database: "Big Shop" })], slots: [] },
    });
    expect(about(sample, "prepared")).toContain(String.raw`ROLLBACK PREPARED E'a\x1b[2Jb' in database "Big Shop"`);
  });

  test("what is hidden is said to be", () => {
    const hidden = about(aSample({ backends: [aHiddenBackend({ pid: 7, backendXid: 1_000 })] }), "7@");
    expect(hidden).toContain("a transaction of unknown age");
    expect(hidden).toContain("nothing while it runs a plain VACUUM, which cannot be told from here");
  });
});

test("on a standby, what is held is held on the primary, and in all databases", () => {
  const sample = aSample({
    server: aServer({ role: "standby" }),
    backends: [aBackend({ pid: 7, state: "active", backendXmin: 49_000_000 })],
  });
  expect(about(sample, "7@")).toContain("keeps on the primary, if hot_standby_feedback is on here, every row");
  expect(text([vacuumLine(pinRows(sample)[0]!, sample, 80)])).toContain(" all dbs ");
});

describe("dead rows", () => {
  const lines = (dead: typeof DEAD | null, server = aServer()): string =>
    text(vacuumBelow(null, dead, aSample({ server }), 80, 4)).trim();

  test("while they are read, where there are none, and on a standby, which does not count them", () => {
    expect(lines(null)).toBe("Dead rows in shop: being read …");
    expect(lines([])).toBe("Dead rows in shop: none, as the statistics have it");
    expect(lines([], aServer({ role: "standby" }))).toBe("Dead rows in shop: not counted on a standby");
  });
});
