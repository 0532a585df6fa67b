import { TIMEOUTS, type Override, type Setting, type TimeoutName, type Tuning } from "../model/tuning.ts";
import type { TextRow } from "./decode.ts";
import type { Encodings } from "./encodings.ts";

interface Us {
  readonly user: string;
  readonly database: string;
}

/** Memory of the machine, or of the container, that the server runs in; null where that is not known. */
type Machine = Pick<Tuning, "machineBytes" | "machineIs">;

/** The rows of tuning.sql and overrides.sql. What our own session begins with hides what others would get where we have an override. */
export function decodeTuning(
  settings: readonly TextRow[],
  overrides: readonly TextRow[],
  us: Us,
  encodings: Encodings,
  machine: Machine,
): Tuning {
  const byName = new Map(settings.map(([name, value, unit]) => [name, { value: Number(value), unit: unit ?? "" }]));
  const read = (name: string): number | null => {
    const setting = byName.get(name);
    return setting === undefined ? null : setting.value * (UNITS[setting.unit] ?? 1);
  };
  const written = overrides.map((row) => override(row, encodings));
  const own = new Set(written.filter((one) => isOurs(one, us)).map(({ name }) => name));
  const seconds = (name: TimeoutName): number | null => {
    const ms = own.has(name) ? null : (byName.get(name)?.value ?? null);
    return ms === null ? null : ms / 1000;
  };
  const maintenanceWorkMemBytes = read("maintenance_work_mem") ?? 0;
  const autovacuumWorkMem = read("autovacuum_work_mem");
  return {
    workMemBytes: read("work_mem") ?? 0,
    hashMemMultiplier: read("hash_mem_multiplier") ?? 1,
    maintenanceWorkMemBytes,
    autovacuumWorkMemBytes:
      autovacuumWorkMem === null || autovacuumWorkMem < 0 ? maintenanceWorkMemBytes : autovacuumWorkMem,
    tempBuffersBytes: read("temp_buffers") ?? 0,
    autovacuumMaxWorkers: read("autovacuum_max_workers") ?? 0,
    maxParallelWorkers: read("max_parallel_workers") ?? 0,
    maxParallelWorkersPerGather: read("max_parallel_workers_per_gather") ?? 0,
    sharedBytes: read("shared_memory_size") ?? read("shared_buffers") ?? 0,
    autovacuumFreezeMaxAge: read("autovacuum_freeze_max_age") ?? 200_000_000,
    autovacuumMultixactFreezeMaxAge: read("autovacuum_multixact_freeze_max_age") ?? 400_000_000,
    maxPreparedTransactions: read("max_prepared_transactions") ?? 0,
    timeouts: Object.fromEntries(TIMEOUTS.map((name) => [name, seconds(name)])) as Tuning["timeouts"],
    overrides: written,
    ...machine,
    settings: settings.map(setting),
  };
}

function setting([name, value, unit, bootValue, source, context, pendingRestart]: TextRow): Setting {
  return {
    name: name!,
    value: value ?? "",
    unit: unit ?? null,
    bootValue: bootValue ?? null,
    // What our own session has set hides where the value comes from that others begin with.
    source: source !== "session" ? source! : value === bootValue ? "default" : null,
    context: context!,
    pendingRestart: pendingRestart === "t",
  };
}

/** pg_settings counts memory in these. */
const UNITS: Readonly<Record<string, number>> = { "8kB": 8192, kB: 1024, MB: 2 ** 20 };

function override([database, role, name, value]: TextRow, encodings: Encodings): Override {
  return {
    database: database == null ? null : encodings.name(database),
    role: role == null ? null : encodings.name(role),
    name: name!,
    value: value ?? "",
  };
}

function isOurs({ database, role }: Override, us: Us): boolean {
  return (database === null || database === us.database) && (role === null || role === us.user);
}
