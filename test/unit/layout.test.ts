import { describe, expect, test } from "vitest";
import { layout, type Layout } from "../../src/state/layout.ts";

describe("the size of the terminal decides the layout", () => {
  test.each<[number, number, Layout["style"]]>([
    [200, 60, "wide"],
    [160, 40, "wide"],
    [159, 40, "medium"],
    [160, 39, "medium"],
    [100, 30, "medium"],
    [99, 30, "small"],
    [100, 29, "small"],
    [80, 24, "small"],
    [80, 10, "small"],
    [79, 24, "tiny"],
    [80, 9, "tiny"],
    [40, 8, "tiny"],
    [39, 24, "line"],
    [40, 7, "line"],
    [1, 1, "line"],
  ])("%ix%i: %s", (width, height, style) => {
    expect(layout({ width, height }).style).toBe(style);
  });
});

test("the parts take all the lines there are, and no more", () => {
  for (let height = 1; height <= 100; height++) {
    for (const width of [1, 40, 80, 100, 160, 300]) {
      const { style, ...parts } = layout({ width, height });
      const lines = Object.values(parts).reduce((sum, n) => sum + n, 0);
      expect(lines, `${style} ${width}x${height}`).toBe(height);
      for (const [part, n] of Object.entries(parts)) expect(n, part).toBeGreaterThanOrEqual(0);
    }
  }
});

test.each([
  [80, 10],
  [80, 11],
  [80, 24],
  [40, 8],
  [100, 30],
  [160, 40],
])("the gauge and at least three rows stay at %ix%i", (width, height) => {
  const { header, rows } = layout({ width, height });
  expect(header).toBeGreaterThanOrEqual(3);
  expect(rows).toBeGreaterThanOrEqual(3);
});

test("the detail goes first, then the states, then the tabs; the status line stays", () => {
  const parts = [14, 13, 12, 11, 10].map((height) => layout({ width: 80, height }));
  expect(parts.map(({ detail, states, tabs, status }) => [detail, states, tabs, status])).toEqual([
    [1, 2, 1, 1],
    [0, 2, 1, 1],
    [0, 0, 1, 1],
    [0, 0, 1, 1],
    [0, 0, 0, 1],
  ]);
});
