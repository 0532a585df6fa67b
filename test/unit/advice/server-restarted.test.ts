import { expect, test } from "vitest";
import type { Sample } from "../../../src/model/reading.ts";
import { anAuxiliary, aSample, aServer, backends, SERVER_NOW } from "../builders.ts";
import { said, titles } from "./context.ts";

const ID = "server-restarted";

/** Started so many seconds before the first moment. */
function startedAgo(seconds: number, n: number, at = 0, given: Parameters<typeof aServer>[0] = {}): Sample {
  const server = aServer({ startedSeconds: SERVER_NOW - seconds, ...given });
  const checkpointer = { ...anAuxiliary("checkpointer", 70), backendStartSeconds: server.startedSeconds };
  return aSample({ secondsLater: at, backends: [...backends(n), checkpointer], server });
}

test("a start that nobody has seen is told for three minutes", () => {
  expect(titles(ID, startedAgo(40, 3))).toEqual(["the server was started 40.0s ago"]);
  expect(said(ID, startedAgo(40, 3))[0]).toMatchObject({ severity: "info" });
  expect(said(ID, startedAgo(181, 3))).toEqual([]);
});

test("a restart that was seen, for as long as a crash, with who was there before", () => {
  const long = startedAgo(86_400, 16, -70);
  const [finding] = said(ID, [long, startedAgo(40, 3)]);
  expect(finding!.title).toBe("the server was restarted 40.0s ago");
  expect(finding!.evidence[0]).toBe("another postmaster was seen 1m10 ago, this one began 40.0s ago");
  expect(finding!.evidence[1]).toMatch(/^16 sessions before, 3 now/);
  expect(titles(ID, [long, startedAgo(40, 3, 500)])).toEqual(["the server was restarted 9m00 ago"]);
  expect(said(ID, [long, startedAgo(40, 3, 861)])).toEqual([]);
});

test.each<[string, Sample[]]>([
  [
    "another server answers behind the same address, which was up all the time",
    [startedAgo(86_400, 9, -1), startedAgo(9000, 3)],
  ],
  ["another host", [startedAgo(86_400, 9, -1), startedAgo(9000, 3, 0, { host: "prod-db-2" })]],
  ["it goes on", [startedAgo(9000, 3, -1), startedAgo(9000, 3)]],
])("silent: %s", (_, samples) => {
  expect(said(ID, samples)).toEqual([]);
});

test("what crashed after its start has crashed", () => {
  const sample = startedAgo(60, 3);
  const crashed = [{ ...anAuxiliary("checkpointer", 80), backendStartSeconds: SERVER_NOW - 5 }, ...backends(3)];
  expect(said(ID, { ...sample, backends: crashed })).toEqual([]);
  expect(said("server-crashed", { ...sample, backends: crashed })).toHaveLength(1);
});
