import type { Server } from "../model/server.ts";
import type { Setting, Tuning } from "../model/tuning.ts";
import { alterRoleAll, alterSystem, RELOAD } from "../text/statements.ts";
import { isOurs, settingOf } from "./setting-read.ts";

/** How a setting is changed for everybody, on this server. A managed service may refuse all of it, which nobody can tell from here. */
export interface SettingChange {
  /** In this order, each by itself: ALTER SYSTEM fails in one message with others. Empty: no statement changes it. */
  readonly statements: readonly string[];
  /** What has to be known of them, or why there are none, without a full stop; null: nothing. */
  readonly but: string | null;
}

type Us = Pick<Server, "user" | "database" | "tuning">;

/** @param context who may change it and when, where that was not read. On a standby ALTER SYSTEM works as well, for the standby. */
export function settingChange(name: string, value: string, server: Us, context = "sighup"): SettingChange {
  const { tuning } = server;
  const setting = settingOf(tuning, name);
  if (tuning !== null && setting !== null) {
    if (isOnCommandLine(setting))
      return isForSessions(setting)
        ? { statements: [alterRoleAll(name, value)], but: `${ON_COMMAND_LINE}; ${ROLES_GO_BEFORE}` }
        : { statements: [], but: FROM_COMMAND_LINE };
    if (isSetForAllRoles(name, tuning))
      return {
        statements: [alterRoleAll(name, value)],
        but: "ALTER ROLE ALL has set it, and goes before ALTER SYSTEM",
      };
  }
  const needsRestart = (setting?.context ?? context) === "postmaster";
  return {
    statements: [alterSystem(name, value), ...(needsRestart ? [] : [RELOAD])],
    but:
      tuning !== null && setting !== null && isOurs(setting, tuning, server)
        ? "our own role, database or connection has its own, and keeps it"
        : null,
  };
}

/** As Patroni and containers do it: what stands there goes before all configuration files, and ALTER SYSTEM writes one of these. */
export function isOnCommandLine({ source }: Setting): boolean {
  return source === "command line";
}

/** Waits for a restart that brings it about. What stands on the command line is marked as well, after a reload, and no restart changes it. */
export function waitsForRestart(setting: Setting): boolean {
  return setting.pendingRestart && !isOnCommandLine(setting);
}

/** What is set for roles and databases is for sessions alone: the server's own processes go by the files and the command line. */
export function isForSessions({ name, context }: Setting): boolean {
  return (context === "user" || context === "superuser") && !OF_THE_SERVER.has(name);
}

/** Without it in its launcher there is no autovacuum. */
const OF_THE_SERVER: ReadonlySet<string> = new Set(["track_counts"]);

/** Measured from 10 to 18. */
const ON_COMMAND_LINE = "it stands on the server's command line, which ALTER SYSTEM does not change";
export const ROLES_GO_BEFORE = "ALTER ROLE ALL goes before it, for sessions from then on";
/** Where else a command line is written nobody tells from inside. */
export const COMMAND_LINE_PLACES = "Patroni's own configuration, a systemd unit, a container's arguments";
export const FROM_COMMAND_LINE = `${ON_COMMAND_LINE}: change it where the server is started from (${COMMAND_LINE_PLACES}), and restart it`;

function isSetForAllRoles(name: string, { overrides }: Tuning): boolean {
  return overrides.some((one) => one.name === name && one.role === null && one.database === null);
}
