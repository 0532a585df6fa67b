import type { Setting, Tuning } from "../model/tuning.ts";
import { isOurOwn } from "./setting-read.ts";

/**
 * Settings that memory is reckoned by, and of which only what our own role, database or connection is set to is told. What the server has for everybody else
 * cannot be known for certain: pg_file_settings has what the files say now, whether it was read or not, and nothing of the command line.
 */
export function ownSettings(tuning: Tuning | null): readonly Setting[] {
  return (tuning?.settings ?? []).filter((setting) => RECKONED.has(setting.name) && isOurOwn(setting));
}

/** Those that sums go by. Temporary tables are in none. */
export function inSums({ name }: Pick<Setting, "name">): boolean {
  return name !== "temp_buffers";
}

const RECKONED: ReadonlySet<string> = new Set([
  "work_mem",
  "hash_mem_multiplier",
  "maintenance_work_mem",
  "temp_buffers",
  "max_parallel_workers",
  "max_parallel_workers_per_gather",
]);
