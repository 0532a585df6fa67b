import { userInfo } from "node:os";
import { contentOf } from "./processes.ts";

/** What the operating system calls that user; its number where that has no name here. */
export function accountName(uid: number): string {
  const line = (contentOf("/etc/passwd") ?? "").split("\n").find((line) => line.split(":")[2] === String(uid));
  return line?.split(":")[0] ?? String(uid);
}

/** Who we are to the kernel: what we may signal goes by the effective user. */
export function ownUid(): number {
  return process.geteuid?.() ?? -1;
}

export function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(ownUid());
  }
}

/** Whether that user's processes are ours to signal. */
export function mayActOn(uid: number): boolean {
  return ownUid() === 0 || ownUid() === uid;
}
