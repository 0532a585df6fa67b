import path from "node:path";
import type { Backend } from "../../model/backend.ts";
import type { Refused, Server, SlotSettings } from "../../model/server.ts";
import { mayActOn, ownName } from "./accounts.ts";
import { truth, wholeNumber } from "./configuration-text.ts";
import { controlFile, type ControlFile } from "./control-file.ts";
import { configurationOf, type FoundPostmaster } from "./postmasters.ts";
import { plainFile } from "./plain-file.ts";
import { argumentsOf } from "./processes.ts";
import type { Configuration } from "./configuration.ts";

/** What a server's files say of it. They are read now and then: most of it cannot change while it runs. */
export interface ServerFiles {
  readonly major: number | null;
  readonly configuration: Configuration;
  readonly control: ControlFile | null;
}

export async function serverFiles({ pid, dataDirectory }: FoundPostmaster): Promise<ServerFiles> {
  const [configuration, control, major] = await Promise.all([
    configurationOf(pid),
    dataDirectory === null ? null : controlFile(dataDirectory),
    majorVersion(pid, dataDirectory),
  ]);
  return { configuration, control, major };
}

export interface HostServerOptions {
  readonly postmaster: FoundPostmaster;
  readonly startedSeconds: number;
  readonly host: string;
  readonly port: number;
  readonly refuses: Refused;
}

/** A server as its files and processes tell it. */
export function hostServer(
  { postmaster, startedSeconds, host, port, refuses }: HostServerOptions,
  files: ServerFiles,
  backends: readonly Backend[],
  tellsActivity: boolean,
): Server {
  const { pid, osUser, uid, dataDirectory } = postmaster;
  const { major } = files;
  const standby = backends.some(({ backendType }) => backendType === "startup" || backendType === "walreceiver");
  const { settings, from, doubt } = limits(files, standby, startedSeconds);
  const signal = mayActOn(uid);
  return {
    lane: "host",
    version: major === null ? null : String(major),
    versionNum: major === null ? null : major * 10_000,
    role: standby ? "standby" : "primary",
    host,
    port,
    database: null,
    user: ownName(),
    startedSeconds,
    ownPid: null,
    settings,
    limits: [],
    rights: {
      ...{ superuser: false, usesReserved: false, seeAll: true, signal, signalAutovacuum: signal },
      ...{ listArchiveStatus: false, getAios: false, roles: [] },
    },
    // Whoever ran initdb is one, by the name of his account unless he said otherwise, which is then most often this one.
    superusers: [...new Set([osUser, "postgres"])],
    postmaster: { pid, osUser, dataDirectory, limitsFrom: from, limitsDoubt: doubt, refuses, tellsActivity },
    tuning: null,
    databaseAges: [],
  };
}

interface Limits {
  readonly settings: SlotSettings;
  readonly from: string | null;
  readonly doubt: string | null;
}

/**
 * A running primary has two of its limits in pg_control; the others, and those of a standby, stand in its files as they are now. What is set nowhere has its
 * default only if every file could be read.
 */
function limits({ configuration, control, major }: ServerFiles, standby: boolean, startedSeconds: number): Limits {
  const running = standby ? null : control;
  const limit = (name: string, otherwise: number): number | null => {
    const value = configuration.value(name);
    return value === null && configuration.complete ? otherwise : wholeNumber(value);
  };
  const settings: SlotSettings = {
    maxConnections: running?.maxConnections ?? limit("max_connections", 100),
    superuserReserved: limit("superuser_reserved_connections", 3),
    reserved: (major ?? 16) < 16 ? 0 : limit("reserved_connections", 0),
    maxWalSenders: running?.maxWalSenders ?? limit("max_wal_senders", 10),
    trackActivities: true,
    queryTextBytes: 1024,
  };
  const known = [
    ...(running === null ? [] : ["pg_control"]),
    ...(configuration.complete || settings.superuserReserved !== null ? ["its configuration files"] : []),
  ];
  return {
    settings,
    from: known.length === 0 ? null : known.join(" and "),
    doubt: doubtOf(configuration, startedSeconds),
  };
}

function doubtOf({ unreadable, changedAfter }: Configuration, startedSeconds: number): string | null {
  if (unreadable.length > 0) return `${unreadable.join(", ")} cannot be read`;
  const changed = changedAfter(startedSeconds + SAME_TIME_SECONDS);
  if (changed.length === 0) return null;
  return `${changed.join(", ")} ${changed.length === 1 ? "was" : "were"} changed after the start`;
}

/** Starts are told in ticks, and times of files in those of another clock. */
const SAME_TIME_SECONDS = 0.1;

/** Whether its settings say that titles do not tell what a process does. */
export function titlesAreOff({ configuration }: ServerFiles): boolean {
  return truth(configuration.value("update_process_title")) === false;
}

/** From its data, else from where its program lies: /usr/lib/postgresql/17/bin, /usr/pgsql-17/bin. */
async function majorVersion(pid: number, dataDirectory: string | null): Promise<number | null> {
  const file =
    dataDirectory === null ? null : await plainFile(path.join(dataDirectory, "PG_VERSION")).catch(() => null);
  const inPath = /(?:postgresql|pgsql|postgres|edb\/as)[-/@]?v?(\d\d)(?:\.\d+)?\/bin\//i.exec(
    argumentsOf(pid)[0] ?? "",
  );
  return wholeNumber(file?.text ?? null) ?? wholeNumber(inPath?.[1] ?? null);
}
