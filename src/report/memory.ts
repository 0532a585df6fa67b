import { autovacuumWorkersAllowed } from "../analysis/autovacuum.ts";
import { memory } from "../analysis/memory.ts";
import { RESTING_BYTES, type PrivateMemory } from "../analysis/private-memory.ts";
import { MAINTENANCE_COMMANDS, type Demand } from "../analysis/demand.ts";
import type { Sample } from "../model/reading.ts";

/** What the processes have of memory and may take of it, for scripts, with all that it rests on; null where nobody tells what is set. */
export function memoryRecord(sample: Sample): object | null {
  const { shared, sessions, others, now, full, seed, machine, operations, overrides, ours } = memory(sample);
  const { tuning } = sample.server;
  if (tuning === null || shared === null || now === null) return null;
  const { measured } = sessions;
  return {
    sharedBytes: shared.bytes,
    perBackendBytes: {
      ...RESTING_BYTES,
      measured: measured === null ? null : Math.round(measured.sumBytes / measured.processes),
    },
    atRiskNowBytes: Math.round(now.totalBytes),
    worstCaseBytes: full === null ? null : Math.round(full.totalBytes),
    machineBytes: machine?.bytes ?? null,
    inputs: {
      sharedIs: shared.about ? "about" : "reported",
      machineIs: machine?.is ?? null,
      sessions: sessionRecord(sessions),
      otherProcesses: sessionRecord(others),
      operationsPerQuery: operations,
      workMemBytes: tuning.workMemBytes,
      hashMemMultiplier: tuning.hashMemMultiplier,
      maxConnections: sample.server.settings.maxConnections,
      maxParallelWorkers: tuning.maxParallelWorkers,
      maxParallelWorkersPerGather: tuning.maxParallelWorkersPerGather,
      autovacuumWorkers: autovacuumWorkersAllowed(tuning),
      autovacuumWorkMemBytes: tuning.autovacuumWorkMemBytes,
      maintenanceCommands: MAINTENANCE_COMMANDS,
      maintenanceWorkMemBytes: tuning.maintenanceWorkMemBytes,
      tempBuffersBytes: tuning.tempBuffersBytes,
      overrides,
      // What these say is set for our own role, database or connection; the server's own is not told.
      setForUs: ours.map(({ name, source }) => ({ name, source })),
      now: demandRecord(now),
      worstCase: full === null ? null : demandRecord(full),
      seedFormulaBytes: seed?.bytes ?? null,
      seedFormulaCappedBytes: seed?.cappedBytes ?? null,
    },
  };
}

function sessionRecord({ processes, lowBytes, highBytes, measured }: PrivateMemory): object {
  return { processes, lowBytes, highBytes, measured };
}

function demandRecord({ parallel, ...parts }: Demand): object {
  return { ...parts, parallelWorkers: parallel.workers, parallelBytes: parallel.bytes };
}
