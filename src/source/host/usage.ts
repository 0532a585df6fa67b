import type { ProcessUsage, Usage } from "../../model/usage.ts";
import type { Children } from "./children.ts";
import { groupBytes } from "./machine.ts";
import { memoryMeter, type Metered } from "./memory-meter.ts";
import type { FoundPostmaster } from "./postmasters.ts";
import { startSeconds, statOf, TICKS_PER_SECOND, type ProcessStat } from "./processes.ts";
import type { Seen } from "./processes-shown.ts";
import { inSlices } from "./slices.ts";
import { diskBytes, uptimeSeconds } from "./usage-files.ts";
import { looked, type Looked } from "./usage-rates.ts";

export interface UsageReader {
  /** Of those children, as they have just been read. `complete`: the memory of every one of them is measured, however long that takes. */
  read(children: Pick<Children, "byPid" | "ran">, complete?: boolean): Promise<UsageRead>;
}

export interface UsageRead {
  readonly usage: Usage;
  /** Milliseconds of the machine's time that reading has taken. */
  readonly busyMs: number;
}

/** Who it is, and what its title says. */
interface Told extends Metered, Pick<ProcessUsage, "startedSeconds" | "kind" | "title"> {}

interface Known extends Looked {
  readonly counters: string | null;
}

/** Made for one postmaster and asked again and again: what a process takes is what it has taken since it was looked at before. */
export function usageReader(postmaster: Pick<FoundPostmaster, "pid" | "startTicks">, bootSeconds: number): UsageReader {
  const meter = memoryMeter();
  /** It has no title: its command line stands where others have one. And it is looked at in any case. */
  const ofPostmaster: Told = {
    pid: postmaster.pid,
    startTicks: postmaster.startTicks,
    counters: null,
    startedSeconds: startSeconds(bootSeconds, postmaster.startTicks),
    kind: "postmaster",
    title: null,
  };
  let known: ReadonlyMap<number, Known> | null = null;

  async function read({ byPid, ran }: Pick<Children, "byPid" | "ran">, complete = false): Promise<UsageRead> {
    const told = [ofPostmaster, ...[...byPid.values()].map(ofChild)];
    const now = new Map<number, Known>();
    const uptime = known === null ? null : uptimeClock();
    let busyMs = await inSlices(told, (one) => {
      const before = known?.get(one.pid);
      const rested = !ran.has(one.pid) && before !== undefined && hasRested(before, one);
      const fresh = rested ? resting(before) : look(one, ran.get(one.pid), before, uptime);
      if (fresh !== null) now.set(one.pid, { ...fresh, counters: one.counters });
    });
    known = now;
    const alive = told.filter(({ pid }) => now.has(pid));
    busyMs += await meter.measure(alive, complete);
    const processes = new Map(alive.map((one) => [one.pid, usageOf(one, now.get(one.pid)!)]));
    return { usage: { postmasterPid: postmaster.pid, processes, groupBytes: groupBytes(postmaster.pid) }, busyMs };
  }

  function usageOf(one: Told, { rates }: Known): ProcessUsage {
    const { pid, startedSeconds, kind, title } = one;
    const { memoryBytes, memoryHow } = meter.of(one);
    return { pid, startedSeconds, kind, title, memoryBytes, memoryHow, ...rates };
  }

  return { read };
}

function ofChild({ backend, startTicks, counters, titleText }: Seen): Told {
  const { pid, backendStartSeconds, backendType: kind, state } = backend;
  // Up to 17 no row tells of one that is not in yet.
  const told = titleText.startsWith(OWN_WORD) && (kind !== "client backend" || state === "starting");
  const title = told ? titleText.slice(OWN_WORD.length).trimEnd() : null;
  return { pid, startTicks, counters, startedSeconds: backendStartSeconds!, kind, title };
}

/** Whoever has not run has used nothing: there is nothing to read. */
function hasRested({ look, counters }: Known, one: Told): boolean {
  return look.startTicks === one.startTicks && counters !== null && counters === one.counters;
}

function resting(before: Known): Looked {
  return looked(before, { ...before.look, atSeconds: performance.now() / 1000 }, null);
}

/** Null when it has ended since its title was read, whoever has its pid now. */
function look(
  { pid, startTicks }: Told,
  told: { readonly stat: ProcessStat; readonly atMs: number } | undefined,
  before: Known | undefined,
  uptimeSeconds: ((atMs: number) => number) | null,
): Looked | null {
  const stat = told?.stat ?? statOf(pid);
  const atMs = told?.atMs ?? performance.now();
  if (stat === null || stat.zombie || stat.startTicks !== startTicks) return null;
  const ageSeconds = uptimeSeconds === null ? null : uptimeSeconds(atMs) - startTicks / TICKS_PER_SECOND;
  const { cpuTicks } = stat;
  return looked(before, { startTicks, atSeconds: atMs / 1000, cpuTicks, disk: diskBytes(pid) }, ageSeconds);
}

/** The clock by which the kernel says when processes began; null when it does not tell. */
function uptimeClock(): ((atMs: number) => number) | null {
  const seconds = uptimeSeconds();
  const nowMs = performance.now();
  return seconds === null ? null : (atMs) => seconds + (atMs - nowMs) / 1000;
}

const OWN_WORD = "postgres: ";
