import { readFileSync } from "node:fs";
import { bootSeconds, startSeconds, statOf } from "./processes.ts";

/**
 * Memory, in bytes, of the machine or container that a server process runs in; null when it does not run here. A port may be forwarded, and a pid means
 * something else in every container: it has to be a process of that name that began when the server says its backend did.
 */
export function machineBytes(pid: number, startedSeconds: number | null): number | null {
  const stat = startedSeconds === null ? null : statOf(pid);
  if (stat === null || !/^(?:postgres|postmaster|edb-postgres)$/.test(stat.program)) return null;
  if (Math.abs(startSeconds(bootSeconds(), stat.startTicks) - startedSeconds!) > SAME_START_SECONDS) return null;
  const total = installed();
  const limits = [total, ...limitsOf(pid)].filter((bytes) => bytes !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

const SAME_START_SECONDS = 1.5;

function installed(): number | null {
  const kilobytes = /^MemTotal:\s+(\d+) kB/m.exec(fileOrNull("/proc/meminfo") ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** What its control group, and those around it, may use: of version 2 and of version 1. */
function limitsOf(pid: number): readonly number[] {
  const groups = (fileOrNull(`/proc/${pid}/cgroup`) ?? "").trim().split("\n");
  return groups
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (controllers === "") return upwards(path!).map((at) => limit(`/sys/fs/cgroup${at}/memory.max`));
      if (controllers?.split(",").includes("memory") !== true) return [];
      return upwards(path!).map((at) => limit(`/sys/fs/cgroup/memory${at}/memory.limit_in_bytes`));
    })
    .filter((bytes) => bytes !== null);
}

function upwards(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return [...parts.map((_, i) => `/${parts.slice(0, parts.length - i).join("/")}`), ""];
}

/** "max", and in version 1 a number beyond all memory, is no limit. */
function limit(file: string): number | null {
  const bytes = Number((fileOrNull(file) ?? "").trim() || Number.NaN);
  return Number.isFinite(bytes) && bytes > 0 && bytes < 2 ** 60 ? bytes : null;
}

function fileOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
