import type { Result } from "./bench.ts";

/** One line per result, judged by its median. */
export function table(results: readonly Result[]): string {
  const rows = [HEADER, ...results.map(row)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (LEFT.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function row(result: Result): string[] {
  const { what, unit, target, values, note = "" } = result;
  const verdict = values.length === 0 ? "not measured" : target === null ? "" : median(values) > target ? "OVER" : "ok";
  const numbers = values.length === 0 ? [] : [median(values), mean(values), Math.max(...values)];
  const [middle = "", average = "", highest = ""] = numbers.map(short);
  return [
    what,
    target === null ? "" : `<= ${target}`,
    middle,
    average,
    highest,
    unit,
    `${values.length}`,
    verdict,
    note,
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function short(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

const HEADER = ["what", "target", "median", "mean", "max", "", "n", "", ""];
const LEFT = new Set([0, 5, 7, 8]);
