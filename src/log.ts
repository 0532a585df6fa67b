import { appendFileSync } from "node:fs";
import { clean } from "./text/clean.ts";

/** One JSON line for each thing worth knowing later. While the screen belongs to the dashboard, this is the only place for stacks. */
export type Log = (what: string, error?: unknown) => void;

export const noLog: Log = () => undefined;

/** @throws when the file cannot be written: better at start than at the first failure */
export function fileLog(path: string): Log {
  const write = (entry: object): void => appendFileSync(path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  write({ at: new Date().toISOString(), what: "started", pid: process.pid });
  return (what, error) => {
    const entry = { at: new Date().toISOString(), what, ...(error === undefined ? {} : told(error)) };
    try {
      write(entry);
    } catch {
      // A full disk must not end the dashboard.
    }
  };
}

/** The parts of an error that help; never its `client`, `config` or whatever else a driver hangs on it, passwords among it. */
function told(error: unknown): object {
  if (!(error instanceof Error)) return { error: clean(String(error)) };
  const { code, routine } = error as { code?: string; routine?: string };
  return { error: clean(error.message), code, routine, stack: error.stack };
}
