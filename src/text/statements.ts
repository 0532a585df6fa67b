import { literal } from "./literal.ts";

// Statements that are shown to be pasted, each written once: a quote too few in one of several places would be found by a stranger's name.

/** To be run in its own database. */
export function rollbackPrepared(gid: string): string {
  return `ROLLBACK PREPARED ${literal(gid)}`;
}

export function dropSlot(name: string): string {
  return `SELECT pg_drop_replication_slot(${literal(name)})`;
}

/** Takes effect after a reload, or a restart. Not in one message with others: it runs in no transaction block. */
export function alterSystem(setting: string, value: string): string {
  return `ALTER SYSTEM SET ${setting} = ${literal(value)};`;
}

/** For sessions from then on that have no nearer one: it goes before the configuration files and the command line. */
export function alterRoleAll(setting: string, value: string): string {
  return `ALTER ROLE ALL SET ${setting} = ${literal(value)};`;
}

/** Has the server read its configuration files. */
export const RELOAD = "SELECT pg_reload_conf();";
