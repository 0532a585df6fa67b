/** The row of counters.sql: what is not named is as on a server of 18 that has just been started. */
export function countersRow(given: Readonly<Record<string, string | null>> = {}): (string | null)[] {
  return Object.entries({ ...FRESH, ...given }).map(([, value]) => value);
}

const FRESH: Readonly<Record<string, string | null>> = {
  atSeconds: "1795752970.5",
  timed: "1",
  requested: "2",
  done: "3",
  writeMs: "40.5",
  syncMs: "5",
  checkpointBuffers: "60",
  restartTimed: null,
  restartRequested: null,
  restartDone: null,
  checkpointReset: "1795752900.25",
  clean: "7",
  stopped: "8",
  sessions: "9.0000000000000000",
  allocated: "10",
  buffersReset: "1795752901",
  walBytes: "50331700",
  currentWal: "000000010000000000000003",
  segmentBytes: "16777216",
  archiving: "t",
  archived: "11",
  lastArchivedWal: "000000010000000000000001",
  lastArchived: "1795752960",
  failed: "12",
  lastFailedWal: "000000010000000000000002",
  lastFailed: "1795752965",
  archiverReset: "1795752902",
  files: "13",
  bytes: "14000000000",
};
