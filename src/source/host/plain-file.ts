import { constants } from "node:fs";
import { open } from "node:fs/promises";

export interface PlainFile {
  readonly text: string;
  readonly uid: number;
  /** Seconds since the epoch. */
  readonly changedSeconds: number;
}

/**
 * A small file of somebody else's. Root reads it on the word of a process that anybody may have started, so a pipe, which would keep
 * us waiting, a device without an end, and what is too large for a file of its kind are none.
 *
 * @throws an error with a code when it cannot be opened
 */
export async function plainFile(name: string): Promise<PlainFile> {
  const file = await open(name, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > LARGEST)
      throw Object.assign(new Error(`${name} is no small file`), { code: "EINVAL" });
    const { buffer, bytesRead } = await file.read(Buffer.alloc(stat.size), 0, stat.size, 0);
    return { text: buffer.toString("utf8", 0, bytesRead), uid: stat.uid, changedSeconds: stat.mtimeMs / 1000 };
  } finally {
    await file.close();
  }
}

/** More than any configuration file has that a human being has written. */
const LARGEST = 1024 * 1024;
