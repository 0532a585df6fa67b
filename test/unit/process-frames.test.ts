import { describe, expect, test } from "vitest";
import { append, emptyHistory, type History } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Line } from "../../src/panels/line.ts";
import { processesSummary } from "../../src/panels/process-head.ts";
import { processesBelow, processesLine, processesTitles } from "../../src/panels/processes.ts";
import { spansWidth } from "../../src/panels/spread.ts";
import { processRows } from "../../src/state/process-rows.ts";
import { paint } from "../../src/ui/paint.ts";
import { aSample, aServer, aTuning, backends, refusing, settings } from "./builders.ts";
import { anIncidentSeenByAnyone } from "./incident.ts";
import { asleep, aServerAtWork, aStandby, hiddenProcesses } from "./processes.ts";

// Golden frames of the tab, without the frame around it: its head, its rows, and under each what is said about it.
function text(lines: readonly Line[], width: number): string {
  const plain = { tone: () => "", reset: "" };
  return paint(lines, width, plain, false).join("\n").replace(/ +$/gm, "");
}

function list(sample: Sample, history: History, width: number): readonly Line[] {
  const rows = processRows(sample);
  return [
    processesSummary(sample, history, width),
    processesTitles(sample, width),
    ...rows.map((row) => processesLine(row, sample, history, width)),
  ];
}

function about(sample: Sample, history: History, width: number): string {
  return processRows(sample)
    .map((row) => `[${row.key}]\n${text(processesBelow(row, sample, history, width, 12), width)}`)
    .join("\n");
}

function alone(sample: Sample): History {
  return append(emptyHistory(), sample);
}

/** What there is on 13, seen from elsewhere: of three processes SQL tells nothing. */
function of13(): Sample {
  const tuning = aTuning({
    settings: settings({ archive_mode: "on", logging_collector: "on", autovacuum: "on", track_counts: "on" }),
  });
  return aSample({
    backends: [
      asleep("checkpointer", 5, "CheckpointerMain"),
      asleep("autovacuum launcher", 6, "AutoVacuumMain"),
      ...backends(2),
    ],
    server: aServer({ major: 13, tuning }),
  });
}

/** Processes of 16 by their titles. */
function byTitles(): Sample {
  const kinds = [
    "checkpointer",
    "background writer",
    "walwriter",
    "archiver",
    "logger",
    "autovacuum launcher",
    "startup",
  ];
  const told = kinds.map((kind, i) => ({
    ...asleep(kind, 50 + i, ""),
    waitEventType: null,
    waitEvent: null,
    application: null,
  }));
  const postmaster = {
    ...{ pid: 49, osUser: "postgres", dataDirectory: "/data", limitsFrom: "pg_control", limitsDoubt: null },
    ...{ refuses: null, tellsActivity: true },
  };
  const server = aServer({ lane: "host", ownPid: null, major: 16, tuning: null, postmaster });
  return aSample({ backends: [...told, ...backends(3)], server });
}

const EVERYTHING = [
  ...(["counters", "standbys", "recovery", "subscriptions", "progress"] as const),
  ...(["io", "to-archive", "io-under-way"] as const),
];

/** Nothing of what is set to be there is there. */
function aBrokenServer(): Sample {
  const server = aServerAtWork().sample.server;
  return aSample({ backends: [asleep("checkpointer", 5, "CheckpointerMain"), ...backends(2)], server });
}

describe("the processes, each with what it is at", () => {
  test.each([40, 60, 80, 120, 160, 200])("%i columns wide", async (width) => {
    const { sample, history } = aServerAtWork();
    await expect(`${text(list(sample, history, width), width)}\n`).toMatchFileSnapshot(
      `frames/processes/at-work-${width}.txt`,
    );
  });

  test("and what is said about each", async () => {
    const { sample, history } = aServerAtWork();
    await expect(`${about(sample, history, 100)}\n`).toMatchFileSnapshot("frames/processes/at-work-about.txt");
  });

  test.each<[string, Sample]>([
    ["of-a-standby", aStandby()],
    ["of-13-from-elsewhere", of13()],
    [
      "without-rights",
      { ...anIncidentSeenByAnyone(), backends: [...anIncidentSeenByAnyone().backends, ...hiddenProcesses(7, 8)] },
    ],
    ["by-titles", byTitles()],
    ["broken", aBrokenServer()],
    ["refused", refusing(aServerAtWork().sample, ...EVERYTHING)],
    ["refused-of-a-standby", refusing(aStandby(), "recovery")],
  ])("%s", async (name, sample) => {
    const shown = `${text(list(sample, alone(sample), 120), 120)}\n\n${about(sample, alone(sample), 120)}\n`;
    await expect(shown).toMatchFileSnapshot(`frames/processes/${name}.txt`);
  });
});

test("no line is wider than the screen, whatever its width, and the first cell is the cursor's", () => {
  const { sample, history } = aServerAtWork();
  for (let width = 20; width <= 300; width += 7) {
    for (const line of list(sample, history, width)) expect(spansWidth(line.spans)).toBeLessThanOrEqual(width);
    for (const row of processRows(sample)) {
      expect(processesLine(row, sample, history, width).spans[0]!.text.startsWith(" ")).toBe(true);
      for (const line of processesBelow(row, sample, history, width, 4))
        expect(spansWidth(line.spans)).toBeLessThanOrEqual(width);
    }
  }
});
