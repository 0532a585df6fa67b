import type { History } from "../history/history.ts";
import type { ReplicationSlot } from "../model/horizon.ts";
import { secondsSince, xidAge, type Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import { bytes } from "../text/bytes.ts";
import { count, duration } from "../text/format.ts";
import { dropSlot } from "../text/statements.ts";
import type { Context, Finding, Rule, Step } from "./rule.ts";
import { change } from "./steps.ts";
import { short } from "./words.ts";

export const inactiveSlot: Rule = {
  id: "inactive-slot",
  title: "replication slots that nobody uses, and that keep WAL and dead rows for whoever comes back",
  check(context) {
    const { sample } = context;
    return (sample.holdouts?.slots ?? [])
      .filter((slot) => keepsSomething(slot) && isLeft(slot, context))
      .sort((a, b) => (b.retainedBytes ?? 0) - (a.retainedBytes ?? 0))
      .slice(0, MOST)
      .map((slot) => finding(slot, sample));
  },
};

const MOST = 5;
/** So much WAL may pile up while a standby is restarted. */
const MUCH_WAL = 2 ** 30;
/** So much fills a disk, sooner or later. */
const TOO_MUCH_WAL = 50 * 2 ** 30;

function keepsSomething({ xmin, catalogXmin, retainedBytes }: ReplicationSlot): boolean {
  return xmin !== null || catalogXmin !== null || (retainedBytes ?? 0) > MUCH_WAL;
}

/** Not used, and not only for the moment that a consumer needs to come back. Before 17 history has to tell since when. */
function isLeft(slot: ReplicationSlot, { sample, history, ages }: Context): boolean {
  if (slot.active) return false;
  const since = secondsSince(slot.inactiveSinceSeconds, sample);
  if (since !== null) return since >= ages.slotInactive;
  return !wasActive(slot.name, history, sample.takenAt - ages.slotInactive * 1000);
}

function wasActive(name: string, { entries }: History, since: number): boolean {
  for (let i = entries.length - 1; i >= 0 && entries[i]!.reading.takenAt >= since; i--) {
    const { reading } = entries[i]!;
    if (reading.kind === "sample" && reading.holdouts?.slots.some((slot) => slot.name === name && slot.active) === true)
      return true;
  }
  return false;
}

function finding(slot: ReplicationSlot, sample: Sample): Finding {
  const { name, kind, retainedBytes, inactiveSinceSeconds, database } = slot;
  const wal = retainedBytes ?? 0;
  const since = secondsSince(inactiveSinceSeconds, sample);
  const keeps = [
    ...(retainedBytes === null ? [] : [`${bytes(Math.max(0, wal))} of WAL`]),
    ...(slot.xmin === null ? [] : ["dead rows of all databases"]),
    ...(slot.catalogXmin === null ? [] : ["dead rows of system catalogs"]),
  ];
  return {
    id: inactiveSlot.id,
    about: name,
    severity: wal > TOO_MUCH_WAL ? "critical" : "warning",
    title: `nobody ${since === null ? "uses" : "has used"} replication slot ${short(name, 32)}${since === null ? "" : ` for ${duration(since)}`}: it keeps ${keeps.join(", ")}`,
    evidence: [
      `a ${kind} slot${database === null ? "" : ` of database ${short(database)}`}`,
      ...ageWords(slot, sample),
      growthWords(sample),
    ],
    next: steps(slot, sample),
    avoid: ["do not delete files in pg_wal: the server does not start again without them"],
    sessions: [],
  };
}

function ageWords({ xmin, catalogXmin }: ReplicationSlot, sample: Sample): string[] {
  const rows = xidAge(xmin, sample);
  const catalogs = xidAge(catalogXmin, sample);
  return [
    ...(rows === null ? [] : [`dead rows of the last ${count(rows)} transactions are kept for it`]),
    ...(catalogs === null ? [] : [`in system catalogs, those of the last ${count(catalogs)} transactions`]),
  ];
}

/** How long it goes on; from 13 on there is a setting that may end it, and which we have not read. */
function growthWords({ server }: Sample): string {
  const limited = (majorOf(server) ?? 0) >= 13 ? ", unless max_slot_wal_keep_size is set" : "";
  return `what it keeps grows until its consumer comes back or it is dropped: WAL until the disk is full${limited}, and a full disk stops the server`;
}

function steps({ name, kind }: ReplicationSlot, { server }: Sample): Step[] {
  const means =
    kind === "logical"
      ? "its consumer then loses its place, and has to copy everything anew"
      : "a standby of it that comes back too late has to be built anew";
  const steps: Step[] = [
    {
      text: `start its consumer again (a standby, a subscription, a CDC connector): it catches up, and the slot lets go`,
    },
    {
      text: `if the consumer is gone for good, drop the slot: ${means}`,
      sql: `${dropSlot(name)};`,
    },
  ];
  if ((majorOf(server) ?? 0) >= 13)
    steps.push(
      change(
        "max_slot_wal_keep_size",
        "50GB",
        "let no slot fill the disk: beyond this, it is invalidated instead; choose it by your disk",
        server,
      ),
    );
  return steps;
}
