import type { Server } from "../model/server.ts";
import type { Override, Setting, Tuning } from "../model/tuning.ts";
import { inBaseUnits } from "../text/setting-value.ts";

/** Null: this server has no such setting, or nobody tells. */
export function settingOf(tuning: Tuning | null, name: string): Setting | null {
  return tuning?.settings.find((setting) => setting.name === name) ?? null;
}

/** Bytes, seconds, or a plain number; null: not known. */
export function numberOf(tuning: Tuning | null, name: string): number | null {
  const setting = settingOf(tuning, name);
  return setting === null ? null : inBaseUnits(setting);
}

/** "on", "off", "always"; null: not known. */
export function wordOf(tuning: Tuning | null, name: string): string | null {
  return settingOf(tuning, name)?.value ?? null;
}

/** Switched off for everybody; false where it is not known. */
export function isOff({ tuning, ...us }: Us & Pick<Server, "tuning">, name: string): boolean {
  const setting = settingOf(tuning, name);
  return setting?.value === "off" && tuning !== null && !isOurs(setting, tuning, us);
}

type Us = Pick<Server, "user" | "database">;

/** Whether our own role, database or connection has a value of its own, which hides from us what others get. */
export function isOurs(setting: Setting, { overrides }: Tuning, us: Us): boolean {
  return isOurOwn(setting) || overrides.some((one) => one.name === setting.name && isFor(one, us));
}

/** By what pg_settings says: enough for a setting that our session does not set for itself. */
export function isOurOwn({ source }: Setting): boolean {
  return source !== null && OURS.has(source);
}

/** As pg_settings calls them; "client" is what came with our connection. */
const OURS: ReadonlySet<string> = new Set(["user", "database", "database user", "client"]);

function isFor({ role, database }: Override, us: Us): boolean {
  return (role === null || role === us.user) && (database === null || database === us.database);
}
