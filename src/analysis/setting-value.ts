import type { Server } from "../model/server.ts";

/** What the server runs with, as pg_settings spells it; null where it has no such setting, or none were read. */
export function settingValue({ tuning }: Pick<Server, "tuning">, name: string): string | null {
  return tuning?.settings.find((setting) => setting.name === name)?.value ?? null;
}
