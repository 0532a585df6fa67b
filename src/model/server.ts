import type { DatabaseAge } from "./horizon.ts";
import type { Lane } from "./lane.ts";
import type { Tuning } from "./tuning.ts";

/**
 * What the server says about itself; read at connect and every ten seconds, shared by the samples in between. In the host lane it says
 * nothing: what its files and processes do not tell is null.
 */
export interface Server {
  /** How our session got in. */
  readonly lane: Lane;
  /** As the server spells it: "18.4", "17.10 (Debian …)". */
  readonly version: string | null;
  /** 180004. */
  readonly versionNum: number | null;
  readonly role: "primary" | "standby";
  readonly host: string;
  readonly port: number;
  /** Null in the host lane: processes of all databases are seen, and none is ours. */
  readonly database: string | null;
  /** Our role; in the host lane the operating system's user that we are. */
  readonly user: string;
  readonly startedSeconds: number;
  /** The pid of our own backend; null in the host lane, which has none. */
  readonly ownPid: number | null;
  readonly settings: SlotSettings;
  readonly limits: readonly ConnectionLimit[];
  readonly rights: Rights;
  /** Names of the roles that are superusers: their sessions are for superusers alone to end. In the host lane a guess. */
  readonly superusers: readonly string[];
  /** What is known in the host lane alone. */
  readonly postmaster: Postmaster | null;
  /** Null in the host lane. */
  readonly tuning: Tuning | null;
  /** The databases whose oldest xid is the furthest behind, that one first; none in the host lane. */
  readonly databaseAges: readonly DatabaseAge[];
}

export type Refused = "everybody" | "ordinary roles" | null;

/** A server seen from its own machine. */
export interface Postmaster {
  readonly pid: number;
  /** The operating system's user that it runs as; its number where that has no name. */
  readonly osUser: string;
  /** Null where we may not look. */
  readonly dataDirectory: string | null;
  /** Where the limits in `settings` come from, for a sentence: "its configuration files"; null when they cannot be read. */
  readonly limitsFrom: string | null;
  /** Why they may not be what the running server has, in half a sentence; null when nothing speaks against them. */
  readonly limitsDoubt: string | null;
  /** Whom it refuses for want of a slot, or of room for another process, as it has just told us; null: nobody but perhaps us. */
  readonly refuses: Refused;
  /** Titles tell what a process does; false with update_process_title=off. */
  readonly tellsActivity: boolean;
}

/** Null is not known, in the host lane alone. */
export interface SlotSettings {
  readonly maxConnections: number | null;
  readonly superuserReserved: number | null;
  /** reserved_connections: 0 before 16. */
  readonly reserved: number | null;
  readonly maxWalSenders: number | null;
  readonly trackActivities: boolean;
  /** track_activity_query_size in bytes: the server keeps no more of any query. */
  readonly queryTextBytes: number;
}

/** ALTER ROLE … / ALTER DATABASE … CONNECTION LIMIT n. Superusers are exempt, and not listed. */
export interface ConnectionLimit {
  readonly kind: "role" | "database";
  readonly name: string;
  readonly limit: number;
}

export interface Rights {
  readonly superuser: boolean;
  /** Has a right to the slots of reserved_connections (superuser; from 16 on also pg_use_reserved_connections). */
  readonly usesReserved: boolean;
  /** Sees the details of every backend (superuser or pg_read_all_stats, which pg_monitor includes). */
  readonly seeAll: boolean;
  /** May signal backends of other roles (superuser or pg_signal_backend; in the host lane the postmaster's user or root). */
  readonly signal: boolean;
  /** May signal autovacuum workers (superuser; from 18 on also pg_signal_autovacuum_worker). */
  readonly signalAutovacuum: boolean;
  /** May count the WAL files that wait for the archiver: pg_ls_archive_statusdir(), from 12 on (pg_monitor has it). */
  readonly listArchiveStatus: boolean;
  /** May see what I/O is under way: pg_get_aios(), from 18 on (pg_read_all_stats has it). */
  readonly getAios: boolean;
  /** Roles whose privileges ours has, itself first: their backends are ours to signal. */
  readonly roles: readonly string[];
}

/** Null when the version is not known. */
export function majorOf({ versionNum }: Pick<Server, "versionNum">): number | null {
  return versionNum === null ? null : Math.trunc(versionNum / 10_000);
}
