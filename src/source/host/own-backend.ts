import type { Backend } from "../../model/backend.ts";
import { isTitleOf } from "./own-title.ts";
import { PROGRAMS } from "./postmasters.ts";
import { bootSeconds, childrenOf, startSeconds, statOf, type ProcessStat } from "./processes.ts";
import { titleReader } from "./title-reader.ts";

export interface OwnProcesses {
  readonly session: ProcessStat;
  /** Whose child it is. */
  readonly postmaster: ProcessStat;
}

/**
 * The process of a session of ours and its postmaster; null when the server does not run here. A port may be forwarded, and a pid means something
 * else in every container, where sessions of another server may have the same pids and begin at the same time. So it has to be a process of that
 * name that began when the server says its backend did, and that says of itself whom it serves. A client's port is nobody else's; over a
 * Unix socket there is none, and then the other processes of the server have to be here as well.
 */
export type OwnBackend = (own: Backend | undefined, pids: () => readonly number[]) => Promise<OwnProcesses | null>;

export function ownBackend(): OwnBackend {
  const titles = titleReader();
  /** What a process is, it is until it ends: its pid and start. */
  let proven = "";

  return async (own, pids) => {
    const session = own === undefined ? null : sessionAt(own.pid, own.backendStartSeconds);
    const postmaster = session === null ? null : statOf(session.parent);
    // In a container whose postmaster has ended, another process takes its children over.
    if (own === undefined || session === null || postmaster === null || !serves(postmaster)) return null;
    const name = `${own.key} ${session.startTicks} ${postmaster.pid}`;
    if (proven !== name) {
      const title = (await titles.read([session.pid])).get(session.pid);
      if (title === undefined || !isTitleOf(title, own)) return null;
      if (own.clientPort === -1 && !isParentOf(postmaster.pid, pids())) return null;
      proven = name;
    }
    return { session, postmaster };
  };
}

function sessionAt(pid: number, startedSeconds: number | null): ProcessStat | null {
  const stat = startedSeconds === null ? null : statOf(pid);
  if (stat === null || !serves(stat)) return null;
  return Math.abs(startSeconds(bootSeconds(), stat.startTicks) - startedSeconds!) <= SAME_START_SECONDS ? stat : null;
}

function serves({ program, zombie }: ProcessStat): boolean {
  return PROGRAMS.includes(program) && !zombie;
}

/** Some have ended since the server named them: most have to be there. */
function isParentOf(postmaster: number, pids: readonly number[]): boolean {
  const children = new Set(childrenOf(postmaster));
  return pids.filter((pid) => children.has(pid)).length > pids.length / 2;
}

const SAME_START_SECONDS = 1.5;
