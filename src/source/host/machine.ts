import path from "node:path";
import type { Tuning } from "../../model/tuning.ts";
import { controlGroups, limitBytes, usedBytes, type ControlGroup } from "./control-group.ts";
import { contentOf } from "./processes.ts";

export type Machine = Pick<Tuning, "machineBytes" | "machineIs">;

/** What the machine has, or the smallest of what a process's control group and those around it may use, where that is less. */
export function memoryAround(pid: number, root = "/"): Machine {
  const groups = controlGroups(pid, root);
  // It is in a group that we cannot see: the machine's memory would be too much.
  if (groups === null) return NOT_KNOWN;
  const installed = installedBytes(root);
  const limit = narrowest(groups)?.limit ?? null;
  if (limit !== null && (installed === null || limit < installed))
    return { machineBytes: limit, machineIs: "control group" };
  return installed === null ? NOT_KNOWN : { machineBytes: installed, machineIs: "machine" };
}

/**
 * What is used of the narrowest limit around a process; of its own group where there is none. Null where that is the root, or
 * cannot be seen.
 */
export function groupBytes(pid: number, root = "/"): number | null {
  const groups = controlGroups(pid, root) ?? [];
  const group = narrowest(groups)?.group ?? groups[0];
  return group === undefined ? null : usedBytes(group);
}

interface Narrowest {
  readonly group: ControlGroup;
  readonly limit: number;
}

/** Of two that are as narrow, the inner one. */
function narrowest(groups: readonly ControlGroup[]): Narrowest | null {
  let narrowest: Narrowest | null = null;
  for (const group of groups) {
    const limit = limitBytes(group);
    if (limit !== null && (narrowest === null || limit < narrowest.limit)) narrowest = { group, limit };
  }
  return narrowest;
}

function installedBytes(root: string): number | null {
  const kilobytes = /^MemTotal:\s+(\d+) kB/m.exec(contentOf(path.join(root, "proc/meminfo")) ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

export const NOT_KNOWN: Machine = { machineBytes: null, machineIs: null };
