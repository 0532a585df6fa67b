import type { Sample } from "../../src/model/reading.ts";
import type { Setting } from "../../src/model/tuning.ts";
import type { ProcessUsage, Usage } from "../../src/model/usage.ts";
import { aBackend, anAuxiliary, aSample, aServer, aTuning, backends } from "./builders.ts";

export const KB = 2 ** 10;
export const MB = 2 ** 20;
export const GB = 2 ** 30;

/** So many megabytes, measured. */
export function aProcess(pid: number, megabytes: number | null, given: Partial<ProcessUsage> = {}): ProcessUsage {
  return {
    pid,
    startedSeconds: 0,
    kind: null,
    title: null,
    cpuPercent: null,
    memoryBytes: megabytes === null ? null : megabytes * MB,
    memoryHow: megabytes === null ? null : "measured",
    readBytesPerSecond: null,
    writtenBytesPerSecond: null,
    ...given,
  };
}

export function usageOf(processes: readonly ProcessUsage[], groupBytes: number | null = null): Usage {
  return { postmasterPid: 1, processes: new Map(processes.map((one) => [one.pid, one])), groupBytes };
}

export function aSetting(name: string, value: string, given: Partial<Setting> = {}): Setting {
  return {
    name,
    value,
    unit: null,
    bootValue: null,
    source: "configuration file",
    context: "user",
    pendingRestart: false,
    ...given,
  };
}

/** 20 sessions on a machine of 16 GB: two that have seen many tables, one that sorts, a role with a work_mem of its own. */
export function aMeasuredSample(): Sample {
  const sorting = aBackend({ pid: 2000, application: "report", user: "report", state: "active" });
  const sessions = [...backends(19), sorting];
  const memoryOf = (pid: number): number => (pid === 2000 ? 262 : pid < 1002 ? 12.5 : 1.5);
  return aSample({
    backends: [...sessions, anAuxiliary("checkpointer", 7), aBackend({ pid: 99, application: "pgtriage" })],
    usage: usageOf(
      [
        ...sessions.map(({ pid }) => aProcess(pid, memoryOf(pid))),
        aProcess(1, 3, { kind: "postmaster" }),
        aProcess(7, 1, { kind: "checkpointer" }),
        aProcess(99, 2),
      ],
      3 * GB,
    ),
    server: aServer({
      tuning: aTuning({
        machineBytes: 16 * GB,
        machineIs: "machine",
        overrides: [{ role: "report", database: null, name: "work_mem", value: "64MB" }],
        settings: [
          aSetting("max_connections", "100", { context: "postmaster", pendingRestart: true }),
          aSetting("max_worker_processes", "8", { context: "postmaster" }),
        ],
      }),
    }),
  });
}
