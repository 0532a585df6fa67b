import { isOurs } from "../analysis/setting-read.ts";
import type { Server } from "../model/server.ts";
import type { Override, Setting } from "../model/tuning.ts";
import { asShown } from "../text/setting-value.ts";
import { valueWord } from "../text/setting-words.ts";

/** As SHOW prints it, or what it stands for: "off". Empty where it is a text, which is not read. */
export function valueText({ name, value, unit }: Pick<Setting, "name" | "value" | "unit">): string {
  return valueWord(name, value) ?? asShown({ value, unit });
}

/** As it was written: a bare number is in the unit of the setting. */
export function overrideText({ value }: Override, { name, unit }: Setting): string {
  return /^-?\d+(?:\.\d+)?$/.test(value) ? valueText({ name, value, unit }) : value;
}

/** "role report", "database shop", "role report in database shop". */
export function whoseText({ role, database }: Override): string {
  if (role === null && database === null) return "all roles";
  const parts = [...(role === null ? [] : [`role ${role}`]), ...(database === null ? [] : [`database ${database}`])];
  return parts.join(" in ");
}

/** Where it comes from, for a column. */
export function sourceText(setting: Setting, server: Server): string {
  if (isOursHere(setting, server)) return "ours";
  return setting.source === null ? "?" : (SOURCES[setting.source] ?? setting.source);
}

export function isOursHere(setting: Setting, server: Server): boolean {
  return server.tuning !== null && isOurs(setting, server.tuning, server);
}

/** As pg_settings says it, where that is longer than a column. */
const SOURCES: Readonly<Record<string, string>> = {
  "configuration file": "file",
  "environment variable": "environment",
  override: "the server",
};

/** What a change needs, for a column. */
export function needsText({ context, source }: Setting): string {
  // Whatever else it would need, it is the command line that has to be changed.
  if (source === "command line") return "restart";
  return NEEDS[context] ?? context;
}

const NEEDS: Readonly<Record<string, string>> = {
  internal: "-",
  postmaster: "restart",
  sighup: "reload",
  "superuser-backend": "reload",
  backend: "reload",
  superuser: "session",
  user: "session",
};
