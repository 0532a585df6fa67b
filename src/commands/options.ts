import { DEFAULT_THRESHOLDS, type Thresholds } from "../analysis/slots.ts";
import { conninfo, type Given } from "../connection/conninfo.ts";
import { rescueConninfo } from "../connection/rescue.ts";
import type { Environment } from "../connection/parameters.ts";
import { DEFAULT_CAPS, type Caps } from "../history/history.ts";
import type { Settings } from "../settings/option-table.ts";
import type { Said } from "../settings/settings.ts";
import { UsageError } from "../settings/usage-error.ts";
import type { ColumnId } from "../state/columns.ts";
import { NO_FILTER, type Filter } from "../state/filter.ts";
import type { TabId } from "../state/view.ts";
import type { Sort } from "../state/rows.ts";
import type { TerminalLook } from "../ui/terminal.ts";
import type { Prompt, Roads } from "./door.ts";

export { UsageError } from "../settings/usage-error.ts";

/** What was asked for, wherever it was said: on the command line, in the environment, in the config file. */
export interface Flags extends Given, Omit<Settings, "password" | keyof Given> {
  /** -W and -w. */
  readonly prompt: Prompt;
}

export function flags({ settings, named, words }: Said): Flags {
  const { password, ...rest } = settings;
  return { ...rest, named, words, prompt: password === undefined ? "when-asked" : password ? "always" : "never" };
}

export interface DashboardOptions {
  readonly interval: number;
  readonly thresholds: Thresholds;
  readonly historyCaps: Caps;
  readonly filter: Filter;
  readonly sort: Sort | null;
  readonly showIdle: boolean;
  readonly tab: TabId;
  /** In the order asked for; null is ours, by the width of the screen. */
  readonly columns: readonly ColumnId[] | null;
  /** Nothing can be cancelled or terminated. */
  readonly readOnly: boolean;
  /** Whoever matches one of them is ended singly only, and after a second step. */
  readonly protect: readonly Filter[];
  readonly look: TerminalLook;
  readonly log: string | null;
}

export function dashboardOptions(flags: Flags, defaultInterval: number): DashboardOptions {
  return {
    interval: flags.interval ?? defaultInterval,
    thresholds: thresholds(flags),
    historyCaps: {
      seconds: flags.history ?? DEFAULT_CAPS.seconds,
      bytes: flags["history-memory"] ?? DEFAULT_CAPS.bytes,
    } satisfies Caps,
    filter: flags.filter ?? NO_FILTER,
    sort: flags.sort ?? null,
    showIdle: flags.idle ?? true,
    tab: flags.tab ?? "sessions",
    columns: flags.columns ?? null,
    readOnly: flags["read-only"] ?? false,
    protect: flags.protect ?? [],
    look: { theme: flags.theme ?? "default", ascii: flags.ascii ?? false, mouse: flags.mouse ?? false },
    log: flags.log ?? null,
  };
}

export function thresholds(flags: Pick<Flags, "warn" | "crit">): Thresholds {
  const { warn = DEFAULT_THRESHOLDS.warn, crit = DEFAULT_THRESHOLDS.critical } = flags;
  // Each was checked where it was said; which of the two is wrong, only the user knows.
  if (warn > crit)
    throw new UsageError(`--warn is ${warn} and --crit ${crit}: a warning comes before what is critical`);
  return { warn, critical: crit };
}

/** Where to go in, and by which lanes. */
export function roads(flags: Flags, env: Environment): Roads {
  const to = conninfo(flags, env);
  const { prompt, lane = "auto", rescue = null } = flags;
  if (lane === "rescue" && rescue === null) throw new UsageError("--lane rescue needs --rescue CONNINFO");
  return { to, rescue: rescue === null ? null : rescueConninfo(rescue, to, env), lane, prompt };
}
