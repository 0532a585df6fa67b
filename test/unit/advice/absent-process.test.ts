import { describe, expect, test } from "vitest";
import type { Sample } from "../../../src/model/reading.ts";
import { aHiddenBackend, anAuxiliary, aSample, aServer, aSetting, aTuning, backends, SERVER_NOW } from "../builders.ts";
import { said, titles } from "./context.ts";

const ID = "absent-process";
const SETTINGS = [
  aSetting("archive_mode", "on"),
  aSetting("autovacuum", "on"),
  aSetting("track_counts", "on"),
  aSetting("io_method", "worker"),
];
const PROCESSES = ["checkpointer", "autovacuum launcher", "archiver", "io worker"];

function server(given: Parameters<typeof aServer>[0] = {}): Sample["server"] {
  return aServer({ tuning: aTuning({ settings: SETTINGS }), ...given });
}

/** Processes of the server, but for these. */
function without(
  kinds: readonly string[],
  secondsLater = 0,
  { of = server(), also = [] as readonly string[] } = {},
): Sample {
  const there = [...PROCESSES, ...also].filter((kind) => !kinds.includes(kind));
  const processes = there.map((kind, i) => anAuxiliary(kind, 70 + i));
  return aSample({ secondsLater, backends: [...backends(3), ...processes], server: of });
}

describe("a process that ought to be there", () => {
  test("is missed when it does not come back", () => {
    const [finding] = said(ID, [without([]), without(["archiver"], 10), without(["archiver"], 40)]);
    expect(finding).toMatchObject({
      severity: "warning",
      about: "archiver",
      title: "no archiver for 30.0s, although archive_mode = on: WAL is not archived",
    });
    expect(finding!.next.flatMap(({ sql }) => sql ?? [])).toEqual([
      "SELECT * FROM pg_stat_archiver;",
      "SELECT pid, backend_type, backend_start FROM pg_stat_activity WHERE backend_type = 'archiver';",
    ]);
  });

  test("each of them by itself", () => {
    const gone = ["archiver", "autovacuum launcher", "io worker"];
    expect(titles(ID, [without(gone), without(gone, 60)])).toEqual([
      "no archiver for 1m00, although archive_mode = on: WAL is not archived",
      "no io worker for 1m00, although io_method = worker: sessions wait for each read",
      "no autovacuum launcher for 1m00, although autovacuum = on: no table is vacuumed",
    ]);
  });

  const young = server({ startedSeconds: SERVER_NOW - 10 });
  test.each<[string, Sample[]]>([
    ["is there", [without([]), without([], 60)]],
    [
      "has just ended, and is begun anew within seconds",
      [without([]), without(["archiver"], 20), without(["archiver"], 49)],
    ],
    ["was back in between", [without(["archiver"]), without([], 30), without(["archiver"], 40)]],
    ["is missed in one sample, which tells no time", [without(["archiver"])]],
    ["is not begun yet", [without(["archiver"], -40, { of: young }), without(["archiver"], 0, { of: young })]],
  ])("silent: %s", (_, samples) => {
    expect(said(ID, samples)).toEqual([]);
  });

  test("silent where kinds are hidden from our role, or nobody tells what is set", () => {
    const hidden = server({ seeAll: false });
    const seen = (secondsLater: number): Sample => {
      const sample = without(PROCESSES, secondsLater, { of: hidden });
      return { ...sample, backends: [...sample.backends, aHiddenBackend({ pid: 1 })] };
    };
    expect(said(ID, [seen(0), seen(60)])).toEqual([]);
    const host = server({ lane: "host", tuning: null });
    expect(said(ID, [without(PROCESSES, 0, { of: host }), without(PROCESSES, 60, { of: host })])).toEqual([]);
  });

  test("silent on 13 and older about an archiver, whom SQL does not show", () => {
    const of = server({ major: 13, tuning: aTuning({ settings: SETTINGS.slice(0, 3) }) });
    expect(said(ID, [without(["archiver"], 0, { of }), without(["archiver"], 60, { of })])).toEqual([]);
  });
});

describe("on a standby", () => {
  const of = server({ role: "standby", tuning: aTuning({ settings: [] }) });
  const also = ["walreceiver"];

  test("a walreceiver that was there is missed", () => {
    expect(
      titles(ID, [without([], 0, { of, also }), without(also, 5, { of, also }), without(also, 45, { of, also })]),
    ).toEqual(["no walreceiver for 40.0s, although this is a standby: it gets no WAL"]);
  });

  test("one that was never seen may not be needed: its WAL may come from an archive", () => {
    expect(said(ID, [without(also, 0, { of, also }), without(also, 60, { of, also })])).toEqual([]);
  });
});
