import { describe, expect, test } from "vitest";
import { HOLDER_BYS, holderGroups, type HolderBy } from "../../src/analysis/holder-groups.ts";
import { openings } from "../../src/analysis/openings.ts";
import { append, emptyHistory, lastSample, type History } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import { forecastWords } from "../../src/panels/forecast-words.ts";
import { holdersBelow } from "../../src/panels/holder-below.ts";
import { rateWords } from "../../src/panels/holder-words.ts";
import { holdersEmpty, holdersHead, holdersLine, holdersShown } from "../../src/panels/holders.ts";
import type { Line } from "../../src/panels/line.ts";
import { spansWidth } from "../../src/panels/spread.ts";
import { stateBar } from "../../src/panels/state-bar.ts";
import { HOLDER_SORTS, type HolderSort } from "../../src/state/holder-rows.ts";
import { paint } from "../../src/ui/paint.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aWaiter, backends } from "./builders.ts";
import { anIncident, anIncidentSeenByAnyone } from "./incident.ts";
import { aHistory, breathing, leak, steady, type Size } from "./pools.ts";

const PLAIN = { tone: () => "", reset: "" };
const BELOW = 9;

function lines(history: History, by: HolderBy, sort: HolderSort, width: number): Line[] {
  const shown = holdersShown(history, lastSample(history)!, by, sort);
  return [
    ...holdersHead(shown, width),
    ...shown.rows.map((row) => holdersLine(row, shown, width)),
    ...holdersBelow(shown.rows[0] ?? null, shown, width, BELOW),
  ];
}

function text(of: readonly Line[], width: number): string {
  return `${paint(of, width, PLAIN, false).join("\n").replace(/ +$/gm, "")}\n`;
}

function anIncidentsHistory(): History {
  return [0, 1, 2, 3].map(anIncident).reduce(append, emptyHistory());
}

/** Seven pools that breathe, one that leaks; every other session of that one has never run a query. */
function aLeak(): History {
  const pools: Record<string, Size> = { leaky: leak(30, 2) };
  for (let i = 0; i < 7; i++) pools[`pool-${i}`] = breathing(62 + 5 * i, 3, i + 1);
  const session = (application: string, i: number): object => {
    if (application !== "leaky") return {};
    const unused = i % 2 === 1 ? { query: "", queryStartSeconds: null } : {};
    return { user: "report", clientAddress: "10.0.9.9", ...unused };
  };
  const limits = [{ kind: "role", name: "report", limit: 50 } as const];
  return aHistory({ seconds: 400, pools, server: aServer({ maxConnections: 620, limits }), session });
}

describe("the tab", () => {
  test.each([
    ["leak-60", aLeak, ["application"], "growth", 60],
    ["leak-80", aLeak, ["application"], "growth", 80],
    ["leak-160", aLeak, ["application"], "growth", 160],
    ["roles-80", aLeak, ["role"], "count", 80],
    ["incident-80", anIncidentsHistory, ["application", "client"], "idle", 80],
    ["queries-100", anIncidentsHistory, ["query"], "count", 100],
  ] as const)("%s", async (name, history, by, sort, width) => {
    const shown = text(lines(history(), by, sort, width), width);
    await expect(shown).toMatchFileSnapshot(`frames/holders/${name}.txt`);
  });

  test.each([40, 60, 80, 100, 120, 160, 300])("is never wider than %i cells", (width) => {
    for (const by of HOLDER_BYS)
      for (const sort of HOLDER_SORTS)
        for (const line of lines(anIncidentsHistory(), by, sort, width))
          // A blank behind the last cell is cut with the line.
          expect(spansWidth(line.spans), `${by.join()} ${sort}`).toBeLessThanOrEqual(width + 1);
  });

  test("at 80 columns tells name, count, share, states, oldest idle, growth and the never used", () => {
    const titles = text(lines(aLeak(), ["application"], "growth", 80), 80).split("\n")[1]!;
    expect(titles.trim().split(/ +/)).toEqual([
      "APPLICATION",
      "COUNT",
      "SHARE",
      "STATES",
      "IDLE+",
      "NEVER",
      "Δ1m",
      "Δ5m▼",
      "/MIN",
    ]);
  });

  test("leaves the first cell of each line to the cursor", () => {
    const shown = holdersShown(aLeak(), lastSample(aLeak())!, ["application"], "count");
    for (const row of shown.rows) expect(holdersLine(row, shown, 80).spans[0]!.text).toBe(" ");
  });

  test("marks counts of hidden rows as the most that they can be", () => {
    const history = append(emptyHistory(), anIncidentSeenByAnyone());
    const frame = text(lines(history, ["role"], "count", 80), 80);
    expect(frame).toMatch(/^ app +≤86/m);
    expect(frame).toMatch(/\?{5}/);
  });

  test("without any group says why", () => {
    const shown = holdersShown(append(emptyHistory(), aSample()), aSample(), ["application"], "count");
    expect(holdersBelow(null, shown, 80, 5)).toEqual([]);
    expect(holdersEmpty()).toContain("no client backend");
  });
});

describe("below the list, a group is told in sentences:", () => {
  function below(history: History, by: HolderBy = ["application"], name = "leaky"): string {
    const shown = holdersShown(history, lastSample(history)!, by, "count");
    const row = shown.rows.find(({ group }) => group.names[0] === name)!;
    return text(holdersBelow(row, shown, 200, 12), 200);
  }

  test("who it is, how it grows, when it was opened, what it did last", () => {
    const told = below(aLeak());
    expect(told).toContain("application leaky: 43 sessions, 7 % of the app slots: 43 idle; 21 have never run a query.");
    expect(told).toMatch(/Climbs by 2\.0\/min for \d+ min\. \+2 in 1 min, \+10 in 5 min; 0\.03 opened and 0 gone/);
    expect(told).toContain("Of it: role report (43); client 10.0.9.9 (43); database shop (43).");
    expect(told).toContain("Last queries: SELECT 1 (22), (no query) (21).");
    expect(told).toContain("Enter lists them: app:=leaky type:holder");
  });

  test("the limit that it is nearing, and when it is there", () => {
    const told = below(aLeak(), ["role"], "report");
    expect(told).toContain("CONNECTION LIMIT of role report: 43/50.");
    expect(told).toMatch(/Forecast: \+2\.0\/min, role report full in about 3m\d\d\./);
  });

  test("by whatever it is grouped, the limits of its roles and databases", () => {
    expect(below(aLeak())).toContain("CONNECTION LIMIT of role report: 43/50.");
    expect(below(aLeak(), ["application"], "pool-1")).not.toContain("LIMIT");
  });

  test("no forecast where it has no part in it", () => {
    expect(below(aLeak(), ["application"], "pool-1")).not.toContain("Forecast");
  });

  test("more lines than there is room for are left out, the least important ones", () => {
    const shown = holdersShown(aLeak(), lastSample(aLeak())!, ["application"], "growth");
    expect(text(holdersBelow(shown.rows[0]!, shown, 80, 1), 80)).toMatch(/^ application leaky/);
  });
});

describe("sessions were opened", () => {
  function opened(ages: readonly number[]): string {
    const sample = aSample({ backends: ages.map((connectedAge, i) => aBackend({ pid: i, connectedAge })) });
    const history = append(emptyHistory(), sample);
    const shown = holdersShown(history, sample, ["application"], "count");
    return text(holdersBelow(shown.rows[0]!, shown, 200, 12), 200)
      .split("\n")
      .find((one) => /[Oo]pened (?!and)/.test(one))!
      .trim();
  }
  test.each([
    [
      "one after the other",
      Array.from({ length: 62 }, (_, i) => 3.9 * i),
      "All 62 opened in the last 4 min, one every 3.9s.",
    ],
    ["at once", [600, 600.1, 600.2], "All 3 opened at once, 10m00 ago."],
    ["in a burst", [600, 602, 604], "All 3 opened within 4.0s, 10m04 ago."],
    [
      "most of them lately",
      [10, 20, 30, 40, 9000],
      "4 opened in the last 40 s, one every 10.0s; the other 1 up to 2h30 ago.",
    ],
    ["all the time", [10, 4000, 9000], "Opened between 2h30 and 10.0s ago."],
    ["alone", [42], "Opened 42.0s ago."],
  ])("%s", (_, ages, words) => {
    expect(opened(ages)).toBe(words);
  });

  test("nobody knows when, where nobody tells", () => {
    const sample = aSample({ backends: [aHiddenBackend()] });
    expect(openings(sample.backends, sample)).toBeNull();
  });
});

describe("the bar of states", () => {
  function bar(sample: Sample, largest: number, cells = 10): string {
    return stateBar(holderGroups(sample, ["role"])[0]!, largest, cells)
      .map((span) => span.text)
      .join("");
  }
  const idle = backends(17);

  test("is as long as the group is large, and reads without colours", () => {
    expect(bar(aSample({ backends: idle }), 17)).toBe("iiiiiiiiii");
    expect(bar(aSample({ backends: idle }), 34)).toBe("iiiii     ");
    expect(bar(aSample({ backends: idle }), 10_000)).toBe("i         ");
  });

  test("has a cell for each state that anybody is in", () => {
    const others = [
      aBackend({ state: "active" }),
      aWaiter(1, [2]),
      aBackend({ state: "idle in transaction" }),
      aBackend({ state: "idle in transaction (aborted)" }),
      aBackend({ state: "starting" }),
      aBackend({ state: "disabled" }),
    ];
    expect(bar(aSample({ backends: [...idle, ...idle, ...others] }), 40)).toBe("awiiiit!s?");
    expect(bar(aSample({ backends: [...idle, ...others] }), 1000)).toBe("awit!s?   ");
  });

  test("is exactly as wide as asked for", () => {
    for (const sample of [anIncident(0), anIncidentSeenByAnyone()])
      for (const group of holderGroups(sample, ["application"]))
        for (const cells of [7, 10, 33]) expect(spansWidth(stateBar(group, 12, cells))).toBe(cells);
  });
});

describe("words", () => {
  test.each([
    [null, null],
    [{ perMinute: 2.1, fullInSeconds: 114, limit: null }, "+2.1/min, full in about 1m54"],
    [{ perMinute: 60, fullInSeconds: 4.2, limit: null }, "+60/min, full in about 4s"],
    [{ perMinute: 0.34, fullInSeconds: 5400, limit: null }, "+0.3/min, full in about 1h30"],
    [{ perMinute: 2, fullInSeconds: 1234, limit: null }, "+2.0/min, full in about 20m"],
    [
      { perMinute: 2, fullInSeconds: 300, limit: { kind: "role", name: "report", limit: 10 } as const },
      "+2.0/min, role report full in about 5m00",
    ],
  ])("of the forecast %j: %s", (forecast, words) => {
    expect(forecastWords(forecast)).toBe(words);
  });

  test.each([
    [null, "?"],
    [0, "0"],
    [0.034, "0.03"],
    [2.45, "2.5"],
    [41.2, "41"],
  ])("of the rate %s: %s", (rate, words) => {
    expect(rateWords(rate)).toBe(words);
  });
});

test("a steady pool has no pace", () => {
  const history = aHistory({ seconds: 120, pools: { web: steady(5) } });
  expect(text(lines(history, ["application"], "count", 120), 120)).not.toContain("/min");
});
