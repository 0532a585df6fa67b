import { DEFAULT_THRESHOLDS } from "../analysis/slots.ts";
import { SCENARIOS, type ScenarioName } from "../demo/scenarios/index.ts";
import type { TabId } from "../state/view.ts";
import { TABS } from "../state/tabs.ts";
import { THEMES, type ThemeName } from "../ui/theme.ts";
import {
  choice,
  columnList,
  duration,
  file,
  filter,
  number,
  onOff,
  protection,
  size,
  sortColumn,
  text,
  type Value,
} from "./values.ts";

export type CommandName = "dashboard" | "demo" | "snapshot" | "check" | "completion";

export const GROUPS = [
  "Connecting",
  "What is shown",
  "Ending sessions",
  "How it looks",
  "History and sampling",
  "Files",
] as const;

/**
 * One option. Everything about it is here: the command line, PGTRIAGE_* variables, the config file, help, completion and
 * docs/options.md follow.
 */
export interface Option {
  readonly name: string;
  /** The letter of `-h`. */
  readonly alias?: string;
  readonly value: Value<unknown>;
  /** In the words of the help; null where there is none. A switch that is "on" is shown as the flag that turns it off. */
  readonly default: string | null;
  readonly help: string;
  /** `--no-NAME` as a flag that deserves a line of its own. */
  readonly negative?: { readonly alias: string; readonly help: string };
  readonly group: (typeof GROUPS)[number];
  readonly commands: readonly CommandName[];
  /** Commands that have nothing to do with it, but must not stumble over it either: it is on the line out of habit. */
  readonly ignoredBy?: readonly CommandName[];
  /** By the config file and by a PGTRIAGE_* variable as well. */
  readonly settable: boolean;
}

const CONNECTS = ["dashboard", "snapshot", "check"] as const;
const SHOWS = ["dashboard", "demo"] as const;
const ALL = ["dashboard", "demo", "snapshot", "check"] as const;

const tabs = Object.fromEntries(TABS.map(({ id, title }) => [id, title])) as Record<TabId, string>;
const themes = Object.fromEntries(THEMES.map((name) => [name, ""])) as Record<ThemeName, string>;
const scenarios = Object.fromEntries(
  Object.entries(SCENARIOS).map(([name, { description }]) => [name, description]),
) as Record<ScenarioName, string>;

const LANE_CHOICES = {
  auto: "each in turn, until one lets us in",
  normal: "a connection slot, and no other way",
  rescue: "as --rescue says",
  walsender: "a walsender's place, even the last one",
  host: "no SQL: the processes of this machine",
} as const;

const percent = number("PERCENT", "a percentage above 0 and up to 100", (n) => n > 0 && n <= 100);

export const OPTIONS = [
  {
    name: "host",
    alias: "h",
    group: "Connecting",
    commands: CONNECTS,
    settable: false,
    value: text("HOST"),
    default: null,
    help: "server's name or address, or its socket directory",
  },
  {
    // Text, since psql takes a list: one port for each of several hosts.
    name: "port",
    alias: "p",
    group: "Connecting",
    commands: CONNECTS,
    settable: false,
    value: text("PORT"),
    default: "5432",
    help: "port",
  },
  {
    name: "username",
    alias: "U",
    group: "Connecting",
    commands: CONNECTS,
    settable: false,
    value: text("ROLE"),
    default: null,
    help: "connect as this role",
  },
  {
    name: "dbname",
    alias: "d",
    group: "Connecting",
    commands: CONNECTS,
    settable: false,
    value: text("DBNAME"),
    default: null,
    help: "database or CONNINFO, even one named as a command",
  },
  {
    name: "password",
    alias: "W",
    group: "Connecting",
    commands: ["dashboard", "snapshot"],
    // A monitoring system has no terminal: never, whatever is said.
    ignoredBy: ["check"],
    settable: false,
    value: onOff,
    default: null,
    help: "ask for a password before connecting",
    negative: { alias: "w", help: "never ask for one" },
  },
  {
    name: "rescue",
    group: "Connecting",
    commands: CONNECTS,
    settable: true,
    value: text("CONNINFO"),
    default: null,
    help: "another role or road, when this one is closed",
  },
  {
    name: "lane",
    group: "Connecting",
    commands: CONNECTS,
    settable: true,
    value: choice("LANE", LANE_CHOICES),
    default: "auto",
    help: "one way in: normal, rescue, walsender or host",
  },
  {
    name: "timeout",
    group: "Connecting",
    commands: ["check"],
    settable: false,
    value: number("SECONDS", "a number of seconds from 1 to 600", (n) => n >= 1 && n <= 600),
    default: "10",
    help: "say UNKNOWN after so long, whatever hangs",
  },
  {
    name: "filter",
    group: "What is shown",
    commands: SHOWS,
    settable: true,
    value: filter,
    default: null,
    help: "as / in the dashboard: state:itx 'user:app >30s'",
  },
  {
    name: "sort",
    group: "What is shown",
    commands: SHOWS,
    settable: true,
    value: sortColumn,
    default: "xact",
    help: "sort by this column, -COLUMN the other way",
  },
  {
    name: "tab",
    group: "What is shown",
    commands: SHOWS,
    settable: true,
    value: choice("NAME", tabs),
    default: "sessions",
    help: "the tab to begin with",
  },
  {
    name: "columns",
    group: "What is shown",
    commands: SHOWS,
    settable: true,
    value: columnList,
    default: null,
    help: "which, in this order: pid,user,state,query",
  },
  {
    name: "idle",
    group: "What is shown",
    commands: SHOWS,
    settable: true,
    value: onOff,
    default: "on",
    help: "leave idle sessions out of the list",
  },
  {
    name: "warn",
    group: "What is shown",
    commands: ALL,
    settable: true,
    value: percent,
    default: String(DEFAULT_THRESHOLDS.warn),
    help: "slots used, of all or of the apps', to warn at",
  },
  {
    name: "crit",
    group: "What is shown",
    commands: ALL,
    settable: true,
    value: percent,
    default: String(DEFAULT_THRESHOLDS.critical),
    help: "slots used that are critical",
  },
  {
    name: "format",
    group: "What is shown",
    commands: ["snapshot"],
    settable: false,
    value: choice("FORMAT", { text: "for a person", json: "for a script" }),
    default: "text",
    help: "text for a person, json for a script",
  },
  {
    name: "scenario",
    group: "What is shown",
    commands: ["demo"],
    settable: false,
    value: choice("NAME", scenarios),
    default: "mixed",
    help: "the incident to play, see below",
  },
  {
    name: "read-only",
    group: "Ending sessions",
    commands: SHOWS,
    settable: true,
    value: onOff,
    default: "off",
    help: "no key cancels or terminates anything",
  },
  {
    name: "protect",
    group: "Ending sessions",
    commands: SHOWS,
    settable: true,
    value: protection,
    default: null,
    help: "only singly, with a second step: 'user:etl, db:pay'",
  },
  {
    name: "theme",
    group: "How it looks",
    commands: SHOWS,
    settable: true,
    value: choice("NAME", themes),
    default: "default",
    help: `${THEMES.slice(0, -1).join(", ")} or ${THEMES.at(-1)}`,
  },
  {
    name: "color",
    group: "How it looks",
    commands: SHOWS,
    ignoredBy: ["snapshot", "check"],
    settable: true,
    value: onOff,
    default: "on",
    help: "bold and underline only, as with NO_COLOR set",
  },
  {
    name: "ascii",
    group: "How it looks",
    commands: SHOWS,
    settable: true,
    value: onOff,
    default: "off",
    help: "plain characters instead of lines and blocks",
  },
  {
    name: "mouse",
    group: "How it looks",
    commands: SHOWS,
    settable: true,
    value: onOff,
    default: "off",
    help: "click and wheel act; to select text, hold Shift",
  },
  {
    name: "interval",
    alias: "i",
    group: "History and sampling",
    commands: SHOWS,
    settable: true,
    value: number("SECONDS", "a number of seconds from 0.1 to 300", (n) => n >= 0.1 && n <= 300),
    default: "2; demo 1",
    help: "time between samples, 0.1 to 300",
  },
  {
    name: "history",
    group: "History and sampling",
    commands: SHOWS,
    settable: true,
    value: duration,
    default: "30m",
    help: "how far back samples are kept",
  },
  {
    name: "history-memory",
    group: "History and sampling",
    commands: SHOWS,
    settable: true,
    value: size,
    default: "64MB",
    help: "and in how much memory",
  },
  {
    name: "config",
    group: "Files",
    commands: ALL,
    settable: false,
    value: file,
    default: null,
    help: "settings and named connections, see below",
  },
  {
    name: "log",
    group: "Files",
    commands: ALL,
    settable: true,
    value: file,
    default: null,
    help: "write failures with their whole story to this file",
  },
] as const satisfies readonly Option[];

type Entry = (typeof OPTIONS)[number];
export type OptionName = Entry["name"];

/** What the options were set to, by the names of the flags; absent is not set. */
export type Settings = {
  readonly [E in Entry as E["name"]]?: ReturnType<E["value"]["read"]> | undefined;
};

export function optionNamed(name: string): Option | undefined {
  return OPTIONS.find((option) => option.name === name);
}

export function optionsOf(command: CommandName): readonly Option[] {
  return OPTIONS.filter((option: Option) => option.commands.includes(command));
}

export function isSwitch(option: Option): boolean {
  return option.value.placeholder === null;
}

/** `--interval`; for what is on unless turned off, `--no-idle`. */
export function flagOf(option: Option): string {
  return option.default === "on" ? `--no-${option.name}` : `--${option.name}`;
}

/** `PGTRIAGE_HISTORY_MEMORY` */
export function variableOf(name: string): string {
  return `PGTRIAGE_${name.toUpperCase().replaceAll("-", "_")}`;
}
