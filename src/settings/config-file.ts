import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { config, type Config } from "./config.ts";
import { CONFIG_VARIABLE, type Environment } from "./environment.ts";
import { JsonFault, parseJson } from "./json.ts";
import { UsageError } from "./usage-error.ts";

const NOTHING: Config = { settings: new Map(), connections: new Map(), exposed: null };

/**
 * The config file that was asked for, by flag or variable, which must exist; else the usual one, which may be missing.
 * @throws UsageError naming the file and the key, and quoting nothing of a conninfo
 */
export function configFile(asked: string | undefined, env: Environment): Config {
  const named = asked ?? filled(env[CONFIG_VARIABLE]);
  const home = filled(env["HOME"]) ?? homeOfUser();
  const file = named ?? usualFile(env, home);
  const text = file === null ? null : contents(file, named !== undefined);
  if (file === null || text === null) return NOTHING;
  return config(json(text, file), {
    file,
    // A file in which somebody writes ~ or a name alone means its own surroundings, not the directory of the moment.
    locate: (name) =>
      path.resolve(
        path.dirname(file),
        name.replace(/^~(?=\/)/, () => home ?? "~"),
      ),
    readableByOthers: () => readableByOthers(file),
  });
}

/** `$XDG_CONFIG_HOME/pgtriage/config.json`; as the standard wants it, a relative $XDG_CONFIG_HOME counts as none. */
function usualFile(env: Environment, home: string | null): string | null {
  const configured = env["XDG_CONFIG_HOME"] ?? "";
  if (path.isAbsolute(configured)) return path.join(configured, "pgtriage", "config.json");
  return home === null ? null : path.join(home, ".config", "pgtriage", "config.json");
}

function contents(file: string, mustExist: boolean): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!mustExist && (code === "ENOENT" || code === "ENOTDIR")) return null;
    throw new UsageError(`the config file ${file} cannot be read: ${REASONS[code] ?? code}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "its directory is a file",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
};

function json(text: string, file: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonFault) throw new UsageError(`${file} is no JSON: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Windows has no such bits. */
function readableByOthers(file: string): boolean {
  const OTHERS = 0o077;
  return process.platform !== "win32" && (statSync(file).mode & OTHERS) !== 0;
}

function homeOfUser(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}

function filled(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
