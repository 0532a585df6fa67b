import type { Option } from "./option-table.ts";
import { UsageError } from "./usage-error.ts";
import { BadValue } from "./values.ts";

/**
 * What an option was set to.
 * @param named how whoever wrote it would find it: `--interval`, `PGTRIAGE_INTERVAL`, `"interval" in FILE`
 */
export function read(option: Option, text: string, named: string): unknown {
  try {
    return option.value.read(text);
  } catch (error) {
    if (error instanceof BadValue) throw new UsageError(`${named} ${error.message}`, { cause: error });
    throw error;
  }
}
