import type { ArchiverCounters } from "../../../src/model/counters.ts";
import type { Sample } from "../../../src/model/reading.ts";
import { aCounters, anAuxiliary, aSample, aServer, aSetting, aTuning, SERVER_NOW } from "../builders.ts";

export const MB = 2 ** 20;
export const GB = 2 ** 30;
export const FILE = 16 * MB;

/** A server that archives its WAL. */
export function anArchivingServer(mode = "on", given: Parameters<typeof aServer>[0] = {}) {
  const settings = [
    aSetting("archive_mode", mode, { context: "postmaster" }),
    aSetting("max_wal_size", "1024", { unit: "MB" }),
    aSetting("wal_segment_size", String(FILE), { unit: "B", context: "internal" }),
  ];
  return aServer({ tuning: aTuning({ settings }), ...given });
}

/** As many seconds later, the archiver with this; WAL of a server that writes 1 MB a second. */
export function archiving(
  archiver: Partial<ArchiverCounters>,
  { secondsLater = 0, server = anArchivingServer() }: { secondsLater?: number; server?: Sample["server"] } = {},
): Sample {
  const atSeconds = SERVER_NOW + secondsLater;
  const counters = aCounters({ atSeconds, walBytes: 100 * GB + secondsLater * MB, archiver });
  return aSample({ secondsLater, server, counters, backends: [anAuxiliary("archiver", 80)] });
}

/** The name of the nth file since the beginning. */
export function walFile(n: number): string {
  const part = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");
  return `00000001${part(Math.trunc(n / 256))}${part(n % 256)}`;
}
