import type { Sample } from "../model/reading.ts";
import { currentFindings } from "./current-findings.ts";
import { memoryRows } from "./memory-rows.ts";
import { processRows } from "./process-rows.ts";
import { settingRows } from "./setting-rows.ts";
import type { State } from "./state.ts";
import type { TabRow } from "./tab-row.ts";

/** The rows of what the Server tab shows. */
export function serverRows(state: State, sample: Sample): readonly TabRow[] {
  switch (state.view.serverView) {
    case "processes":
      return processRows(sample);
    case "memory":
      return memoryRows(sample);
    case "settings":
      return settingRows(sample, currentFindings(state));
  }
}
