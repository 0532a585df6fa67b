import { closeSync, openSync, read } from "node:fs";

/**
 * A file of /proc that the kernel reads from the memory of its process, or from the map of that memory: it may keep us waiting, so
 * not on our event loop. To open it does not wait. Null when the process has gone, or is not for us to see.
 *
 * readFile of node takes 64 kB for every file whose size it is not told, and its promises cost as much as the reading.
 */
export function readMemoryFile(
  pid: number,
  name: "cmdline" | "smaps_rollup",
  done: (content: Buffer | null) => void,
): void {
  let fd: number;
  try {
    fd = openSync(`/proc/${pid}/${name}`, "r");
  } catch {
    return queueMicrotask(() => done(null));
  }
  const room = rooms.pop() ?? Buffer.allocUnsafe(LONGEST);
  read(fd, room, 0, LONGEST, 0, (error, n) => {
    closeSync(fd);
    const content = error === null ? Buffer.from(room.subarray(0, n)) : null;
    rooms.push(room);
    done(content);
  });
}

/** Used again and again, by one read at a time each. */
const rooms: Buffer[] = [];
/** The kernel gives no more of a title that has grown over its place. */
const LONGEST = 4096;
