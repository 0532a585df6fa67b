import { describe, expect, test } from "vitest";
import { slots } from "../../src/analysis/slots.ts";
import { bar, gaugeMarks, slotsGauge, sparkline } from "../../src/panels/gauge.ts";
import { hiddenWords, leftForApps, limitWords, reserveWords, usedOfMax } from "../../src/panels/slots-words.ts";
import { aHiddenBackend, aSample, aServer, backends } from "./builders.ts";

const hidden = (n: number) => Array.from({ length: n }, (_, i) => aHiddenBackend({ pid: 5000 + i }));
const slotsWith = (used: number, unseen = 0, server = aServer()) =>
  slots(aSample({ backends: [...backends(used), ...hidden(unseen)], server }));
const drawn = (used: number, unseen: number, cells: number) =>
  slotsGauge(slotsWith(used, unseen), cells)
    .map((span) => span.text)
    .join("");

describe("the gauge", () => {
  test.each([
    ["a cell for ten slots", 50, 0, 10, "█████····░"],
    ["one used slot is never nothing", 1, 0, 10, "█········░"],
    ["none used is nothing", 0, 0, 10, "·········░"],
    ["one free slot is never full", 99, 0, 10, "█████████░"],
    ["all used is full", 100, 0, 10, "██████████"],
    ["perhaps used, because hidden", 20, 30, 10, "██???····░"],
    ["a reader in a hurry sees the reserve at any size", 90, 0, 50, `${"█".repeat(45)}··░░░`],
  ])("%s", (_, used, unseen, cells, text) => {
    expect(drawn(used, unseen, cells)).toBe(text);
  });

  test("is as wide as it is told, whatever is in it", () => {
    for (let used = 0; used <= 100; used++) {
      for (const cells of [3, 5, 17, 100, 160]) expect(drawn(used, used % 9, cells)).toHaveLength(cells);
    }
  });

  test("has marks where warn begins and where applications are refused", () => {
    const text = gaugeMarks(slotsWith(0), 100, 8, 80).spans[0]!.text;
    expect([text.indexOf("└76 warn"), text.indexOf("└94 app limit, ░ 6 reserved")]).toEqual([84, 102]);
  });
});

describe("a sparkline", () => {
  test.each([
    ["scales to its largest", [0, 1, 2, 7], null, "▁▂▃█"],
    ["or to a given one", [50, 100], 100, "▅█"],
    ["leaves gaps blank", [null, 3, null, 3], null, " █ █"],
    ["is flat when nothing happens", [0, 0], null, "▁▁"],
    ["never breaks out of its scale", [200], 100, "█"],
    ["is blank when nothing is known", [null, null], null, "  "],
  ])("%s", (_, values, max, text) => {
    expect(sparkline(values, max)).toBe(text);
  });
});

test.each([
  [0, "░░░░"],
  [0.5, "██░░"],
  [1, "████"],
  [0.28, "█▏░░"],
  [2, "████"],
  [-1, "░░░░"],
])("a bar of %d", (share, text) => {
  expect(bar(share, 4)).toBe(text);
});

describe("the slots in words", () => {
  test("say what is left, or between which bounds", () => {
    expect([leftForApps(slotsWith(90), aServer()), usedOfMax(slotsWith(90))]).toEqual([
      "4 left for app roles",
      "90/100",
    ]);
    expect(leftForApps(slotsWith(96), aServer())).toBe("none left for app roles");
    expect([leftForApps(slotsWith(3, 8), aServer()), usedOfMax(slotsWith(3, 8))]).toEqual([
      "83-91 left for app roles",
      "3-11/100",
    ]);
  });

  test("say how the reserve is made up", () => {
    expect(reserveWords(slotsWith(0))).toBe("3 reserved + 3 superuser");
    expect(reserveWords(slotsWith(0, 0, aServer({ major: 15 })))).toBe("3 superuser");
    expect(reserveWords(slotsWith(0, 0, aServer({ superuserReserved: 0, reserved: 0 })))).toBe("");
  });

  test("say what is hidden and what would show it", () => {
    expect(hiddenWords(slotsWith(3, 8), "monitor")).toBe("8 of 11 hidden: GRANT pg_monitor TO monitor");
    expect(hiddenWords(slotsWith(3), "monitor")).toBeNull();
  });

  test("name the limits that are full or nearly so, the fullest first", () => {
    const limits = [10, 8, 9, 12, 11].map((limit) => ({ kind: "role", name: `role${limit}`, limit }) as const);
    const used = limits.flatMap(({ name }, i) => backends(9, { user: name, pid: 7000 + i }));
    expect(limitWords(slots(aSample({ server: aServer({ limits }), backends: used })))).toEqual([
      "role role8 9/8 FULL",
      "role role9 9/9 FULL",
      "role role10 9/10",
      "role role11 9/11",
    ]);
  });
});
