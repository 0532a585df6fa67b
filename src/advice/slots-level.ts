import { levelOf, slots, type Level, type Thresholds } from "../analysis/slots.ts";
import type { Sample } from "../model/reading.ts";

/** The level that is sure, by the sessions that surely hold a slot: hidden ones may make it worse. */
export function levelNow(sample: Sample, thresholds: Thresholds): Level {
  const { level, used } = slots(sample, thresholds);
  return level === "unknown" ? levelOf(used.low, sample.server.settings, thresholds) : level;
}
