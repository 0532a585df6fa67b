import { appendFileSync } from "node:fs";
import { redact } from "./connection/redact.ts";
import { visibleJson } from "./text/json.ts";

/** One JSON line for each thing worth knowing later. While the screen belongs to the dashboard, this is the only place for stacks. */
export interface Log {
  (what: string, error?: unknown): void;
  /**
   * One line of our own making, its texts without passwords. False when it could not be written: whoever asked for a trail of what
   * was done must hear that there is none. Without a log there is none to miss.
   */
  record(entry: object): boolean;
}

export const noLog: Log = Object.assign(() => undefined, { record: () => true });

/** @throws when the file cannot be written: better at start than at the first failure */
export function fileLog(path: string): Log {
  const write = (entry: object): void => appendFileSync(path, `${visibleJson(entry)}\n`, { mode: 0o600 });
  write({ at: new Date().toISOString(), what: "started", pid: process.pid });
  function record(entry: object): boolean {
    try {
      write({ at: new Date().toISOString(), ...entry });
      return true;
    } catch {
      // A full disk must not end the dashboard.
      return false;
    }
  }
  function log(what: string, error?: unknown): void {
    record({ what: redact(what), ...(error === undefined ? {} : told(error)) });
  }
  return Object.assign(log, { record: (entry: object) => record(redacted(entry) as object) });
}

/** The same with every text in it redacted. Names of fields are our own. */
function redacted(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redacted(inner)]));
}

/** Causes of causes that are still told, and errors of an error that has several. */
const DEPTH = 4;
const SEVERAL = 4;

/**
 * The parts of an error that help; never its `client`, `config`, `input` or whatever else a driver hangs on it, passwords among it.
 * Texts are as they came, the escapes of JSON make them harmless.
 */
function told(error: unknown, depth = DEPTH): object {
  if (!(error instanceof Error)) return { error: redact(asText(error)) };
  const { code, routine, cause, errors } = error as Error & { code?: unknown; routine?: unknown; errors?: unknown };
  return {
    error: redact(error.message),
    ...(isShort(code) ? { code } : {}),
    ...(isShort(routine) ? { routine } : {}),
    ...(error.stack === undefined ? {} : { stack: redact(error.stack) }),
    ...(cause === undefined || depth === 0 ? {} : { cause: told(cause, depth - 1) }),
    ...(Array.isArray(errors) && depth > 0
      ? { errors: errors.slice(0, SEVERAL).map((one: unknown) => told(one, depth - 1)) }
      : {}),
  };
}

/** An object that was thrown may hold anything: its name tells enough. */
function asText(thrown: unknown): string {
  if (typeof thrown === "object" && thrown !== null) return Object.prototype.toString.call(thrown);
  return String(thrown);
}

function isShort(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
