import { speaksSql, type Lane } from "./lane.ts";
import type { Sample } from "./reading.ts";

/** Told by the start of the postmaster, and by the pid of the checkpointer: a crash ends that one while the postmaster lives on. */
export interface ServerRun {
  readonly lane: Lane;
  readonly host: string;
  readonly port: number;
  readonly startedSeconds: number;
  /** Null where our role does not see which one it is. */
  readonly checkpointer: number | null;
}

export function runOf({ backends, server }: Sample): ServerRun {
  const checkpointer = backends.find(({ backendType }) => backendType === "checkpointer")?.pid ?? null;
  return {
    lane: server.lane,
    host: server.host,
    port: server.port,
    startedSeconds: server.startedSeconds,
    checkpointer,
  };
}

/** The kernel knows another moment than the server takes for its start. */
export function sameStart(a: ServerRun, b: ServerRun): boolean {
  if (speaksSql(a.lane) === speaksSql(b.lane)) return a.startedSeconds === b.startedSeconds;
  return Math.abs(a.startedSeconds - b.startedSeconds) < SAME_START_SECONDS;
}

const SAME_START_SECONDS = 2;

type Place = Pick<ServerRun, "host" | "port">;

/** After a fail-over another one answers. */
export function sameServer(a: Place, b: Place): boolean {
  return a.host === b.host && a.port === b.port;
}

export function sameRun(a: ServerRun, b: ServerRun): boolean {
  if (!sameServer(a, b) || !sameStart(a, b)) return false;
  return a.checkpointer === null || b.checkpointer === null || a.checkpointer === b.checkpointer;
}
