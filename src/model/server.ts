/** What the server says about itself; read at connect and every ten seconds, shared by the samples in between. */
export interface Server {
  /** As the server spells it: "18.4", "17.10 (Debian …)". */
  readonly version: string;
  /** 180004. */
  readonly versionNum: number;
  readonly role: "primary" | "standby";
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly startedSeconds: number;
  /** The pid of our own backend. */
  readonly ownPid: number;
  readonly settings: SlotSettings;
  readonly limits: readonly ConnectionLimit[];
  readonly rights: Rights;
  /** Names of the roles that are superusers: their sessions are for superusers alone to end. */
  readonly superusers: readonly string[];
}

export interface SlotSettings {
  readonly maxConnections: number;
  readonly superuserReserved: number;
  /** reserved_connections: 0 before 16. */
  readonly reserved: number;
  readonly maxWalSenders: number;
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
  /** Sees the details of every backend (superuser or pg_read_all_stats, which pg_monitor includes). */
  readonly seeAll: boolean;
  /** May signal backends of other roles (superuser or pg_signal_backend). */
  readonly signal: boolean;
  /** May signal autovacuum workers (superuser; from 18 on also pg_signal_autovacuum_worker). */
  readonly signalAutovacuum: boolean;
  /** Roles whose privileges ours has, itself first: their backends are ours to signal. */
  readonly roles: readonly string[];
}

export function majorOf(server: Pick<Server, "versionNum">): number {
  return Math.trunc(server.versionNum / 10_000);
}
