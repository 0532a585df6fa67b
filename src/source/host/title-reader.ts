import { readFile } from "node:fs/promises";
import { unpadded } from "./processes.ts";

export interface TitleReader {
  /** Titles by pid; whoever has gone or does not answer is not among them. */
  read(pids: readonly number[]): Promise<ReadonlyMap<number, Buffer>>;
}

/**
 * A title lies in the memory of its process. When the kernel is changing that memory's map and cannot go on, which is what a machine
 * that has run out of memory looks like, a reader waits as long: not on our event loop, and not twice for the same process.
 */
export function titleReader(): TitleReader {
  const waiting = new Set<number>();
  return {
    async read(pids) {
      const titles = new Map<number, Buffer>();
      const queue = pids.filter((pid) => !waiting.has(pid));
      let next = 0;
      const reader = async (): Promise<void> => {
        while (next < queue.length && waiting.size < STUCK_AT_MOST) {
          const pid = queue[next++]!;
          const title = await inTime(pid);
          if (title !== null) titles.set(pid, title);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, reader));
      return titles;
    },
  };

  async function inTime(pid: number): Promise<Buffer | null> {
    const reading = readFile(`/proc/${pid}/cmdline`).then(unpadded, () => null);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, "late");
    });
    const answer = await Promise.race([reading, patience]);
    clearTimeout(timer);
    if (answer !== "late") return answer;
    waiting.add(pid);
    void reading.then(() => waiting.delete(pid));
    return null;
  }
}

const AT_ONCE = 16;
const PATIENCE_MS = 500;
/** node has four threads for files; names are looked up on them as well. */
const STUCK_AT_MOST = 2;
