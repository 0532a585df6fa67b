import { expect, test } from "vitest";
import type { Setting } from "../../../src/model/tuning.ts";
import { aSample, aServer, aSetting, aTuning } from "../builders.ts";
import { said } from "./context.ts";

const ID = "pending-restart";
const waits = (name: string, value: string, unit: string | null = null): Setting =>
  aSetting(name, value, { unit, context: "postmaster", pendingRestart: true, source: "configuration file" });
const found = (settings: readonly Setting[], role: "primary" | "standby" = "primary") =>
  said(ID, aSample({ server: aServer({ role, tuning: aTuning({ settings }) }) }));

test("which, what they run with, and how to see what a restart brings", () => {
  const [finding] = found([
    waits("max_connections", "100"),
    waits("shared_buffers", "16384", "8kB"),
    aSetting("autovacuum", "on"),
  ]);
  expect(finding).toMatchObject({
    severity: "info",
    title: "2 settings wait for a restart: max_connections and shared_buffers",
    evidence: [
      "max_connections runs with 100",
      "shared_buffers runs with 128MB",
      "the configuration files have other values: the next restart takes all of them at once, also one after a crash of the machine",
    ],
  });
  expect(finding!.next[0]!.sql).toBe(
    "SELECT name, setting, applied, error, sourcefile, sourceline FROM pg_file_settings WHERE name IN ('max_connections', 'shared_buffers') ORDER BY seqno;",
  );
  expect(finding!.avoid).toEqual([
    "do not restart for one of them before you have looked at the others: it brings them too",
  ]);
});

test("many of them are named by the first, and each has its line where the file is looked at", () => {
  const [finding] = found(["a", "b", "c", "d", "e"].map((name) => waits(name, "1")));
  expect(finding!.title).toBe("5 settings wait for a restart: a, b and 3 more");
  expect(finding!.evidence[3]).toBe("and 2 more");
  expect(finding!.next[0]!.sql).toContain("('a', 'b', 'c', 'd', 'e')");
});

test("a text is not shown: it may have a password in it", () => {
  const [finding] = found([waits("primary_conninfo", "")]);
  expect(finding!.evidence[0]).toBe("primary_conninfo runs with a value that is not shown here");
  expect(finding!.avoid).toEqual([]);
});

test("what a standby needs as much of as its primary has", () => {
  expect(found([waits("max_connections", "100")], "standby")[0]!.avoid).toEqual([
    "do not restart a standby with less of these than its primary has: it does not start",
  ]);
  expect(found([waits("shared_buffers", "100", "8kB")], "standby")[0]!.avoid).toEqual([]);
});

const fixed = (name: string, value: string, unit: string | null = null): Setting => ({
  ...waits(name, value, unit),
  source: "command line",
});

test("what stands on the command line no restart changes, whatever the files say", () => {
  const [finding, ...others] = found([fixed("max_connections", "30")]);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    severity: "info",
    about: "command line",
    title: "no restart changes max_connections: it stands on the server's command line; the files say otherwise",
    evidence: ["max_connections runs with 30", expect.stringContaining("goes before all configuration files")],
    avoid: ["do not restart for it: all sessions end, and nothing changes"],
  });
  expect(finding!.next.map(({ sql }) => sql)).toEqual([
    expect.stringContaining("FROM pg_file_settings WHERE name IN ('max_connections')"),
    undefined,
    "ALTER SYSTEM SET max_connections = '30';",
  ]);
  expect(finding!.next[1]!.text).toContain("Patroni's own configuration");
  expect(JSON.stringify(finding)).not.toContain("next restart takes");
});

test("what waits and what does not are told apart", () => {
  const both = found([waits("shared_buffers", "16384", "8kB"), fixed("wal_buffers", "512", "8kB"), fixed("a", "")]);
  expect(both.map(({ title }) => title)).toEqual([
    "1 setting waits for a restart: shared_buffers",
    "no restart changes wal_buffers and a: they stand on the server's command line; the files say otherwise",
  ]);
  expect(both[0]!.evidence).toHaveLength(2);
  expect(both[1]!.next.at(-1)!.sql).toBe("ALTER SYSTEM SET wal_buffers = '4MB';");
});

test("silent where none waits, and where nobody tells", () => {
  expect(found([aSetting("max_connections", "100")])).toEqual([]);
  expect(said(ID, aSample({ server: aServer({ lane: "host", tuning: null }) }))).toEqual([]);
});
