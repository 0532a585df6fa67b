import type { FoundPostmaster } from "./postmasters.ts";
import { PROGRAMS } from "./postmasters.ts";
import { bootSeconds, startSeconds, statOf, type ProcessStat } from "./processes.ts";

/**
 * The process of a session of ours; null when its server does not run here. A port may be forwarded, and a pid means something else in every
 * container: it has to be a process of that name that began when the server says its backend did.
 */
export function ownBackend(pid: number, startedSeconds: number | null): ProcessStat | null {
  const stat = startedSeconds === null ? null : statOf(pid);
  if (stat === null || !PROGRAMS.includes(stat.program) || stat.zombie) return null;
  return Math.abs(startSeconds(bootSeconds(), stat.startTicks) - startedSeconds!) <= SAME_START_SECONDS ? stat : null;
}

/** Whose child that session is. */
export function ownPostmaster(
  pid: number,
  startedSeconds: number | null,
): Pick<FoundPostmaster, "pid" | "startTicks"> | null {
  const session = ownBackend(pid, startedSeconds);
  const stat = session === null ? null : statOf(session.parent);
  // In a container whose postmaster has ended, another process takes its children over.
  return stat !== null && PROGRAMS.includes(stat.program) && !stat.zombie
    ? { pid: stat.pid, startTicks: stat.startTicks }
    : null;
}

const SAME_START_SECONDS = 1.5;
