import type { CommandName } from "./option-table.ts";

export interface Command {
  readonly name: CommandName;
  readonly synopsis: string;
  readonly help: string;
  /** How many words may follow its name. */
  readonly words: number;
}

export const COMMANDS: readonly Command[] = [
  {
    name: "dashboard",
    synopsis: "[CONNINFO [ROLE]]",
    help: "the dashboard",
    words: 2,
  },
  {
    name: "demo",
    synopsis: "demo",
    help: "the dashboard on a demo server",
    words: 0,
  },
  {
    name: "snapshot",
    synopsis: "snapshot [CONNINFO [ROLE]]",
    help: "one reading, assessed, on stdout",
    words: 2,
  },
  {
    name: "check",
    synopsis: "check [CONNINFO [ROLE]]",
    help: "one line and exit code for Nagios",
    words: 2,
  },
  {
    name: "completion",
    synopsis: "completion bash|zsh",
    help: "a script for your shell's Tab key",
    words: 1,
  },
];

/** Promised and not built yet. Their names are kept free: who types one must not be connected to a database of that name. */
export const COMMANDS_TO_COME: readonly string[] = ["record", "replay"];

/** What begins a command line; the dashboard has no name. */
export const COMMAND_NAMES: readonly string[] = COMMANDS.map(({ name }) => name).filter((name) => name !== "dashboard");

export function commandNamed(name: CommandName): Command {
  return COMMANDS.find((command) => command.name === name)!;
}

/** `pgtriage snapshot`, for a sentence. */
export function calledBy(name: CommandName): string {
  return name === "dashboard" ? "the dashboard" : `pgtriage ${name}`;
}
