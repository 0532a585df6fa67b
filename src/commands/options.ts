import { DEFAULT_THRESHOLDS, type Thresholds } from "../analysis/slots.ts";
import { conninfo, type Conninfo, type Given } from "../connection/conninfo.ts";
import type { Environment } from "../connection/parameters.ts";
import { DEFAULT_CAPS, type Caps } from "../history/history.ts";
import { COLUMNS, type ColumnId } from "../state/columns.ts";
import { parseFilter, type Filter } from "../state/filter.ts";
import type { Sort } from "../state/rows.ts";
import { parseDuration } from "../text/format.ts";
import type { TerminalLook } from "../ui/terminal.ts";
import type { Prompt } from "./open.ts";
import type { ThemeName } from "../ui/theme.ts";

/** Wrong usage: said in one sentence, exit 2. */
export class UsageError extends Error {}

/** -W and -w; else the server decides. */
export function prompt({ prompt: given }: Flags): Prompt {
  return given ?? "when-asked";
}

/** What yargs hands over, by the names of the flags. */
export interface Flags extends Given {
  readonly conninfo?: string | undefined;
  readonly prompt?: "always" | "never" | undefined;
  readonly interval?: number | undefined;
  readonly warn?: number | undefined;
  readonly crit?: number | undefined;
  readonly history?: string | undefined;
  readonly historyMemory?: string | undefined;
  readonly filter?: string | undefined;
  readonly sort?: string | undefined;
  readonly idle?: boolean | undefined;
  readonly columns?: string | undefined;
  readonly theme?: ThemeName | undefined;
  readonly ascii?: boolean | undefined;
  readonly mouse?: boolean | undefined;
  readonly color?: boolean | undefined;
  readonly log?: string | undefined;
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
  readonly prompt: Prompt;
  readonly log: string | null;
}

const SHORTEST_INTERVAL = 0.1;
const LONGEST_INTERVAL = 300;

export function dashboardOptions(flags: Flags, defaultInterval: number): DashboardOptions {
  const interval = flags.interval ?? defaultInterval;
  if (!(interval >= SHORTEST_INTERVAL && interval <= LONGEST_INTERVAL)) {
    throw new UsageError(`--interval is a number of seconds from ${SHORTEST_INTERVAL} to ${LONGEST_INTERVAL}`);
  }
  const filter = parseFilter(flags.filter ?? "");
  if (filter.kind === "wrong") throw new UsageError(`--filter: ${filter.reason}`);
  return {
    interval,
    thresholds: thresholds(flags),
    historyCaps: caps(flags),
    filter,
    sort: sort(flags.sort),
    showIdle: flags.idle ?? true,
    columns: columns(flags.columns),
    look: { theme: flags.theme ?? "default", ascii: flags.ascii ?? false, mouse: flags.mouse ?? false },
    prompt: prompt(flags),
    log: flags.log ?? null,
  };
}

export function thresholds(flags: Pick<Flags, "warn" | "crit">): Thresholds {
  const { warn = DEFAULT_THRESHOLDS.warn, crit = DEFAULT_THRESHOLDS.critical } = flags;
  if (!(warn > 0 && warn <= crit && crit <= 100))
    throw new UsageError("--warn and --crit are percentages, 0 < warn <= crit <= 100");
  return { warn, critical: crit };
}

export function target(flags: Flags, env: Environment): Conninfo {
  return conninfo({ ...flags, words: [flags.conninfo] }, env);
}

function caps(flags: Flags): Caps {
  const seconds = flags.history === undefined ? DEFAULT_CAPS.seconds : parseDuration(flags.history);
  if (seconds === null || seconds < 1)
    throw new UsageError(`--history is a length of time such as 30m, not "${flags.history ?? ""}"`);
  const bytes = flags.historyMemory === undefined ? DEFAULT_CAPS.bytes : parseBytes(flags.historyMemory);
  if (bytes === null)
    throw new UsageError(`--history-memory is a size such as 64MB, not "${flags.historyMemory ?? ""}"`);
  return { seconds, bytes };
}

function parseBytes(text: string): number | null {
  const match = /^(\d+)\s*(kB|MB|GB)?$/i.exec(text.trim());
  if (match === null || Number(match[1]) === 0) return null;
  const unit = { kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 }[(match[2] ?? "").toLowerCase()] ?? 1;
  return Number(match[1]) * unit;
}

/** "xact", "-pid" (the other way round). */
function sort(text: string | undefined): Sort | null {
  if (text === undefined) return null;
  const reverse = text.startsWith("-");
  const id = reverse ? text.slice(1) : text;
  const found = COLUMNS.find((column) => column.id === id);
  if (found === undefined)
    throw new UsageError(`--sort: no column "${id}"; columns: ${COLUMNS.map((c) => c.id).join(" ")}`);
  return { column: found.id satisfies ColumnId, descending: found.descending !== reverse };
}

/** "pid,user,state,query" */
function columns(text: string | undefined): readonly ColumnId[] | null {
  if (text === undefined) return null;
  return text.split(",").map((part) => {
    const found = COLUMNS.find((column) => column.id === part.trim().toLowerCase());
    if (found === undefined)
      throw new UsageError(`--columns: no column "${part}"; columns: ${COLUMNS.map((c) => c.id).join(" ")}`);
    return found.id;
  });
}
