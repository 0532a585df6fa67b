import { isOurs, settingOf } from "../analysis/setting-read.ts";
import type { Sample } from "../model/reading.ts";
import type { Finding, Rule, Step } from "./rule.ts";
import { change } from "./steps.ts";

export const durabilityOff: Rule = {
  id: "durability-off",
  title: "settings with which a crash, or a damaged page, costs data: fsync, full_page_writes and the like",
  check({ sample }) {
    return NAMES.flatMap((name) => (isBad(name, sample) ? [finding(name, sample)] : []));
  },
};

interface Danger {
  readonly bad: "on" | "off";
  /** Short enough for a column. */
  readonly short: string;
  /** What follows from it, on a primary and on a standby; null: nothing as long as it is one. */
  readonly means: string;
  readonly onStandby: string | null;
  readonly evidence: readonly string[];
  /** What is to be done beside changing it. */
  readonly after: readonly Step[];
  readonly avoid: readonly string[];
}

const DANGERS = {
  fsync: {
    bad: "off",
    short: "a crash may destroy all",
    means: "a crash of the machine may destroy the whole database",
    onStandby: "a crash of the machine may destroy this standby",
    evidence: [
      "nothing is forced to disk: after a power failure or a crash of the kernel, files of different age lie side by side",
      "a crash of the server alone does no harm: what it has written is with the kernel",
    ],
    after: [
      {
        text: "then, on the server's machine, have the kernel write what it still holds: run `sync`; only after that it is safe",
      },
      { text: "for speed, synchronous_commit = off: a crash loses the last commits, and destroys nothing" },
    ],
    avoid: ["do not leave it off because it is faster: it is for data that can be made anew at any time"],
  },
  full_page_writes: {
    bad: "off",
    short: "torn pages stay torn",
    means: "a crash of the machine may leave torn pages that nothing repairs",
    onStandby: null,
    evidence: [
      "a page of 8 kB that was half written when the power went is made whole by its copy in WAL, and there is none",
      "only a file system that never leaves half a page, as ZFS does, can do without: this is not seen from here",
    ],
    after: [{ text: "it holds from the next checkpoint on; as a superuser, bring that about", sql: "CHECKPOINT;" }],
    avoid: ["do not leave it off to save WAL: wal_compression, and checkpoints that come less often, save it as well"],
  },
  zero_damaged_pages: {
    bad: "on",
    short: "damage is emptied",
    means: "a damaged page is taken for an empty one, and its rows are lost for good",
    onStandby: "a damaged page is taken for an empty one, and its rows are missing",
    evidence: [
      "it is for getting the rest out of a table that is damaged, in one session, with a copy of the files at hand",
    ],
    after: [
      { text: "look into the server's log for pages that were emptied: `invalid page in block`, `zeroing out page`" },
    ],
    avoid: ["do not run VACUUM or write while it is on: the empty page is then what goes to disk"],
  },
  ignore_checksum_failure: {
    bad: "on",
    short: "damage is passed on",
    means: "a page that fails its checksum is read as if it were whole",
    onStandby: "a page that fails its checksum is read as if it were whole",
    evidence: ["results may be wrong, the server may crash, and what is damaged may be copied on"],
    after: [{ text: "look into the server's log for pages that failed: `page verification failed`" }],
    avoid: [],
  },
} as const satisfies Readonly<Record<string, Danger>>;

type Name = keyof typeof DANGERS;
const NAMES = Object.keys(DANGERS) as readonly Name[];

/** For the column of the settings. */
export function dangerShort(name: string): string {
  return (DANGERS as Readonly<Record<string, Danger>>)[name]?.short ?? "";
}

/** Set for everybody: somebody who gets data out of a damaged table in his own session knows what he does. */
function isBad(name: Name, { server }: Sample): boolean {
  const { tuning, role } = server;
  const { bad, onStandby } = DANGERS[name];
  const setting = settingOf(tuning, name);
  if (tuning === null || setting === null || (role === "standby" && onStandby === null)) return false;
  return setting.value === bad && !isOurs(setting, tuning, server);
}

function finding(name: Name, { server }: Sample): Finding {
  const { bad, means, onStandby, evidence, after, avoid }: Danger = DANGERS[name];
  const good = bad === "off" ? "on" : "off";
  return {
    id: durabilityOff.id,
    about: name,
    severity: "warning",
    title: `${name} is ${bad}: ${server.role === "standby" ? onStandby : means}`,
    evidence: [`${name} = ${bad} comes from: ${settingOf(server.tuning, name)?.source ?? "unknown"}`, ...evidence],
    next: [change(name, good, `switch it ${good}`, server), ...after],
    avoid,
    sessions: [],
  };
}
