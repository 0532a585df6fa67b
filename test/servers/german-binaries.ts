import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Binaries } from "../../src/demo/postgres/binaries.ts";

/** Programs of this machine that speak German: the builds on npm have no translations, those of the distributions do. */
export interface GermanBinaries extends Binaries {
  readonly major: number;
  /** Takes away what was made for them. */
  remove(): void;
}

/** @returns what is missing here, in a few words, when they cannot be had */
export function germanBinaries(): GermanBinaries | string {
  const major = installedMajors().find((one) => existsSync(catalogue(one)));
  if (major === undefined) return `no PostgreSQL below ${INSTALLED} with a German catalogue`;
  const directory = mkdtempSync(path.join(tmpdir(), "pgtriage-german-"));
  const remove = (): void => rmSync(directory, { recursive: true });
  const bin = path.join(INSTALLED, String(major), "bin");
  try {
    // A locale of our own, in a directory of our own: none of the machine's is needed, and none is changed.
    execFileSync("localedef", ["-i", "de_DE", "-f", "UTF-8", path.join(directory, LOCALE)], { stdio: "ignore" });
  } catch {
    remove();
    return "localedef cannot make the locale de_DE";
  }
  mkdirSync(path.join(directory, "bin"));
  for (const program of ["initdb", "postgres"]) {
    const file = path.join(directory, "bin", program);
    // Whatever it is started with: in the C locale it would write f?r for für before it knows the database's encoding.
    const env = `unset LC_ALL\nexport LOCPATH='${directory}' LC_CTYPE=${LOCALE}`;
    writeFileSync(file, `#!/bin/sh\n${env}\nexec '${path.join(bin, program)}' "$@"\n`);
    chmodSync(file, 0o755);
  }
  chmodSync(directory, 0o755);
  return { nativeDir: directory, version: `${major}.0`, major, remove };
}

export const LOCALE = "de_DE.UTF-8";

const INSTALLED = "/usr/lib/postgresql";

function installedMajors(): number[] {
  const names = existsSync(INSTALLED) ? readdirSync(INSTALLED) : [];
  return names.map(Number).filter((major) => existsSync(path.join(INSTALLED, String(major), "bin", "postgres")));
}

function catalogue(major: number): string {
  return `/usr/share/locale/de/LC_MESSAGES/postgres-${major}.mo`;
}
