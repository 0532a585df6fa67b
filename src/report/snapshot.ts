import { clientName } from "../analysis/client-name.ts";
import { GROUPINGS, holders } from "../analysis/holders.ts";
import { reserveOf } from "../analysis/reserve.ts";
import { slots, type Range, type Thresholds } from "../analysis/slots.ts";
import { states, STATES } from "../analysis/states.ts";
import { blocking } from "../analysis/blocking.ts";
import { usageOf } from "../analysis/usage-of.ts";
import { isHidden, type Backend } from "../model/backend.ts";
import { speaksSql, type ClosedLane } from "../model/lane.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { findingsOf } from "./assessed.ts";
import { blockingRecord } from "./blocking.ts";
import { findingRecord } from "./findings.ts";
import { horizonRecord } from "./horizon.ts";
import { memoryRecord } from "./memory.ts";
import { processRecords } from "./processes.ts";
import { isSession } from "../state/rows.ts";
import { identifier } from "../text/identifier.ts";

/**
 * `pgtriage.snapshot/1`: one reading, assessed, for scripts. Field names are stable within a schema number; what is not known is
 * null and never 0. Texts are raw, as the server sent them: visibleJson() makes them harmless.
 */
export function snapshot(sample: Sample, thresholds: Thresholds, closed: readonly ClosedLane[] = []): object {
  const { server } = sample;
  return {
    schema: "pgtriage.snapshot/1",
    takenAt: new Date(sample.takenAt).toISOString(),
    costMs: round(sample.costMs),
    server: {
      version: server.version,
      versionNum: server.versionNum,
      role: server.role,
      host: server.host,
      port: server.port,
      database: server.database,
      user: server.user,
      startedAt: new Date(server.startedSeconds * 1000).toISOString(),
    },
    lane: server.lane === "normal" && reserveOf(sample) !== null ? "reserved" : server.lane,
    reserve: reserveOf(sample),
    closedLanes: closed.map(({ lane, why }) => ({ lane, why })),
    rights: rights(sample, thresholds),
    slots: slotsOf(sample, thresholds),
    states: Object.fromEntries(STATES.map((name) => [name, states(sample).byState[name].count])),
    holders: GROUPINGS.flatMap((by) =>
      holders(sample, by).map((holder) => ({ ...holder, oldestStateSeconds: round(holder.oldestStateSeconds) })),
    ),
    blocking: blockingRecord(sample),
    horizon: horizonRecord(sample),
    auxiliary: processRecords(sample),
    counters: sample.counters,
    workings: sample.workings,
    refused: sample.refused,
    memory: memoryRecord(sample),
    findings: findingsOf(sample, thresholds).map(findingRecord),
    backends: sample.backends.filter(isSession).map((backend) => backendOf(backend, sample)),
  };
}

function rights(sample: Sample, thresholds: Thresholds): object {
  const { rights: mine, user, lane } = sample.server;
  const missing: string[] = [];
  // No GRANT opens the processes of a machine.
  if (!speaksSql(lane))
    return { seeAll: true, cancel: mine.signal, terminate: mine.signal, hiddenBackends: 0, missing };
  if (!mine.seeAll) missing.push(`GRANT pg_monitor TO ${identifier(user)}`);
  if (!mine.signal) missing.push(`GRANT pg_signal_backend TO ${identifier(user)}`);
  return {
    seeAll: mine.seeAll,
    cancel: mine.signal,
    terminate: mine.signal,
    hiddenBackends: slots(sample, thresholds).hidden,
    missing,
  };
}

/** `used` and `free` are null while hidden backends make them uncertain; the bounds are always there. */
function slotsOf(sample: Sample, thresholds: Thresholds): object {
  const { server } = sample;
  const now = slots(sample, thresholds);
  return {
    max: now.max,
    superuserReserved: now.superuserReserved,
    reserved: now.reserved,
    app: now.app,
    used: exact(now.used),
    usedAtLeast: now.used.low,
    usedAtMost: now.used.high,
    free: now.free,
    level: now.level,
    halfOpen: server.postmaster === null ? null : now.halfOpen,
    walsenders: { used: server.rights.seeAll ? now.walsenders.used : null, max: now.walsenders.max },
    // Those of roles and databases stand in a catalogue.
    limits: !speaksSql(server.lane)
      ? null
      : now.limits.map(({ kind, name, limit, used }) => ({ kind, name, limit, used: exact(used) })),
  };
}

function backendOf(backend: Backend, sample: Sample): object {
  const client = clientName(backend);
  const hidden = isHidden(backend);
  // A title tells the name of a command at the most, and whether it waits, not for whom.
  const bySql = speaksSql(sample.server.lane);
  return {
    pid: backend.pid,
    backendStart: backend.backendStart,
    backendType: backend.backendType,
    user: backend.user,
    database: backend.database,
    application: backend.application,
    client: client === null || backend.clientAddress === null ? client : `${client}:${backend.clientPort ?? ""}`,
    state: backend.state,
    waitEventType: backend.waitEventType,
    waitEvent: backend.waitEvent,
    connectedSeconds: age(backend.backendStartSeconds, sample),
    xactSeconds: age(backend.xactStartSeconds, sample),
    querySeconds: age(backend.queryStartSeconds, sample),
    stateSeconds: age(backend.stateChangeSeconds, sample),
    backendXid: backend.backendXid,
    backendXmin: backend.backendXmin,
    leaderPid: backend.leaderPid,
    queryId: backend.queryId,
    cpuPercent: round(usageOf(backend, sample)?.cpuPercent ?? null),
    memoryBytes: usageOf(backend, sample)?.memoryBytes ?? null,
    memoryHow: usageOf(backend, sample)?.memoryHow ?? null,
    blockedBy: hidden || !bySql ? null : backend.blockedBy,
    blocks: bySql ? (blocking(sample).blocks.get(backend.pid) ?? (slots(sample).hidden === 0 ? 0 : null)) : null,
    query: hidden || (!bySql && backend.query === "") ? null : backend.query,
  };
}

function exact(range: Range): number | null {
  return range.low === range.high ? range.low : null;
}

function age(startSeconds: number | null, sample: Sample): number | null {
  return round(secondsSince(startSeconds, sample));
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
