import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Bench, Result } from "./bench.ts";

const PROCESS = fileURLToPath(new URL("core-process.ts", import.meta.url));

/** What core-process.ts prints. */
export interface CoreFigures {
  readonly heapMegabytes: number;
  readonly estimatedMegabytes: number;
  readonly samples: number;
  readonly keyMs: readonly number[];
  readonly readingMs: readonly number[];
}

/** The functional core alone, in a process of its own whose heap nothing else touches: no server, no terminal. */
const core: Bench = {
  name: "core",
  sessions: null,
  async run(): Promise<readonly Result[]> {
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", "--import", "tsx", PROCESS]);
    const figures = JSON.parse(stdout) as CoreFigures;
    return [
      {
        what: "history: 30 min at 1 s, 1,000 backends, 10 % change",
        unit: "MB",
        target: 64,
        values: [figures.heapMegabytes],
        note: `${figures.samples} samples kept; our own estimate ${figures.estimatedMegabytes.toFixed(1)} MB`,
      },
      { what: "key to lines, 5,000 backends (update and format)", unit: "ms", target: 15, values: figures.keyMs },
      { what: "reading to lines, 5,000 backends, 10 % change", unit: "ms", target: null, values: figures.readingMs },
    ];
  },
};

export const coreBenches: readonly Bench[] = [core];
