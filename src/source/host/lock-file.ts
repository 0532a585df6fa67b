import path from "node:path";
import { plainFile } from "./plain-file.ts";

/** What a postmaster writes into postmaster.pid and beside its socket. Both are for its own user's eyes. */
export interface LockFile {
  readonly pid: number;
  /** Whose file it is: in a directory for everybody, anybody may have put it there. */
  readonly uid: number;
  readonly dataDirectory: string;
  readonly startedSeconds: number;
  readonly port: number;
  readonly socketDirectory: string | null;
}

/** Null when it is not there, not for us, or not to be understood. It may be stale: whoever it names has to be looked at. */
export async function lockFile(file: string): Promise<LockFile | null> {
  const plain = await plainFile(file).catch(() => null);
  if (plain === null) return null;
  const [pid, dataDirectory = "", started, port, socketDirectory] = plain.text.split("\n");
  const read = { pid: Number(pid), startedSeconds: Number(started), port: Number(port) };
  if (!(read.pid > 0) || !(read.startedSeconds > 0) || !(read.port > 0) || !path.isAbsolute(dataDirectory)) return null;
  return {
    ...read,
    uid: plain.uid,
    dataDirectory,
    socketDirectory: socketDirectory === "" ? null : (socketDirectory ?? null),
  };
}

/** Whether it was written by that process: the same pid, and a start at the same time. A clock may have been set in between, then it does not count. */
export function writtenBy(lock: LockFile, process: { readonly pid: number; readonly startedSeconds: number }): boolean {
  return lock.pid === process.pid && Math.abs(lock.startedSeconds - process.startedSeconds) <= APART_SECONDS;
}

/** The file has whole seconds, and is written when the server has read its settings. */
const APART_SECONDS = 5;
