import { fileLog, noLog, type Log } from "../log.ts";
import { UsageError } from "../settings/usage-error.ts";

/** @throws UsageError when it cannot be written: better at start than at the first failure */
export function logFile(file: string | null): Log {
  if (file === null) return noLog;
  try {
    return fileLog(file);
  } catch (error) {
    throw new UsageError(`--log: ${error instanceof Error ? error.message : "cannot be written"}`, { cause: error });
  }
}
