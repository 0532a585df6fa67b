import { fileLog, noLog, type Log } from "../log.ts";
import { UsageError } from "../settings/usage-error.ts";

/** @throws UsageError when it cannot be written: better at start than at the first failure */
export function logFile(file: string | null): Log {
  if (file === null) return noLog;
  try {
    return fileLog(file);
  } catch (error) {
    const { code = "no reason given" } = error as NodeJS.ErrnoException;
    throw new UsageError(`the log file ${file} cannot be written (${code})`, { cause: error });
  }
}
