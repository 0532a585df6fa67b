import { describe, expect, test } from "vitest";
import { statementsOf } from "../../../src/advice/rule.ts";
import type { Setting } from "../../../src/model/tuning.ts";
import { aSample, aServer, aSetting, aTuning } from "../builders.ts";
import { said } from "./context.ts";

const ID = "autovacuum-off";
const off = (name: string, source: string | null = "configuration file"): Setting =>
  aSetting(name, "off", { bootValue: "on", source });
const found = (settings: readonly Setting[], given: Parameters<typeof aServer>[0] = {}) =>
  said(ID, aSample({ server: aServer({ tuning: aTuning({ settings }), ...given }) }));

test("since when rows stay, and how old ids become", () => {
  const [finding] = found([off("autovacuum")], { databaseAges: [{ name: "shop", xids: 1.4e8, multixacts: 1 }] });
  expect(finding).toMatchObject({
    severity: "warning",
    title: "autovacuum is off: no table is vacuumed before transaction ids in it are 200M old",
    evidence: [
      "autovacuum = off comes from: configuration file",
      expect.any(String),
      "the oldest database is shop, 140M transaction ids old",
    ],
  });
  expect(statementsOf(finding!.next[0]!)).toEqual(["ALTER SYSTEM SET autovacuum = 'on';", "SELECT pg_reload_conf();"]);
});

test("track_counts switches it off as well, and then nobody has counted dead rows", () => {
  const [finding] = found([aSetting("autovacuum", "on"), off("track_counts")]);
  expect(finding!.title).toBe(
    "track_counts is off, and autovacuum with it: nothing is vacuumed before transaction ids are 200M old",
  );
  expect(finding!.next.map(({ sql }) => sql)).toEqual([
    "ALTER SYSTEM SET track_counts = 'on';",
    expect.stringContaining("pg_total_relation_size"),
  ]);
});

test("what stands on the command line, ALTER SYSTEM does not change", () => {
  for (const name of ["autovacuum", "track_counts"]) {
    const [finding] = found([
      { ...off(name, "command line"), context: name === "autovacuum" ? "sighup" : "superuser" },
    ]);
    expect(finding!.next[0]).toEqual({
      text: `switch ${name} on again; it stands on the server's command line, which ALTER SYSTEM does not change: change it where the server is started from (Patroni's own configuration, a systemd unit, a container's arguments), and restart it`,
    });
  }
});

describe("silent:", () => {
  test.each<[string, () => readonly unknown[]]>([
    ["both are on", () => found([aSetting("autovacuum", "on"), aSetting("track_counts", "on")])],
    ["nobody tells", () => found([])],
    ["without settings", () => found([], { lane: "host", tuning: null })],
    ["a standby has none whatever is set", () => found([off("autovacuum")], { role: "standby" })],
    ["off for our own role alone", () => found([off("track_counts", "user")])],
  ])("%s", (_, of) => {
    expect(of()).toEqual([]);
  });
});
