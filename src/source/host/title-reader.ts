import { readMemoryFile } from "./memory-file.ts";
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
  /** Who has been asked and has not answered, in whichever sample that was. */
  const waiting = new Set<number>();

  function read(pids: readonly number[]): Promise<ReadonlyMap<number, Buffer>> {
    return new Promise((resolve) => {
      const titles = new Map<number, Buffer>();
      const queue = pids.filter((pid) => !waiting.has(pid));
      let [next, running, answeredAt] = [0, 0, performance.now()];
      const impatience = setInterval(() => {
        if (performance.now() - answeredAt > PATIENCE_MS) end();
      }, PATIENCE_MS);

      function end(): void {
        clearInterval(impatience);
        next = queue.length;
        resolve(titles);
      }

      function more(): void {
        while (running < AT_ONCE && next < queue.length && waiting.size < AT_ONCE) {
          const pid = queue[next++]!;
          waiting.add(pid);
          running++;
          readMemoryFile(pid, "cmdline", (title) => {
            waiting.delete(pid);
            running--;
            answeredAt = performance.now();
            if (title !== null) titles.set(pid, unpadded(title));
            more();
          });
        }
        if (running === 0) end();
      }
      more();
    });
  }

  return { read };
}

const AT_ONCE = 16;
const PATIENCE_MS = 500;
