import { Parser } from "yargs/helpers";
import { didYouMean } from "../text/nearest.ts";
import { calledBy, COMMAND_NAMES, COMMANDS_TO_COME, commandNamed } from "./command-table.ts";
import { isSwitch, optionNamed, OPTIONS, optionsOf, type CommandName, type Option } from "./option-table.ts";
import { read } from "./read.ts";
import { UsageError } from "./usage-error.ts";

/** What was typed, sorted out but not yet judged: who asks for help gets it, whatever else is wrong. */
export interface CommandLine {
  readonly asksFor: "help" | "version" | null;
  readonly command: CommandName;
  /** What stands beside the options, without the name of the command. */
  readonly words: readonly string[];
  /** By the name of the option, as written; a switch is "true" or "false". */
  readonly flags: ReadonlyMap<string, string>;
  /** What is wrong with it, in one sentence. */
  readonly fault: string | null;
}

export function commandLine(args: readonly string[]): CommandLine {
  const { argv, error } = Parser.detailed(separated(args), PARSER);
  const { _: all, help, version, w, ...rest } = argv as ParsedWords;
  const given = Object.entries(rest);
  const [first, ...others] = all;
  const command = COMMAND_NAMES.find((name) => name === first) as CommandName | undefined;
  const line = { command: command ?? "dashboard", words: command === undefined ? all : others };
  const flags = new Map(given.map(([name, value]) => [name, String(value)]));
  if (w === true) flags.set("password", "false");
  return {
    ...line,
    flags,
    asksFor: help === true ? "help" : version === true ? "version" : null,
    fault:
      missing(error) ?? unknown(given, line.command) ?? twice(args) ?? tooMany(line) ?? toCome(line, flags) ?? null,
  };
}

/** @throws UsageError what is wrong with the line, if anything is */
export function judged(line: CommandLine): CommandLine {
  if (line.fault !== null) throw new UsageError(line.fault);
  return line;
}

interface ParsedWords {
  readonly _: readonly string[];
  readonly help?: boolean;
  readonly version?: boolean;
  readonly w?: boolean;
  readonly [name: string]: unknown;
}

const taking = OPTIONS.filter((option) => !isSwitch(option)).map(({ name }) => name);

const PARSER = {
  // -w is --no-password.
  boolean: [...OPTIONS.filter(isSwitch).map(({ name }) => name), "help", "version", "w"],
  string: [...taking, "_"],
  narg: Object.fromEntries(taking.map((name) => [name, 1])),
  alias: {
    ...Object.fromEntries(OPTIONS.flatMap((option: Option) => (option.alias ? [[option.name, [option.alias]]] : []))),
    ...{ help: ["?"], version: ["V"] },
  },
  configuration: {
    // As for getopt: a value may begin with a dash (--sort -pid), and of several the last one wins.
    "nargs-eats-options": true,
    "duplicate-arguments-array": false,
    "strip-aliased": true,
    "camel-case-expansion": false,
    "dot-notation": false,
    "parse-numbers": false,
    "parse-positional-numbers": false,
  },
};

/**
 * What the parser would misread, in words that it reads rightly: `-Ume` and `-p5432`, as psql takes them, are no bundles of
 * switches, and `--ascii=yes` is not the same as no.
 */
function separated(args: readonly string[]): string[] {
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (word === "--") return [...words, ...args.slice(i)];
    const [, letter, attached = ""] = /^-([^-])(.*)$/s.exec(word) ?? [];
    const [, long, assigned] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const option = letter === undefined ? optionNamed(long ?? "") : optionLettered(letter);
    if (option === undefined) words.push(word);
    else if (!isSwitch(option)) {
      if (attached !== "") words.push(`--${option.name}=${attached.replace(/^=/, "")}`);
      else words.push(word, ...(assigned === undefined ? args.slice(++i, i + 1) : []));
    } else if (attached !== "") return [...words, `-${letter}`, ...separated([`-${attached}`, ...args.slice(i + 1)])];
    else words.push(assigned === undefined ? word : switched(option, assigned));
  }
  return words;
}

function optionLettered(letter: string): Option | undefined {
  return OPTIONS.find((option: Option) => option.alias === letter || option.negative?.alias === letter);
}

function switched(option: Option, text: string): string {
  return read(option, text, `--${option.name}`) === true ? `--${option.name}` : `--no-${option.name}`;
}

function missing(error: Error | null): string | null {
  const name = error === null ? null : (/following: (.*)$/.exec(error.message)?.[1] ?? null);
  if (error === null || name === null) return error?.message ?? null;
  const option = OPTIONS.find((option: Option) => option.name === name || option.alias === name);
  // Who types -h alone wants what it means everywhere but in psql.
  const aside = option?.name === "host" ? "; help is --help or -?" : "";
  return `--${option?.name ?? name} needs a value: ${option?.value.placeholder ?? ""}${aside}`;
}

function unknown(given: readonly (readonly [string, unknown])[], command: CommandName): string | null {
  const taken = optionsOf(command);
  for (const [name, value] of given) {
    const option = optionNamed(name);
    const written = name.length === 1 ? `-${name}` : value === false ? `--no-${name}` : `--${name}`;
    const negated = value === false && option !== undefined && !isSwitch(option);
    if (option === undefined || negated) {
      const flags = taken.flatMap((option) => (isSwitch(option) ? [option.name, `no-${option.name}`] : [option.name]));
      return `unknown option ${written}${didYouMean(written.slice(2), flags, (flag) => `--${flag}`)}`;
    }
    if (taken.includes(option) || option.ignoredBy?.includes(command) === true) continue;
    const where = listed(option.commands.map(calledBy));
    return `${written} is for ${where}; ${calledBy(command)} has no use for it`;
  }
  return null;
}

function listed(names: readonly string[]): string {
  return names.join(", ").replace(/, (?=[^,]*$)/, " and ");
}

/** Of several the last one wins; but nobody who names two means to protect less. */
function twice(args: readonly string[]): string | null {
  const end = args.indexOf("--");
  const given = (end < 0 ? args : args.slice(0, end)).filter((word) => /^--protect(?:=|$)/.test(word)).length;
  return given < 2
    ? null
    : "--protect is there twice: name all in one, with commas between, as in --protect 'user:etl, app:loader'";
}

function tooMany({ command, words }: Pick<CommandLine, "command" | "words">): string | null {
  const takes = commandNamed(command).words;
  if (words.length <= takes) return null;
  // Not quoted: it may be a piece of a connection string that lacked its quotes, and hold a password.
  const what = takes === 0 ? "options only" : takes === 1 ? "one word" : "CONNINFO and ROLE";
  return `${calledBy(command)} takes ${what}, and there is more on the line: are quotes missing?`;
}

function toCome(line: Pick<CommandLine, "command" | "words">, flags: ReadonlyMap<string, string>): string | null {
  const [first] = line.words;
  if (line.command !== "dashboard" || first === undefined || !COMMANDS_TO_COME.includes(first)) return null;
  // After -d a word is a role, as for psql.
  if (flags.has("dbname")) return null;
  return `pgtriage ${first} is not in this version yet; a database of that name is -d ${first}`;
}
