import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { eventually } from "./deadline.ts";

/** A control group with a limit, and one within it that has none until it is told. */
export interface LimitedGroup {
  /** Puts a process into the inner one; whatever it begins from now on is there as well. */
  take(pid: number): void;
  limitInner(bytes: number): void;
  /** What the kernel says that the outer one uses. */
  usedBytes(): number;
  /** When nobody is in it any more. */
  remove(): Promise<void>;
}

/** Takes root, and groups that may be written to; else the answer is why there is none. */
export function limitedGroup(bytes: number): LimitedGroup | string {
  const version = existsSync(`${V1}/memory.limit_in_bytes`) ? 1 : 2;
  const [limit, used] =
    version === 1 ? ["memory.limit_in_bytes", "memory.usage_in_bytes"] : ["memory.max", "memory.current"];
  const outer = path.join(version === 1 ? V1 : V2, `pgtriage-${randomBytes(4).toString("hex")}`);
  const inner = path.join(outer, "inner");
  const made: string[] = [];
  try {
    for (const directory of [outer, inner]) {
      mkdirSync(directory);
      made.unshift(directory);
      if (version === 2 && directory === outer) writeFileSync(`${outer}/cgroup.subtree_control`, "+memory");
    }
    writeFileSync(`${outer}/${limit}`, String(bytes));
  } catch (error) {
    for (const directory of made) rmdirSync(directory);
    return (error as Error).message;
  }
  return {
    take: (pid) => writeFileSync(`${inner}/cgroup.procs`, String(pid)),
    limitInner: (bytes) => writeFileSync(`${inner}/${limit}`, String(bytes)),
    usedBytes: () => Number(readFileSync(`${outer}/${used}`, "utf8")),
    async remove() {
      for (const directory of made) await eventually(`${directory} is empty`, () => removed(directory), Boolean);
    },
  };
}

function removed(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

const V1 = "/sys/fs/cgroup/memory";
const V2 = "/sys/fs/cgroup";
