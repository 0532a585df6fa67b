import { close, open, read as readInto } from "node:fs";
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
          readTitle(pid, (title) => {
            waiting.delete(pid);
            running--;
            answeredAt = performance.now();
            if (title !== null) titles.set(pid, title);
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

/** readFile of node takes 64 kB for every file whose size it is not told, and its promises cost as much as the reading. */
function readTitle(pid: number, done: (title: Buffer | null) => void): void {
  open(`/proc/${pid}/cmdline`, (error, fd) => {
    if (error !== null) return done(null);
    const room = rooms.pop() ?? Buffer.allocUnsafe(LONGEST);
    readInto(fd, room, 0, LONGEST, 0, (error, n) => {
      const title = error === null ? unpadded(Buffer.from(room.subarray(0, n))) : null;
      rooms.push(room);
      close(fd, () => done(title));
    });
  });
}

/** Used again and again, by one read at a time each. */
const rooms: Buffer[] = [];
/** The kernel gives no more of a title that has grown over its place. */
const LONGEST = 4096;
const AT_ONCE = 16;
const PATIENCE_MS = 500;
