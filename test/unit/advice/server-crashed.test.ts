import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/model/backend.ts";
import type { Sample } from "../../../src/model/reading.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServer, backends, SERVER_NOW } from "../builders.ts";
import { said, titles } from "./context.ts";

const ID = "server-crashed";
const KINDS = ["checkpointer", "background writer", "walwriter"];

/** Its own processes, begun so many seconds before the sample; their pids tell one run from another. */
function processes(agos: readonly number[], { at = 0, pid = 70 } = {}): Backend[] {
  return agos.map((ago, i) => ({
    ...anAuxiliary(KINDS[i]!, pid + i),
    backendStartSeconds: SERVER_NOW + at - ago,
  }));
}

/** A server that is up for a quarter of an hour, and its processes for less. */
function young(agos: readonly number[], given: Parameters<typeof aServer>[0] = {}, at = 0): Sample {
  const server = aServer({ startedSeconds: SERVER_NOW - 936, ...given });
  return aSample({ secondsLater: at, backends: [...backends(1), ...processes(agos, { at })], server });
}

describe("one reading tells a crash", () => {
  test("by processes that are younger than their postmaster", () => {
    const [finding] = said(ID, young([4.2, 4.2, 4]));
    expect(finding).toMatchObject({
      severity: "warning",
      title: "the server crashed and was up again 4.0s ago: all sessions were ended",
      process: "postmaster",
    });
    expect(finding!.evidence[0]).toBe(
      "the postmaster has been up for 15m36, checkpointer, background writer and walwriter only for 4.2s",
    );
    expect(finding!.evidence.join()).not.toMatch(/recovery|before/);
  });

  test("and how long recovery took, which ends with the start of the walwriter", () => {
    const [finding] = said(ID, young([64, 64, 4]));
    expect(finding!.evidence).toContain("recovery took 1m00: until then nobody was let in");
    expect(finding!.title).toMatch(/up again 4\.0s ago/);
  });

  test.each<[number, string[]]>([
    [900, ["warning"]],
    [901, ["info"]],
    [3600, ["info"]],
    [3601, []],
  ])("%i s ago", (ago, severities) => {
    const server = { startedSeconds: SERVER_NOW - 86_400 };
    expect(said(ID, young([ago, ago, ago], server)).map(({ severity }) => severity)).toEqual(severities);
  });

  test.each<[string, Sample]>([
    ["all began with the postmaster", young([936, 936, 936])],
    [
      "from 15 on, after a start that recovered for long, which the walwriter alone waits for",
      young([935.99, 935.99, 4]),
    ],
    ["a walwriter alone, as after a promotion", young([936, 936, 4])],
    ["up to 14, a start that recovered for less than a minute", young([900, 900, 900], { major: 14 })],
    ["no major is known, likewise", young([900, 900, 900], { version: null, versionNum: null })],
    ["hidden from our role", aSample({ backends: [aBackend(), aHiddenBackend({ pid: 70 })] })],
    ["the kernel's word for the postmaster's start, which is earlier", young([927, 927, 927], { lane: "host" })],
  ])("silent: %s", (_, sample) => {
    expect(said(ID, sample)).toEqual([]);
  });

  test("up to 14 it may have been a start, which recovers from a crash as well", () => {
    const [finding] = said(ID, young([4, 4, 4], { major: 14 }));
    expect(finding!.title).toBe("the server crashed, or began with a long recovery: up again 4.0s ago");
    expect(finding!.evidence[1]).toBe(
      "up to 14 a start looks like this as well, if it had a crash before it to recover from, for 15m32",
    );
    const standby = said(ID, young([4, 4], { major: 13, role: "standby" }));
    expect(standby[0]!.evidence[1]).toMatch(/if it waited 15m32 for WAL to begin with$/);
    expect(standby[0]!.evidence.join()).not.toMatch(/unlogged/);
  });

  test("without SQL too", () => {
    expect(titles(ID, young([4, 4, 4], { lane: "host", tuning: null }))).toHaveLength(1);
  });
});

describe("two readings tell it on every major", () => {
  const server = aServer({ major: 13, startedSeconds: SERVER_NOW - 40 });
  const before = aSample({ secondsLater: -20, backends: [...backends(16), ...processes([20], { at: -20 })], server });
  const after = aSample({ backends: [...backends(1), ...processes([4, 4, 4], { pid: 90 })], server });

  test("by another checkpointer under the same postmaster, and who was there before", () => {
    const [finding] = said(ID, [before, after]);
    expect(finding!.title).toBe("the server crashed and was up again 4.0s ago: all sessions were ended");
    expect(finding!.evidence).toContain("16 sessions before, 1 now");
  });

  test("silent: the server was restarted, or is another", () => {
    for (const given of [{ startedSeconds: SERVER_NOW - 4 }, { startedSeconds: SERVER_NOW - 4, host: "prod-db-2" }])
      expect(said(ID, [before, { ...after, server: aServer({ major: 13, ...given }) }])).toEqual([]);
  });
});
