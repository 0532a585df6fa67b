import { existsSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/**
 * A tarball of npm cannot hold symbolic links, so the package lists them in a file and makes them in an install script, which npm 12
 * blocks unless it is told otherwise. Without `libicui18n.so.60` and its like the server does not start.
 */
export function missingLinks(nativeDir: string): LibraryLink[] {
  const list = path.join(nativeDir, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, "utf8")) as LibraryLink[];
  return links.map(withoutPrefix).filter(({ target }) => !existsSync(path.join(nativeDir, target)));
}

/** Makes in `tree` (a copy of `nativeDir`, or itself) what `nativeDir` lacks. */
export function addMissingLinks(nativeDir: string, tree: string): void {
  for (const { source, target } of missingLinks(nativeDir)) {
    const at = path.join(tree, target);
    symlinkSync(path.relative(path.dirname(at), path.join(tree, source)), at);
  }
}

/** The list names files relative to the package, we work relative to its `native` directory. */
function withoutPrefix({ source, target }: LibraryLink): LibraryLink {
  return { source: source.replace(/^native\//, ""), target: target.replace(/^native\//, "") };
}
