import { DEFAULT_THRESHOLDS, type Thresholds } from "../analysis/slots.ts";
import { conninfo, type Conninfo, type ConninfoFlags, type Environment } from "../connection/conninfo.ts";
import { DEFAULT_CAPS, type Caps } from "../history/history.ts";
import type { Settings } from "../settings/option-table.ts";
import type { Said } from "../settings/settings.ts";
import { UsageError } from "../settings/usage-error.ts";
import type { ColumnId } from "../state/columns.ts";
import { NO_FILTER, type Filter } from "../state/filter.ts";
import type { Sort } from "../state/rows.ts";
import type { TerminalLook } from "../ui/terminal.ts";

export { UsageError } from "../settings/usage-error.ts";

/** What was asked for, wherever it was said: on the command line, in the environment, in the config file. */
export interface Flags extends ConninfoFlags, Omit<Settings, "password" | keyof ConninfoFlags> {
  /** The CONNINFO of a connection with a name: the base that every flag overrides. */
  readonly named?: string | undefined;
  /** The words as they were typed, without the name of a command or of a connection. */
  readonly words: readonly string[];
  /** The first word; after -d or the name of a connection there is none. */
  readonly conninfo?: string | undefined;
  /** The word after that, as in `psql shop monitor`. */
  readonly role?: string | undefined;
  /** -W and -w; else a password is asked for when the server wants one. */
  readonly prompt?: "always" | "never" | undefined;
}

export function flags({ settings, named, words }: Said): Flags {
  const { password, ...rest } = settings;
  const known = named !== undefined || settings.dbname !== undefined;
  if (known && words.length > 1)
    throw new UsageError("after -d, or the name of a connection, one word is the role; there is a word too many");
  const [conninfo, role] = known ? [undefined, ...words] : words;
  return {
    ...rest,
    named,
    words,
    conninfo,
    role,
    prompt: password === undefined ? undefined : password ? "always" : "never",
  };
}

export interface DashboardOptions {
  readonly interval: number;
  readonly thresholds: Thresholds;
  readonly historyCaps: Caps;
  readonly filter: Filter;
  readonly sort: Sort | null;
  readonly showIdle: boolean;
  /** In the order asked for; null is ours, by the width of the screen. */
  readonly columns: readonly ColumnId[] | null;
  readonly look: TerminalLook;
  readonly log: string | null;
}

export function dashboardOptions(flags: Omit<Flags, "words">, defaultInterval: number): DashboardOptions {
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
    columns: flags.columns ?? null,
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

export function target(flags: Flags, env: Environment): Conninfo {
  return conninfo(flags.named ?? flags.conninfo, { ...flags, username: flags.username ?? flags.role }, env);
}
