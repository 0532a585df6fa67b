import { numberOf } from "../analysis/setting-read.ts";
import { counted, type Counted } from "../history/counted.ts";
import { majorOf } from "../model/server.ts";
import type { Sample } from "../model/reading.ts";
import { bytes } from "../text/bytes.ts";
import { duration, plural, span } from "../text/format.ts";
import { AGES, type Context, type Finding, type Rule } from "./rule.ts";
import { change } from "./steps.ts";

export const checkpointsForced: Rule = {
  id: "checkpoints-forced",
  title: "checkpoints that come early, because max_wal_size is reached before checkpoint_timeout is over",
  check(context) {
    const forced = forcedBy(context);
    return forced === null ? [] : [finding(forced, context.sample)];
  },
};

/** One may be somebody's CHECKPOINT, and another the beginning of a backup. */
const LEAST = 3;
/** Somebody's own checkpoint comes after less WAL than one that is forced, which it then puts off. */
const GOOD_PART = 0.5;
/** As often as that, they hurt: each one writes whole pages to WAL again. */
const OFTEN_SECONDS = 60;

interface Forced {
  readonly requested: number;
  readonly timed: number;
  readonly seconds: number;
  readonly walPerSecond: number;
  readonly maxWalBytes: number;
  readonly timeoutSeconds: number;
}

/** By WAL, and not by somebody who asked for them: what is said of the checkpointer goes by the same. */
export function areForced(context: Pick<Context, "sample" | "history">): boolean {
  return forcedBy({ ...context, ages: AGES }) !== null;
}

/** Null: there are not enough of them, or somebody asked for them, or it is not known. A standby's are as its primary's. */
function forcedBy({ sample, history, ages }: Pick<Context, "sample" | "history" | "ages">): Forced | null {
  const { tuning, role } = sample.server;
  const both = counted(history, ages.checkpoints);
  const maxWalBytes = numberOf(tuning, "max_wal_size");
  const timeoutSeconds = numberOf(tuning, "checkpoint_timeout");
  // What history still has is not what is so now.
  if (role === "standby" || sample.counters === null) return null;
  if (both === null || maxWalBytes === null || timeoutSeconds === null) return null;
  const requested = both.to.checkpoints.requested - both.from.checkpoints.requested;
  const timed = both.to.checkpoints.timed - both.from.checkpoints.timed;
  const wal = walBytes(both);
  if (requested < LEAST || requested <= timed || wal === null) return null;
  if (wal / requested < GOOD_PART * distance(sample, maxWalBytes)) return null;
  return { requested, timed, seconds: both.seconds, walPerSecond: wal / both.seconds, maxWalBytes, timeoutSeconds };
}

function walBytes({ from, to }: Counted): number | null {
  return from.walBytes === null || to.walBytes === null ? null : to.walBytes - from.walBytes;
}

/** WAL from one checkpoint to the next that is forced: WAL is kept until the next is complete, up to 10 even since the one before. */
function distance({ server }: Sample, maxWalBytes: number): number {
  return maxWalBytes / cycles(server);
}

function cycles(server: Sample["server"]): number {
  const target = numberOf(server.tuning, "checkpoint_completion_target") ?? 0.9;
  return ((majorOf(server) ?? 18) >= 11 ? 1 : 2) + target;
}

function finding(forced: Forced, { server }: Sample): Finding {
  const { requested, timed, seconds, walPerSecond, maxWalBytes, timeoutSeconds } = forced;
  const every = seconds / requested;
  const enough = roundedUp(Math.max(walPerSecond * timeoutSeconds * cycles(server) * ROOM, 2 * maxWalBytes));
  const wanted = Math.min(enough, Math.max(MOST, 2 * maxWalBytes));
  return {
    id: checkpointsForced.id,
    about: "",
    severity: every < OFTEN_SECONDS ? "warning" : "info",
    title: `${requested} checkpoints in ${span(seconds)} were forced by max_wal_size = ${bytes(maxWalBytes)}, ${timed === 0 ? "none" : timed} came by time`,
    evidence: [
      `one every ${duration(every)}; checkpoint_timeout would have it every ${duration(timeoutSeconds)}`,
      `${bytes(walPerSecond)} of WAL a second: ${bytes(walPerSecond * timeoutSeconds)} within checkpoint_timeout`,
      "after each one, every page that is changed goes to WAL whole: the more often, the more WAL",
    ],
    next: [
      change(
        "max_wal_size",
        inGigabytes(wanted),
        `let WAL grow until checkpoints come by time, if the disk of pg_wal has ${bytes(wanted)} to spare`,
        server,
      ),
      {
        text: "see what it brings: requested ones should no longer outnumber the timed ones",
        sql:
          (majorOf(server) ?? 18) >= 17
            ? "SELECT num_timed, num_requested FROM pg_stat_checkpointer;"
            : "SELECT checkpoints_timed, checkpoints_req FROM pg_stat_bgwriter;",
      },
      { text: "if it is a load that ends soon: nothing, or the same only for as long as it lasts" },
    ],
    avoid: [
      `do not raise it without room: it costs disk, and after a crash WAL of up to ${plural(Math.max(1, Math.round(timeoutSeconds / 60)), "minute")} is replayed before anybody gets in`,
    ],
    sessions: [],
    process: "checkpointer",
  };
}

/** What is measured now is not the most there will be. */
const ROOM = 1.2;
/** More than that nobody keeps for the sake of a few checkpoints. */
const MOST = 64 * 2 ** 30;
const GB = 2 ** 30;

/** To the next power of two, a GB at the least. */
function roundedUp(amount: number): number {
  return GB * 2 ** Math.max(0, Math.ceil(Math.log2(amount / GB)));
}

function inGigabytes(amount: number): string {
  return `${Math.round(amount / GB)}GB`;
}
