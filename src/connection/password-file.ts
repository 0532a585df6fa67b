import { readFileSync, statSync } from "node:fs";

/** Whose password is looked for. */
export interface PasswordKey {
  /** Host name, address or socket directory, as it was asked for. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

export interface Found {
  readonly password: string | null;
  /** Why the file was not used, in half a sentence; null when it was read or is not there. */
  readonly ignored: string | null;
}

/** Socket directories that libpq's builds have for their default one: in the file these are called localhost. */
export const SOCKET_DIRECTORIES: readonly string[] = ["/var/run/postgresql", "/tmp"];

/**
 * The first line of a password file (`host:port:database:user:password`, `*` for any, `\:` and `\\` escaped) that fits. As libpq
 * does, a file that others may read is not used.
 */
export function passwordFromFile(file: string, key: PasswordKey): Found {
  let text: string;
  try {
    const { mode } = statSync(file);
    if ((mode & 0o170000) !== 0o100000) return { password: null, ignored: `${file} is not used: it is no plain file` };
    if ((mode & 0o077) !== 0)
      return { password: null, ignored: `${file} is not used because others may read it: chmod 600 ${file}` };
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code = "no reason given" } = error as NodeJS.ErrnoException;
    return { password: null, ignored: code === "ENOENT" ? null : `${file} cannot be read (${code})` };
  }
  const hosts = SOCKET_DIRECTORIES.includes(key.host) ? [key.host, "localhost"] : [key.host];
  for (const line of text.split("\n")) {
    const [host, port, database, user, password] = fields(line.replace(/\r$/, ""));
    if (
      password !== undefined &&
      hosts.some((name) => fits(host!, name)) &&
      fits(port!, String(key.port)) &&
      fits(database!, key.database) &&
      fits(user!, key.user)
    ) {
      return { password: unescape(password), ignored: null };
    }
  }
  return { password: null, ignored: null };
}

/** The four names, and as the fifth all that stands behind them. */
function fields(line: string): string[] {
  if (line.startsWith("#")) return [];
  const parts = /^((?:\\.|[^:\\])*):((?:\\.|[^:\\])*):((?:\\.|[^:\\])*):((?:\\.|[^:\\])*):((?:\\.|[^:])*)/.exec(line);
  return parts === null ? [] : parts.slice(1);
}

function fits(pattern: string, value: string): boolean {
  return pattern === "*" || unescape(pattern) === value;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}
