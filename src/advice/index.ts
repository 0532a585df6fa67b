import { lastResult } from "../analysis/last-result.ts";
import { absentProcess } from "./absent-process.ts";
import { archiverFailing } from "./archiver-failing.ts";
import { autovacuumOff } from "./autovacuum-off.ts";
import { autovacuumSaturated } from "./autovacuum-saturated.ts";
import { checkpointsForced } from "./checkpoints-forced.ts";
import { connectionLimit } from "./connection-limit.ts";
import { connectionStorm } from "./connection-storm.ts";
import { durabilityOff } from "./durability-off.ts";
import { halfOpenFlood } from "./half-open-flood.ts";
import { hiddenBackends } from "./hidden-backends.ts";
import { idleInTransaction } from "./idle-in-transaction.ts";
import { inactiveSlot } from "./inactive-slot.ts";
import { leak } from "./leak.ts";
import { lockPileUp } from "./lock-pile-up.ts";
import { longTransaction } from "./long-transaction.ts";
import { memoryRisk } from "./memory-risk.ts";
import { noSafetyTimeouts } from "./no-safety-timeouts.ts";
import { oversizedPools } from "./oversized-pools.ts";
import { pendingRestart } from "./pending-restart.ts";
import { preparedOrphan } from "./prepared-orphan.ts";
import { reconnectStorm } from "./reconnect-storm.ts";
import { AGES, type Ages, type Context, type Finding, type Rule, type Severity } from "./rule.ts";
import { serverCrashed } from "./server-crashed.ts";
import { serverRestarted } from "./server-restarted.ts";
import { slotsNearlyFull } from "./slots-nearly-full.ts";
import { slowPile } from "./slow-pile.ts";
import { wraparound } from "./wraparound.ts";

/**
 * In the order in which they are told where they are equally severe: causes before what follows from them, and what lets in nobody, or stops
 * the server, before what slows it down. That the slots are nearly full comes after everything that explains it.
 */
export const RULES: readonly Rule[] = [
  serverCrashed,
  halfOpenFlood,
  reconnectStorm,
  lockPileUp,
  leak,
  connectionStorm,
  slowPile,
  oversizedPools,
  connectionLimit,
  slotsNearlyFull,
  absentProcess,
  durabilityOff,
  autovacuumOff,
  wraparound,
  archiverFailing,
  idleInTransaction,
  preparedOrphan,
  inactiveSlot,
  longTransaction,
  autovacuumSaturated,
  memoryRisk,
  checkpointsForced,
  serverRestarted,
  hiddenBackends,
  noSafetyTimeouts,
  pendingRestart,
];

/** Everything that is wrong at this moment, the most urgent first. */
export function findings({
  sample,
  history,
  thresholds,
  returned,
  ages = AGES,
}: Omit<Context, "ages"> & { readonly ages?: Ages }): readonly Finding[] {
  return assess(sample, history, thresholds, returned, ages);
}

// Several panels ask the same question of the same sample in one paint.
const assess = lastResult(
  (
    sample: Context["sample"],
    history: Context["history"],
    thresholds: Context["thresholds"],
    returned: Context["returned"],
    ages: Ages,
  ): readonly Finding[] => {
    const context: Context = { sample, history, thresholds, returned, ages };
    const found = RULES.flatMap((rule) => rule.check(context));
    // sort() keeps the order of those that are equal.
    found.sort((a, b) => URGENCY[a.severity] - URGENCY[b.severity]);
    return sample.server.role === "standby" ? found.map(fromStandby) : found;
  },
);

const URGENCY: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** What writes can be done on the primary alone. */
function fromStandby(finding: Finding): Finding {
  const next = finding.next.map((step) =>
    step.sql !== undefined && WRITES.test(step.sql) ? { ...step, text: `on the primary: ${step.text}` } : step,
  );
  return { ...finding, next };
}

const WRITES = /^(?:ALTER (?:ROLE|DATABASE)|GRANT|ROLLBACK PREPARED|VACUUM)/;
