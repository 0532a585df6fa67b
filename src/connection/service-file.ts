import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { home } from "./home.ts";
import { ConninfoError, isParameter, type Environment, type ParameterName, type Settings } from "./parameters.ts";

/** Where PostgreSQL's packages look for the whole machine's file: the directory is compiled into libpq, and packagers differ. */
const SYSTEM_DIRECTORIES = [
  "/etc/postgresql-common",
  "/etc/sysconfig/pgsql",
  "/etc/pgsql",
  "/usr/local/pgsql/etc",
  "/etc",
];

/**
 * The parameters of a service, from the user's file and then the machine's.
 *
 * @param file as servicefile or PGSERVICEFILE names it; then it alone takes the place of the user's own
 * @throws ConninfoError when there is no such service, or a file cannot be read or understood
 */
export function serviceSettings(service: string, file: string | undefined, env: Environment): Settings {
  const own = file !== undefined && file !== "" ? file : path.join(home(env), ".pg_service.conf");
  if (file !== undefined && file !== "" && !existsSync(own)) throw new ConninfoError(`there is no service file ${own}`);
  for (const candidate of [own, systemFile(env)]) {
    if (candidate === null || !existsSync(candidate)) continue;
    const found = section(candidate, service);
    if (found !== null) return found;
  }
  throw new ConninfoError(
    `no service "${service}" is defined in ${own}${systemFile(env) === null ? "" : ` or ${systemFile(env)}`}`,
  );
}

function systemFile(env: Environment): string | null {
  const named = env["PGSYSCONFDIR"];
  const directories = named !== undefined && named !== "" ? [named] : SYSTEM_DIRECTORIES;
  return (
    directories.map((directory) => path.join(directory, "pg_service.conf")).find((file) => existsSync(file)) ?? null
  );
}

/** The lines `name=value` below `[service]`; null when the file has no such section. The first word on a parameter counts. */
function section(file: string, service: string): Settings | null {
  const settings: Partial<Record<ParameterName, string>> = {};
  let inside = false;
  let found = false;
  for (const [index, raw] of read(file).split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (found) break;
      inside = line === `[${service}]`;
      found ||= inside;
    } else if (inside) {
      // Not quoted: a line of it may be a password.
      const where = `line ${index + 1} of the service file ${file}`;
      const equals = line.indexOf("=");
      if (equals < 0) throw new ConninfoError(`${where} is not name=value`);
      const name = line.slice(0, equals);
      if (name === "service" || name === "servicefile")
        throw new ConninfoError(`${where} names a service within a service`);
      if (!isParameter(name)) throw new ConninfoError(`${where} sets a parameter that there is not`);
      settings[name] ??= line.slice(equals + 1);
    }
  }
  return found ? settings : null;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConninfoError(
      `the service file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "no reason given"})`,
    );
  }
}
