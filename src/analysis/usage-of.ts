import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { ProcessUsage } from "../model/usage.ts";

/** What the process of a session takes of the machine; undefined while nobody looks, and where the server runs elsewhere. */
export function usageOf({ pid }: Pick<Backend, "pid">, { usage }: Pick<Sample, "usage">): ProcessUsage | undefined {
  return usage?.processes.get(pid);
}
