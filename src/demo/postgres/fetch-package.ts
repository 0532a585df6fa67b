import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { FetchProgress } from "./binaries.ts";
import { addMissingLinks } from "./library-links.ts";
import { downloadTarball, verifyTarball } from "./tarball.ts";

export interface PackageFetch {
  readonly packageName: string;
  readonly version: string;
  readonly integrity: string;
  /** Where it shall be. It appears there whole or not at all. */
  readonly directory: string;
  readonly onProgress: (progress: FetchProgress) => void;
}

/** Fetches, verifies and unpacks one npm package. Two runs at once both do the work, and the first to finish wins. */
export async function fetchPackage(fetch: PackageFetch): Promise<void> {
  const parent = path.dirname(fetch.directory);
  mkdirSync(parent, { recursive: true });
  sweepLeftovers(parent);
  const partial = mkdtempSync(path.join(parent, `${PARTIAL}${process.pid}-`));
  try {
    const tarball = await downloadTarball(fetch, partial);
    await verifyTarball(tarball, fetch);
    const unpacked = path.join(partial, "package");
    mkdirSync(unpacked);
    await promisify(execFile)("tar", ["-xzf", tarball, "-C", unpacked, "--strip-components=1"]);
    addMissingLinks(path.join(unpacked, "native"), path.join(unpacked, "native"));
    moveInto(unpacked, fetch.directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function moveInto(unpacked: string, directory: string): void {
  try {
    renameSync(unpacked, directory);
  } catch (error) {
    // Somebody else finished the same package in the meantime: theirs is as good as ours, both were verified.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

/** What a killed run left behind. The process id in the name tells those still at work from those that are gone. */
function sweepLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = Number(new RegExp(`^${PARTIAL}(\\d+)-`).exec(name)?.[1]);
    if (owner > 0 && !alive(owner)) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const PARTIAL = "partial-";
