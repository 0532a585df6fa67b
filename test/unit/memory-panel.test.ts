import { describe, expect, test } from "vitest";
import { NO_WISH, type WhatIf } from "../../src/analysis/outlook.ts";
import type { Concurrency } from "../../src/analysis/pool-size.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Line } from "../../src/panels/line.ts";
import { memoryBelow } from "../../src/panels/memory-below.ts";
import { memorySummary } from "../../src/panels/memory-summary.ts";
import { memoryLine, memoryOutlook, memoryShown, memoryTitles, type MemoryShown } from "../../src/panels/memory.ts";
import { spansWidth } from "../../src/panels/spread.ts";
import { memoryRows } from "../../src/state/memory-rows.ts";
import { aBackend, aSample, aServer, aTuning, backends } from "./builders.ts";
import { aMeasuredSample, aProcess, aSetting, GB, MB, usageOf } from "./memory-sample.ts";

const SEEN: Concurrency = {
  average: 5,
  p95: 12,
  most: 17,
  samples: 600,
  seconds: 1200,
  inTransaction: 0,
  parallelWorkers: { average: 0, most: 0 },
  unseen: null,
};

/** A server elsewhere, of a major that does not tell how much shared memory it has. */
const ELSEWHERE = aSample({ backends: backends(30), server: aServer({ major: 13 }) });

/** Its processes alone tell. */
const HOST = aSample({
  backends: backends(4),
  usage: usageOf([...backends(3).map(({ pid }) => aProcess(pid, 2, { memoryHow: "at most" })), aProcess(1, 3)]),
  server: aServer({ lane: "host", tuning: null }),
});

/** What our own role and our own database are set to stands for everybody's. */
function aSampleOfOurOwn(): Sample {
  const sample = aMeasuredSample();
  const settings = [
    aSetting("work_mem", "262144", { unit: "kB", source: "user" }),
    aSetting("temp_buffers", "4096", { unit: "8kB", source: "database" }),
    aSetting("hash_mem_multiplier", "2", { source: "default" }),
  ];
  const tuning = { ...sample.server.tuning!, workMemBytes: 256 * MB, tempBuffersBytes: 32 * MB, settings };
  return { ...sample, server: { ...sample.server, tuning } };
}

function shownOf(sample: Sample, wish: Partial<WhatIf> = {}): MemoryShown {
  return memoryShown(sample, SEEN, { ...NO_WISH, ...wish }, DEFAULT_THRESHOLDS);
}

function text(lines: readonly Line[]): string {
  return `${lines
    .map(({ spans }) =>
      spans
        .map((span) => span.text)
        .join("")
        .trimEnd(),
    )
    .join("\n")}\n`;
}

/** The view as it stands on the screen: head, rows, and below what is said of one of them. */
function view(shown: MemoryShown, width: number, selected: string): string {
  const rows = memoryRows(shown.sample);
  const row = rows.find(({ key }) => key === selected) ?? null;
  return text([
    memoryOutlook(shown, width),
    memoryTitles(shown, width),
    ...rows.map((one) => memoryLine(one, shown, width)),
    { spans: [{ tone: "frame", text: "─".repeat(width) }] },
    ...memoryBelow(row, shown, width, 9),
  ]);
}

const MORE = { connections: 400, workMemBytes: 16 * MB, poolSize: 20 };
const TOO_MUCH = { workMemBytes: 2 * GB, connections: 6 };

describe("the view", () => {
  test.each<[string, MemoryShown, number, string]>([
    ["now-80", shownOf(aMeasuredSample()), 80, "sessions"],
    ["now-120", shownOf(aMeasuredSample()), 120, "work"],
    ["now-200", shownOf(aMeasuredSample()), 200, "seed"],
    ["more-80", shownOf(aMeasuredSample(), MORE), 80, "what if connections"],
    ["more-120", shownOf(aMeasuredSample(), MORE), 120, "what if workMemBytes"],
    ["more-200", shownOf(aMeasuredSample(), MORE), 200, "worst"],
    ["refused-100", shownOf(aMeasuredSample(), TOO_MUCH), 100, "what if workMemBytes"],
    ["elsewhere-80", shownOf(ELSEWHERE), 80, "machine"],
    ["host-80", shownOf(HOST), 80, "sessions"],
    ["input-60", shownOf(aMeasuredSample()), 60, "what if poolSize"],
  ])("%s", async (name, shown, width, selected) => {
    await expect(view(shown, width, selected)).toMatchFileSnapshot(`frames/memory/${name}.txt`);
  });

  test("about each row", async () => {
    const shown = shownOf(aMeasuredSample());
    const about = memoryRows(shown.sample).map(
      (row) => `${row.key}\n${text(memoryBelow(row, shown, 110, 12)).replace(/\n+$/, "\n")}`,
    );
    await expect(about.join("\n")).toMatchFileSnapshot("frames/memory/about.txt");
  });

  test.each([40, 59, 60, 80, 99, 100, 160, 300])(
    "no line is wider than %i cells, and the pane has its lines",
    (width) => {
      for (const sample of [aMeasuredSample(), aSampleOfOurOwn(), ELSEWHERE, HOST])
        for (const wish of [{}, MORE, TOO_MUCH])
          for (const row of memoryRows(sample)) {
            const shown = shownOf(sample, wish);
            const lines = [
              memoryOutlook(shown, width),
              memoryTitles(shown, width),
              memoryLine(row, shown, width),
              ...memoryBelow(row, shown, width, 7),
            ];
            expect(lines).toHaveLength(10);
            for (const one of lines) expect(spansWidth(one.spans)).toBeLessThanOrEqual(width);
          }
    },
  );

  test("leaves the first cell of each row to the cursor", () => {
    const shown = shownOf(aMeasuredSample());
    for (const row of memoryRows(shown.sample)) expect(text([memoryLine(row, shown, 80)])).toMatch(/^ {2}\S/);
  });

  test.each<[string, Concurrency | null, string]>([
    ["a good look", SEEN, "18 would do, by what was at work"],
    ["a short one", { ...SEEN, seconds: 400 }, "18 would do, seen for 7 min only"],
    ["one that is too short", { ...SEEN, samples: 9, seconds: 9 }, "not known yet: seen for 9 s only"],
    ["a quiet time", { ...SEEN, p95: 1 }, "10 would do: fewer make others wait"],
    [
      "one that saw little",
      { ...SEEN, unseen: { sessions: 5, why: "hidden" } },
      "unknown, because what 5 sessions do is hidden",
    ],
    ["none", null, "not known yet"],
  ])("says how large a pool would do, after %s", (_, seen, expected) => {
    const shown = memoryShown(aMeasuredSample(), seen, NO_WISH, DEFAULT_THRESHOLDS);
    const row = memoryRows(shown.sample).find(({ key }) => key === "what if poolSize")!;
    expect(text([memoryLine(row, shown, 120)])).toContain(expected);
  });

  test("says which of its numbers take for everybody's what is ours alone", () => {
    const shown = shownOf(aSampleOfOurOwn());
    const lineOf = (key: string): string =>
      text([
        memoryLine(
          memoryRows(shown.sample).find((row) => row.key === key)!,
          shown,
          160,
        ),
      ]);
    const below = (key: string, of = shown): string =>
      text(
        memoryBelow(
          memoryRows(of.sample).find((row) => row.key === key)!,
          of,
          160,
          9,
        ),
      );
    const ours = "work_mem 256MB is what role monitor is set to; the server's own is not told.";
    expect(text([memoryOutlook(shown, 120)])).toContain(" of 16 GB, if all are set as we are");
    for (const part of ["work", "parallel", "worst", "now", "seed"]) {
      expect(lineOf(part)).toContain("; by our own work_mem\n");
      expect(below(part)).toContain(ours);
    }
    expect(lineOf("temporary")).toContain("; by our own temp_buffers\n");
    expect(below("temporary")).toContain("temp_buffers 32MB is what database shop is set to");
    for (const part of ["shared", "sessions", "others", "maintenance", "machine"])
      expect(lineOf(part)).not.toContain("our own");
    expect(lineOf("what if workMemBytes")).toContain("ours, the server's own is not told; ");
    expect(below("what if workMemBytes")).toContain(ours);
    expect(below("what if workMemBytes", shownOf(aSampleOfOurOwn(), { workMemBytes: 16 * MB }))).toContain(
      "work_mem 256 MB (ours; the server's own is not told) to 16 MB",
    );
    expect(text(memorySummary(shown.sample, 100, 9))).toContain("all at work, if all are set as we are");
    expect(text([memoryOutlook(shownOf(aMeasuredSample()), 120)])).not.toContain("as we are");
  });

  test.each([
    [64 * MB, "of the machine"],
    [3 * 1024 * GB, " times the machine"],
  ])("what would take many times the machine is told in times, with %i bytes of work_mem", (workMemBytes, expected) => {
    const shown = shownOf(aMeasuredSample(), { workMemBytes });
    const row = memoryRows(shown.sample).find(({ key }) => key === "worst")!;
    expect(text([memoryLine(row, shown, 120)])).toContain(expected);
    expect(text([memoryLine(row, shown, 120)])).not.toMatch(/\d{5,}/);
  });

  test("of nothing selected says nothing", () => {
    expect(memoryBelow(null, shownOf(HOST), 80, 5)).toEqual([]);
  });

  test("cleans the names of roles and their values", () => {
    const overrides = [{ role: "evil\u001b[2J", database: null, name: "work_mem", value: "1\u202eMB" }];
    const sample = aSample({ server: aServer({ tuning: aTuning({ overrides }) }) });
    const row = memoryRows(sample).find(({ key }) => key === "work")!;
    expect(text(memoryBelow(row, shownOf(sample), 110, 9))).not.toMatch(/[\u001b\u202e]/);
  });
});

describe("the summary", () => {
  test.each<[string, Sample, number, number]>([
    ["measured-72", aMeasuredSample(), 72, 9],
    ["measured-50", aMeasuredSample(), 50, 9],
    ["elsewhere-72", ELSEWHERE, 72, 9],
    ["host-72", HOST, 72, 9],
    ["three-lines", aMeasuredSample(), 60, 3],
  ])("%s", async (name, sample, width, height) => {
    await expect(text(memorySummary(sample, width, height))).toMatchFileSnapshot(`frames/memory/summary-${name}.txt`);
  });

  test.each([20, 40, 50, 72, 80])("is never wider than %i cells, nor higher than it may be", (width) => {
    for (const sample of [aMeasuredSample(), aSampleOfOurOwn(), ELSEWHERE, HOST])
      for (let height = 0; height <= 9; height++) {
        const lines = memorySummary(sample, width, height);
        expect(lines.length).toBeLessThanOrEqual(height);
        for (const one of lines) expect(spansWidth(one.spans)).toBeLessThanOrEqual(width);
      }
  });

  test("says that processes of a server on this machine are yet to be measured", () => {
    const server = aServer({ tuning: aTuning({ machineBytes: GB, machineIs: "machine" }) });
    expect(text(memorySummary(aSample({ server, backends: [aBackend()] }), 80, 9))).toContain("not measured yet");
  });
});
