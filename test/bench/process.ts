import { readdirSync, readFileSync } from "node:fs";

/** Linux only: elsewhere there is no /proc to read another process's times from. */
export const measurable = process.platform === "linux";

/**
 * CPU time of a process so far, of all its threads. From schedstat, in nanoseconds: utime and stime of /proc/PID/stat
 * count in steps of 10 ms, which is as much as a refresh may cost. Threads that have ended are not counted; a Node process
 * keeps its own.
 */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const onCpu = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return onCpu.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6;
}

export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}
