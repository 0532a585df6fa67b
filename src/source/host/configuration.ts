import { readdir } from "node:fs/promises";
import path from "node:path";
import { parseArguments, parseConfiguration } from "./configuration-text.ts";
import { plainFile } from "./plain-file.ts";

/** What a server's command line and files say, as far as we may read them. */
export interface Configuration {
  /** The value that counts; null when it is set nowhere, or nobody can tell. */
  value(name: string): string | null;
  /** The files could be read: what is set nowhere has its default. */
  readonly complete: boolean;
  /** Files that could not be read, by name. */
  readonly unreadable: readonly string[];
  /** Files that were changed later than that, by name. */
  changedAfter(seconds: number): readonly string[];
  /** Where postgresql.conf says that the data is, when it is not beside it. */
  readonly dataDirectory: string | null;
}

/**
 * As PostgreSQL puts it together: the command line over postgresql.auto.conf over postgresql.conf with what it includes, and in each of them the
 * last one counts. `-D` may be a directory of configuration alone, as Debian has it. `workingDirectory` is the server's own, which
 * is its data directory; null where we may not look.
 */
export async function configuration(words: readonly string[], workingDirectory: string | null): Promise<Configuration> {
  const given = settingsOf(parseArguments(words));
  const argument = given.get("data_directory_argument") ?? null;
  const directory = argument !== null && path.isAbsolute(argument) ? argument : workingDirectory;
  const main = given.get("config_file") ?? (directory === null ? null : path.join(directory, "postgresql.conf"));
  const reading: Reading = { values: new Map(), files: new Map(), unreadable: [], left: MOST_FILES };
  const found = main !== null && path.isAbsolute(main) && (await readInto(reading, main, 0));
  const dataDirectory =
    workingDirectory ?? absolute(given.get("data_directory") ?? reading.values.get("data_directory") ?? directory);
  // ALTER SYSTEM begins this file; without one there is nothing to be missed.
  if (found && dataDirectory !== null) await readInto(reading, path.join(dataDirectory, "postgresql.auto.conf"), 0);
  return {
    value: (name) => given.get(name) ?? reading.values.get(name) ?? null,
    complete: found && reading.unreadable.length === 0 && dataDirectory !== null,
    unreadable: reading.unreadable.map((file) => path.basename(file)),
    changedAfter: (seconds) =>
      [...reading.files].filter(([, changed]) => changed > seconds).map(([file]) => path.basename(file)),
    dataDirectory,
  };
}

interface Reading {
  readonly values: Map<string, string>;
  /** When each of them was last changed, seconds since the epoch. */
  readonly files: Map<string, number>;
  readonly unreadable: string[];
  /** So many more are read. */
  left: number;
}

/** False when it could not be read, which is noted unless it need not be there. */
async function readInto(reading: Reading, file: string, depth: number): Promise<boolean> {
  // Files that include each other, tenfold on each level, would never end; PostgreSQL does not start with them.
  if (depth > DEEPEST || reading.left-- <= 0) {
    reading.unreadable.push(file);
    return false;
  }
  let text: string;
  try {
    const plain = await plainFile(file);
    ({ text } = plain);
    reading.files.set(file, plain.changedSeconds);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") reading.unreadable.push(file);
    return false;
  }
  for (const { name, value } of parseConfiguration(text)) {
    const target = path.resolve(path.dirname(file), value);
    if (name === "include" || name === "include_if_exists") await readInto(reading, target, depth + 1);
    else if (name === "include_dir") await readDirectory(reading, target, depth + 1);
    else reading.values.set(name, value);
  }
  return true;
}

async function readDirectory(reading: Reading, directory: string, depth: number): Promise<void> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch {
    reading.unreadable.push(directory);
    return;
  }
  const files = names.filter((name) => name.endsWith(".conf") && !name.startsWith(".")).sort();
  for (const name of files) await readInto(reading, path.join(directory, name), depth);
}

function settingsOf(
  entries: readonly { readonly name: string; readonly value: string }[],
): ReadonlyMap<string, string> {
  return new Map(entries.map(({ name, value }) => [name, value]));
}

function absolute(directory: string | null): string | null {
  return directory !== null && path.isAbsolute(directory) ? directory : null;
}

/** PostgreSQL's own CONF_FILE_MAX_DEPTH. */
const DEEPEST = 10;
const MOST_FILES = 200;
