import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findings } from "../../src/advice/index.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Override, Setting } from "../../src/model/tuning.ts";
import type { Line } from "../../src/panels/line.ts";
import { settingsBelow } from "../../src/panels/settings-below.ts";
import { settingsEmpty, settingsLine, settingsSummary, settingsTitles } from "../../src/panels/settings.ts";
import { spansWidth } from "../../src/panels/spread.ts";
import { settingRows, type SettingRow } from "../../src/state/setting-rows.ts";
import { settingWords } from "../../src/text/setting-words.ts";
import { paint } from "../../src/ui/paint.ts";
import { aSample, aServer, aSetting, aTuning, backends } from "./builders.ts";
import { settingsOf18 } from "./settings-of-18.ts";

const PLAIN = { tone: () => "", reset: "" };
const GB = 2 ** 30;

const override = (name: string, value: string, role: string | null, database: string | null = null): Override => ({
  name,
  value,
  role,
  database,
});

function of(
  settings: readonly Setting[],
  { overrides = [], server = {} }: { overrides?: readonly Override[]; server?: Parameters<typeof aServer>[0] } = {},
): Sample {
  const workMemBytes = Number(settings.find(({ name }) => name === "work_mem")?.value ?? 4096) * 1024;
  const tuning = aTuning({ settings, overrides, workMemBytes, machineBytes: 64 * GB, machineIs: "machine" });
  return aSample({ backends: backends(12), server: aServer({ tuning, ...server }) });
}

function rowsOf(sample: Sample): readonly SettingRow[] {
  const history = append(emptyHistory(), sample);
  return settingRows(sample, findings({ sample, history, thresholds: DEFAULT_THRESHOLDS, returned: [] }));
}

function text(lines: readonly Line[], width: number): string {
  return `${paint(lines, width, PLAIN, false).join("\n").replace(/ +$/gm, "")}\n`;
}

function list(sample: Sample, width: number): Line[] {
  const rows = rowsOf(sample);
  return [
    settingsSummary(rows, sample, width),
    settingsTitles(width),
    ...rows.map((row) => settingsLine(row, sample, width)),
  ];
}

function below(sample: Sample, key: string, width = 160, height = 30): string {
  const rows = rowsOf(sample);
  return text(
    settingsBelow(
      rows.find((row) => row.key === key)!,
      rows,
      sample,
      width,
      height,
    ),
    width,
  );
}

/** Somebody has been at it. */
const CHANGED = of(
  settingsOf18({
    max_connections: { value: "500", source: "configuration file", pendingRestart: true },
    shared_buffers: { value: "16384", source: "configuration file" },
    work_mem: "1048576",
    statement_timeout: { value: "60000", source: null },
    idle_in_transaction_session_timeout: "300000",
    superuser_reserved_connections: "0",
    autovacuum: { value: "off", source: "command line" },
    maintenance_work_mem: { value: "131072", source: "user" },
  }),
  {
    overrides: [
      override("work_mem", "256MB", "report"),
      override("work_mem", "65536", null, "shop"),
      override("statement_timeout", "0", "dump", "shop"),
      override("maintenance_work_mem", "128MB", "monitor"),
    ],
  },
);

describe("the list", () => {
  test.each([
    ["changed-160", CHANGED, 160],
    ["changed-80", CHANGED, 80],
    ["changed-60", CHANGED, 60],
    ["changed-40", CHANGED, 40],
    ["by-default-100", of(settingsOf18()), 100],
  ] as const)("%s", async (name, sample, width) => {
    await expect(text(list(sample, width), width)).toMatchFileSnapshot(`frames/settings/${name}.txt`);
  });

  test.each([20, 40, 60, 71, 80, 100, 200])("is never wider than %i cells", (width) => {
    for (const one of list(CHANGED, width)) expect(spansWidth(one.spans)).toBeLessThanOrEqual(width);
  });

  test("leaves the first cell of each line to the cursor, and each row has a name of its own", () => {
    const rows = rowsOf(CHANGED);
    for (const row of rows) expect(settingsLine(row, CHANGED, 80).spans[0]!.text[0]).toBe(" ");
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });

  test("without SQL, and before the first reading, says why it is empty", () => {
    const nothing = (lane: "host" | "normal") => aSample({ server: aServer({ lane, tuning: null }) });
    expect(rowsOf(nothing("host"))).toEqual([]);
    expect(text([settingsEmpty(nothing("host"))], 100)).toContain("Processes do not tell what is set");
    expect(text([settingsEmpty(nothing("normal"))], 100)).toContain("not been read yet");
  });
});

describe("below the list:", () => {
  test.each([
    ["work_mem", "setting work_mem"],
    ["an-override", `override work_mem ${JSON.stringify(["report", null])}`],
    ["max_connections", "setting max_connections"],
    ["autovacuum", "setting autovacuum"],
    ["ours", "setting maintenance_work_mem"],
    ["stands-for-another", "setting autovacuum_work_mem"],
    ["nobody-sets-it", "setting shared_memory_size"],
    ["statement_timeout", "setting statement_timeout"],
  ])("%s", async (name, key) => {
    await expect(below(CHANGED, key)).toMatchFileSnapshot(`frames/settings/below-${name}.txt`);
  });

  test("on the title of a group what is to be said of its settings, the worst first", () => {
    const said = below(CHANGED, "group slots and processes");
    expect(said).toMatch(/^ superuser_reserved_connections: .*\n max_connections: waits for a restart\./);
    expect(said).not.toContain("work_mem");
    expect(below(of(settingsOf18()), "group parallel workers")).toContain("nothing to be said of parallel workers");
  });

  test("no more lines than there is room for, the first ones", () => {
    expect(below(CHANGED, "setting work_mem", 80, 2).split("\n")).toHaveLength(3);
    expect(settingsBelow(null, rowsOf(CHANGED), CHANGED, 80, 5)).toEqual([]);
  });

  test("names of strangers break no statement", () => {
    const sample = of(settingsOf18(), { overrides: [override("work_mem", "1MB", 'a"; DROP ROLE b', "x")] });
    const key = `override work_mem ${JSON.stringify(['a"; DROP ROLE b', "x"])}`;
    expect(below(sample, key)).toContain(`ALTER ROLE "a""; DROP ROLE b" IN DATABASE x RESET work_mem;`);
  });

  test("a text that waits for a restart is not shown", () => {
    const secret = aSetting("primary_conninfo", "", { bootValue: null, context: "postmaster", pendingRestart: true });
    const sample = of([...settingsOf18(), secret]);
    expect(below(sample, "setting primary_conninfo")).toMatch(/^ primary_conninfo: a text, which is not read here\./);
  });
});

test("every setting that is read is told what it is for, in at most two hundred cells", () => {
  const sql = readFileSync(new URL("../../src/source/sql/tuning.sql", import.meta.url), "utf8");
  const names = [...sql.matchAll(/'([a-z_]+)'/g)].map(([, name]) => name!).filter((name) => name !== "string");
  expect(names.length).toBeGreaterThan(50);
  for (const name of names) expect(settingWords(name)?.length ?? 0, name).toBeGreaterThan(20);
  for (const name of names) expect(settingWords(name)!.length, name).toBeLessThanOrEqual(200);
});
