import { secondsSince, type Sample } from "../model/reading.ts";
import type { ProcessNode } from "./process-tree.ts";

/** How long it has been there; null: nobody tells. */
export function upSeconds(
  { kind, backend, usage }: Pick<ProcessNode, "kind" | "backend" | "usage">,
  sample: Sample,
): number | null {
  if (kind === "postmaster") return secondsSince(sample.server.startedSeconds, sample);
  if (backend !== null && backend.backendStartSeconds !== null)
    return secondsSince(backend.backendStartSeconds, sample);
  // Told by the machine, whose clock is ours.
  return usage === null ? null : Math.max(0, sample.takenAt / 1000 - usage.startedSeconds);
}
