import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import type { Account } from "./account.ts";
import { reachable } from "./account.ts";
import { addMissingLinks, missingLinks } from "./library-links.ts";

/**
 * A directory with PostgreSQL's `bin`, `lib` and `share` that the account can run. That is the package itself where possible. Where
 * its library links are missing, or lie where the account cannot go, a tree of hard links is made in the server's own directory: no
 * space, some milliseconds, and gone with the server. (A library path in the environment would be shorter, but macOS takes it
 * away from everything that /bin/sh starts.)
 */
export function programTree(nativeDir: string, account: Account, directory: string): string {
  const native = realpathSync(nativeDir);
  const open = reachable(path.join(native, "bin"), account);
  if (open && missingLinks(native).length === 0) return native;
  const tree = path.join(directory, "pg");
  makeDirectory(tree, account);
  linkTree(path.join(native, "bin"), path.join(tree, "bin"), account, open);
  linkTree(path.join(native, "lib"), path.join(tree, "lib"), account, open);
  // By far the most files, and only data: one link does where the account can follow it.
  if (open) symlinkSync(path.join(native, "share"), path.join(tree, "share"));
  else linkTree(path.join(native, "share"), path.join(tree, "share"), account, open);
  addMissingLinks(native, tree);
  return tree;
}

function linkTree(from: string, to: string, account: Account, open: boolean): void {
  makeDirectory(to, account);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) linkTree(source, target, account, open);
    else if (!NOT_NEEDED.test(entry.name)) place(realpathSync(source), target, open);
  }
}

/**
 * A hard link, where the file system and the file's mode allow it. A symbolic link does as well for what is only read; but a
 * program looks for its libraries beside its real self.
 */
function place(source: string, target: string, open: boolean): void {
  const isProgram = path.basename(path.dirname(target)) === "bin";
  try {
    if ((statSync(source).mode & 0o004) === 0) throw new Error("the other account could not read it");
    linkSync(source, target);
  } catch {
    if (open && !isProgram) symlinkSync(source, target);
    else {
      copyFileSync(source, target);
      chmodSync(target, 0o755);
    }
  }
}

/** The account must own the directories, to be able to remove them. The files may be hard links: their owner is not ours to change. */
function makeDirectory(directory: string, account: Account): void {
  mkdirSync(directory, { mode: 0o755 });
  if (account !== null) chownSync(directory, account.uid, account.gid);
}

const NOT_NEEDED = /\.(a|pc)$/;
