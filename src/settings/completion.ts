import { COMMANDS } from "./command-table.ts";
import { configFile } from "./config-file.ts";
import type { Environment } from "./environment.ts";
import { isSwitch, OPTIONS, optionsOf, type CommandName, type Option } from "./option-table.ts";
import type { Choice } from "./values.ts";

/** What a shell's script understands as "the names of files". */
export const FILES = ":files:";

/**
 * What could stand where the last word is being typed: one on a line, with a tab before what it means.
 * @param words what is on the line after the name of the program, the last one perhaps empty
 */
export function candidates(words: readonly string[], env: Environment): string {
  const line = joined(words);
  const typed = line.at(-1) ?? "";
  const found = offers(line.slice(0, -1), typed, env);
  if (found === FILES) return `${FILES}\n`;
  return found
    .filter(({ name }) => name.startsWith(typed))
    .map(({ name, help }) => `${name}\t${help}\n`)
    .join("");
}

function offers(before: readonly string[], typed: string, env: Environment): readonly Choice[] | typeof FILES {
  const command = (COMMANDS.find(({ name }) => name === before[0])?.name ?? "dashboard") satisfies CommandName;
  const awaited = valueAwaitedBy(before);
  if (awaited !== undefined) return valuesOf(awaited, typed);
  if (typed.startsWith("-")) return flagsOf(command, before);
  if (command === "completion") return before.length === 1 ? SHELLS : [];
  if (command === "demo" || positionals(before, command) > 0) return [];
  return [...(before.length === 0 ? commands() : []), ...connections(before, env)];
}

/** `--sort=xa` is `--sort xa`, in one word or in three as bash has it. Who completes there completes the value alone. */
function joined(words: readonly string[]): readonly string[] {
  const parts = words.flatMap((word) => /^(--[^=]+)=(.*)$/s.exec(word)?.slice(1) ?? [word]);
  const line = parts.filter((word, i) => word !== "=" || i === parts.length - 1);
  return line.at(-1) === "=" ? [...line.slice(0, -1), ""] : line;
}

function optionOf(word: string | undefined): Option | undefined {
  return OPTIONS.find((option: Option) => word === `--${option.name}` || word === `-${option.alias ?? "-"}`);
}

function valueAwaitedBy(before: readonly string[]): Option | undefined {
  const option = optionOf(before.at(-1));
  return option === undefined || isSwitch(option) ? undefined : option;
}

function valuesOf({ value, name }: Option, typed: string): readonly Choice[] | typeof FILES {
  if (value.choices === null) return [];
  if (value.choices === "files") return FILES;
  const choices = value.choices;
  // Of a list the last item is being typed, and none of those before it again.
  const done = value.json === "list" ? typed.slice(0, typed.lastIndexOf(",") + 1) : "";
  const left = choices.filter((choice) => !done.split(",").includes(choice.name));
  if (name === "sort" && typed.startsWith("-")) return left.map((choice) => ({ ...choice, name: `-${choice.name}` }));
  return left.map((choice) => ({ ...choice, name: done + choice.name }));
}

/** Those not on the line yet; a switch as it is worth typing, the other way round once that has begun. */
function flagsOf(command: CommandName, before: readonly string[]): readonly Choice[] {
  const flags = optionsOf(command).flatMap((option): Choice[] => {
    const usual = { name: option.default === "on" ? `--no-${option.name}` : `--${option.name}`, help: option.help };
    return option.negative === undefined
      ? [usual]
      : [usual, { name: `--no-${option.name}`, help: option.negative.help }];
  });
  const known = command === "completion" ? [] : flags.filter(({ name }) => !before.includes(name));
  return [
    ...known,
    { name: "--help", help: "explains commands, options and settings" },
    { name: "--version", help: "" },
  ];
}

function commands(): readonly Choice[] {
  return COMMANDS.filter(({ name }) => name !== "dashboard").map(({ name, help }) => ({ name, help }));
}

const SHELLS: readonly Choice[] = [
  { name: "bash", help: "for ~/.bashrc" },
  { name: "zsh", help: "for ~/.zshrc" },
];

/** A config file that is wrong says so when it is used, not while somebody types. */
function connections(before: readonly string[], env: Environment): readonly Choice[] {
  const asked = before.find((_, i) => before[i - 1] === "--config");
  try {
    return [...configFile(asked, env).connections.keys()].map((name) => ({ name, help: "connection" }));
  } catch {
    return [];
  }
}

/** Words that are neither the command nor an option nor its value. */
function positionals(before: readonly string[], command: CommandName): number {
  const words = before.filter((word, i) => !word.startsWith("-") && valueAwaitedBy(before.slice(0, i)) === undefined);
  return words.length - (command === "dashboard" ? 0 : 1);
}
