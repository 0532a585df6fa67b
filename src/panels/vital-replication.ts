import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import type { StandbyLink } from "../model/workings.ts";
import { bytes } from "../text/bytes.ts";
import { duration, plural, span } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { parallelApplyWords } from "../text/process-words.ts";
import { isAsleep } from "../text/wait-words.ts";
import { progressWords } from "./progress-words.ts";
import { progressUnknown } from "./unknown-words.ts";
import { countedNow } from "./rate-words.ts";
import { ago, joined, untold, URGENCY, vital, type Vital, type VitalOf } from "./vital.ts";

export const walsenderVital: VitalOf = (node, sample) => {
  const { backend, pid } = node;
  const backup = progressWords(pid, sample);
  if (backup !== null) return vital(backup.short, backup.more);
  const standbys = sample.workings?.standbys ?? null;
  if (standbys === null) return untold(node, sample, "standbys");
  const link = standbys.find((one) => one.pid === pid);
  if (pid !== null && pid === sample.server.ownPid)
    return vital("sends nothing", ["Nobody is fed by it: we are it, and only ask."], "muted");
  if (link === undefined)
    return vital(
      "sends nothing",
      ["It is in no row of pg_stat_replication: it has just come, or only answers questions."],
      "muted",
    );
  if (link.state === null)
    return vital(
      "hidden from our role",
      [`What it feeds is hidden from our role: GRANT pg_monitor TO ${identifier(sample.server.user)}.`],
      "muted",
    );
  const lags = lagOf(link);
  const slot =
    link.slotName === null
      ? "without a slot: if it stays away, WAL that it needs may be removed"
      : `by slot ${link.slotName}`;
  return vital(
    joined([link.state, link.syncState].filter((word) => word !== null).join(" "), lags.short),
    [
      `${backend?.application || "Its client"} is ${link.state}, ${link.syncState ?? "its sync state is unknown"}, ${slot}.`,
      `${lags.unsent} ${lags.unreplayed} ${lags.seconds}`,
      ...(link.state === "backup" ? notToldHowFar(sample) : []),
    ],
    (link.state === "streaming" || link.state === "backup") && !lagsFar(behindOf(link), link.replaySeconds)
      ? "normal"
      : "warn",
    farness(behindOf(link), link.replaySeconds),
  );
};

/** A backup is told by its state as well: how far it is, by its progress alone. */
function notToldHowFar(sample: Sample): string[] {
  const unknown = progressUnknown(sample);
  return unknown === null ? [] : [`How far its backup is is unknown, because ${unknown.because}.`];
}

/** What a standby is behind its primary is nothing to look at before it would be missed in a fail-over. */
const FAR_BYTES = 256 * 2 ** 20;
const FAR_SECONDS = 30;

function lagsFar(behindBytes: number | null, lateSeconds: number | null): boolean {
  if (behindBytes !== null && behindBytes <= 0) return false;
  return (behindBytes ?? 0) > FAR_BYTES || (lateSeconds ?? 0) > FAR_SECONDS;
}

/** How many times as far as that. */
function farness(behindBytes: number | null, lateSeconds: number | null): number {
  return URGENCY.behind + Math.max((behindBytes ?? 0) / FAR_BYTES, (lateSeconds ?? 0) / FAR_SECONDS);
}

function behindOf({ unsentBytes, unreplayedBytes }: StandbyLink): number | null {
  return unreplayedBytes ?? unsentBytes;
}

function lagOf(link: StandbyLink): Record<"short" | "unsent" | "unreplayed" | "seconds", string> {
  const { unsentBytes, unreplayedBytes, replaySeconds } = link;
  const behind = behindOf(link);
  return {
    short: joined(
      behind !== null && (behind <= 0 ? "caught up" : `${bytes(behind)} behind`),
      replaySeconds !== null && (behind === null || behind > 0) && `${duration(replaySeconds)} late`,
    ),
    unsent:
      unsentBytes === null ? "What is not sent yet is unknown." : `${bytes(Math.max(0, unsentBytes))} not sent yet;`,
    unreplayed:
      unreplayedBytes === null
        ? "what is not replayed there is unknown, because it does not say."
        : `${bytes(Math.max(0, unreplayedBytes))} not replayed there.`,
    seconds:
      replaySeconds === null
        ? "No delay is measured while there is nothing to replay."
        : `Replay was ${duration(replaySeconds)} late when measured last.`,
  };
}

export const walReceiverVital: VitalOf = (node, sample) => {
  const receiver = sample.workings?.receiver ?? null;
  if (receiver === null) return untold(node, sample, "recovery");
  if (receiver === "none")
    return vital(
      "unknown: not told",
      [
        "From whom it receives is unknown, because pg_stat_wal_receiver has no row: it has just come, or is just going.",
      ],
      "muted",
    );
  if (receiver.status === null)
    return vital(
      "hidden from our role",
      [`What it does is hidden from our role: GRANT pg_monitor TO ${identifier(sample.server.user)}.`],
      "muted",
    );
  const from =
    receiver.senderHost === null
      ? null
      : `${receiver.senderHost}${receiver.senderPort === null ? "" : `:${receiver.senderPort}`}`;
  const heard =
    receiver.lastMessageSeconds === null ? "not heard yet" : `heard ${ago(receiver.lastMessageSeconds, sample)}`;
  const slot = receiver.slotName === null ? "without a slot" : `by slot ${receiver.slotName}`;
  return vital(
    joined(from === null ? receiver.status : `${receiver.status} from ${from}`, heard),
    [`It is ${receiver.status}, ${slot}, from ${from ?? "a server that is not told (before 11)"}; ${heard}.`],
    quiet(receiver.lastMessageSeconds, sample) ? "warn" : "normal",
    farness(null, secondsSince(receiver.lastMessageSeconds, sample)),
  );
};

/** A primary that lives says something after half of wal_receiver_timeout, 30 s by default, at the latest; the network takes its time as well. */
const QUIET_SECONDS = 40;

function quiet(since: number | null, sample: Sample): boolean {
  return (secondsSince(since, sample) ?? 0) > QUIET_SECONDS;
}

export const startupVital: VitalOf = (node, sample, history) => {
  const recovery = sample.workings?.recovery ?? null;
  if (recovery === null) return untold(node, sample, "recovery");
  if (recovery === "none") return vital("ends its recovery", ["This server is a primary now: recovery has ended."]);
  const { unreplayedBytes, lastReplayedSeconds, paused } = recovery;
  const behind =
    unreplayedBytes === null
      ? "unknown how far behind"
      : unreplayedBytes <= 0
        ? "all received is replayed"
        : `${bytes(unreplayedBytes)} to replay`;
  const age = secondsSince(lastReplayedSeconds, sample);
  const late = unreplayedBytes === null || unreplayedBytes <= 0 || age === null ? "" : `${duration(age)} behind`;
  const recent = countedNow(history);
  const [from, to] = [recent?.from.walBytes ?? null, recent?.to.walBytes ?? null];
  return vital(
    joined(paused && "PAUSED", behind, late),
    [
      ...(paused
        ? [
            {
              tone: "warn" as const,
              text: "Replay is paused, and WAL piles up meanwhile: SELECT pg_wal_replay_resume() goes on.",
            },
          ]
        : []),
      unreplayedBytes === null
        ? "How much is to be replayed is unknown, because nothing has been received by streaming."
        : `Received and not replayed: ${bytes(Math.max(0, unreplayedBytes))}.`,
      age === null
        ? "When the last transaction it has replayed was committed is unknown, because there was none yet."
        : `The last transaction that it has replayed was committed ${duration(age)} ago${late === "" ? ": there was none since, or none has arrived" : ""}.`,
      ...(from === null || to === null
        ? []
        : [
            `In the last ${span(recent!.seconds)} it has replayed ${bytes(Math.max(0, to - from) / recent!.seconds)} of WAL a second.`,
          ]),
    ],
    paused || lagsFar(unreplayedBytes, age) ? "warn" : "normal",
    farness(unreplayedBytes, late === "" ? null : age),
  );
};

export const logicalWorkerVital: VitalOf = (node, sample) => {
  const { pid, backend, leader } = node;
  if (leader !== null) return parallelApplyVital(leader, backend);
  const subscriptions = sample.workings?.subscriptions ?? null;
  if (subscriptions === null) return untold(node, sample, "subscriptions");
  const worker = subscriptions.find((one) => one.pid === pid);
  if (worker === undefined)
    return vital(
      backend?.database == null ? "unknown: not told" : `in ${backend.database}`,
      [
        "Its subscription is unknown, because pg_stat_subscription has no row of it: it has just come, or is just going.",
      ],
      "muted",
    );
  const heard =
    worker.lastMessageSeconds === null ? "nothing heard yet" : `heard ${ago(worker.lastMessageSeconds, sample)}`;
  const copies = worker.relation === null ? "" : `copies ${worker.relation}`;
  return vital(
    joined(worker.subscription, copies, heard),
    [
      `Subscription ${identifier(worker.subscription)}${backend?.database == null ? "" : ` of database ${identifier(backend.database)}`}: ${copies === "" ? "applies changes" : copies}; of its publisher ${heard}.`,
    ],
    quiet(worker.lastMessageSeconds, sample) ? "warn" : "normal",
    farness(null, secondsSince(worker.lastMessageSeconds, sample)),
  );
};

/** It is given its changes by its leader, and never hears of the publisher. */
function parallelApplyVital(leader: number, backend: Backend | null): Vital {
  const applies = backend !== null && (!isAsleep(backend.waitEventType) || backend.xactStartSeconds !== null);
  const does = applies ? "applies a streamed transaction" : "waits for a streamed transaction";
  return vital(`${does} for ${leader}`, parallelApplyWords(leader));
}

export const logicalLauncherVital: VitalOf = (node, sample) => {
  const workers = sample.workings?.subscriptions?.length ?? null;
  if (workers === null) return untold(node, sample, "subscriptions");
  return vital(workers === 0 ? "no subscription at work" : plural(workers, "worker"), [
    `${plural(workers, "worker")} of subscriptions ${workers === 1 ? "is" : "are"} at work.`,
  ]);
};
