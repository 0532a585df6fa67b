import { describe, expect, test } from "vitest";
import { statementsOf } from "../../../src/advice/rule.ts";
import type { Setting } from "../../../src/model/tuning.ts";
import { aSample, aServer, aSetting, aTuning } from "../builders.ts";
import { said } from "./context.ts";

const ID = "durability-off";
const set = (name: string, value: string, given: Partial<Setting> = {}): Setting =>
  aSetting(name, value, { source: "configuration file", ...given });
const found = (settings: readonly Setting[], given: Parameters<typeof aServer>[0] = {}) =>
  said(ID, aSample({ server: aServer({ tuning: aTuning({ settings }), ...given }) }));

describe("what a crash or a damaged page would cost, and the way back", () => {
  test.each<[string, string, string, readonly string[]]>([
    ["fsync", "off", "fsync is off: a crash of the machine may destroy the whole database", ["on"]],
    [
      "full_page_writes",
      "off",
      "full_page_writes is off: a crash of the machine may leave torn pages that nothing repairs",
      ["on", "CHECKPOINT;"],
    ],
    [
      "zero_damaged_pages",
      "on",
      "zero_damaged_pages is on: a damaged page is taken for an empty one, and its rows are lost for good",
      ["off"],
    ],
    [
      "ignore_checksum_failure",
      "on",
      "ignore_checksum_failure is on: a page that fails its checksum is read as if it were whole",
      ["off"],
    ],
  ])("%s = %s", (name, value, title, [good, ...others]) => {
    const [finding, ...more] = found([set(name, value)]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ about: name, severity: "warning", title });
    expect(finding!.evidence[0]).toBe(`${name} = ${value} comes from: configuration file`);
    expect(finding!.next.flatMap(statementsOf)).toEqual([
      `ALTER SYSTEM SET ${name} = '${good}';`,
      "SELECT pg_reload_conf();",
      ...others,
    ]);
  });
});

test("each of several by itself, the worst first", () => {
  const settings = [set("zero_damaged_pages", "on"), set("full_page_writes", "off"), set("fsync", "off")];
  expect(found(settings).map(({ about }) => about)).toEqual(["fsync", "full_page_writes", "zero_damaged_pages"]);
});

test("switching fsync on is not enough: the kernel still holds what was written before", () => {
  expect(found([set("fsync", "off")])[0]!.next[1]!.text).toContain("only after that it is safe");
});

test("on the command line, it is changed there", () => {
  const [finding] = found([set("fsync", "off", { source: "command line" })]);
  expect(finding!.next.flatMap(statementsOf)).toEqual([]);
  expect(finding!.next[0]!.text).toContain("change it where the server is started from");
});

test("a standby writes no pages to WAL, and can be built anew", () => {
  const settings = [set("fsync", "off"), set("full_page_writes", "off")];
  expect(found(settings, { role: "standby" }).map(({ title }) => title)).toEqual([
    "fsync is off: a crash of the machine may destroy this standby",
  ]);
});

describe("silent:", () => {
  test.each<[string, () => readonly unknown[]]>([
    ["as it comes", () => found([set("fsync", "on"), set("full_page_writes", "on"), set("zero_damaged_pages", "off")])],
    ["commits that do not wait", () => found([set("synchronous_commit", "off"), set("data_checksums", "off")])],
    ["in our own session or role", () => found([set("zero_damaged_pages", "on", { source: "user" })])],
    ["nobody tells", () => found([])],
    ["without settings", () => found([], { lane: "host", tuning: null })],
  ])("%s", (_, of) => {
    expect(of()).toEqual([]);
  });
});
