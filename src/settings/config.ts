import { didYouMean } from "../text/nearest.ts";
import { COMMAND_NAMES, COMMANDS_TO_COME } from "./command-table.ts";
import { OPTIONS, type Option, type OptionName } from "./option-table.ts";
import { read } from "./read.ts";
import { UsageError } from "./usage-error.ts";

/** A server with a name: `pgtriage prod`. A password may be in the conninfo: it goes to the connection and nowhere else. */
export interface NamedConnection {
  readonly conninfo: string;
  readonly settings: ReadonlyMap<OptionName, unknown>;
}

export interface Config {
  readonly settings: ReadonlyMap<OptionName, unknown>;
  readonly connections: ReadonlyMap<string, NamedConnection>;
  /** Others than its owner can read a password in it; null when not. */
  readonly exposed: string | null;
}

/** What a config file is to whoever checks its contents. */
export interface Surroundings {
  readonly file: string;
  /** Where a file is that is named in it. */
  readonly locate: (name: string) => string;
  /** Asked only when there is a secret to be read. */
  readonly readableByOthers: () => boolean;
}

/** @throws UsageError naming the file and the key, and quoting nothing of a conninfo */
export function config(parsed: unknown, at: Surroundings): Config {
  const { file } = at;
  const { connections: named = {}, ...general } = object(parsed, file);
  const settings = settingsIn(general, file, ["connections"], at);
  const connections = new Map<string, NamedConnection>();
  for (const [name, value] of Object.entries(object(named, `"connections" in ${file}`))) {
    connections.set(permitted(name, file), connection(value, `connection "${name}" in ${file}`, at));
  }
  const secret =
    mayExpose(settings) ||
    [...connections.values()].some(({ conninfo, settings }) => holdsPassword(conninfo) || mayExpose(settings));
  return { settings, connections, exposed: secret && at.readableByOthers() ? file : null };
}

function connection(value: unknown, where: string, at: Surroundings): NamedConnection {
  if (typeof value === "string") return { conninfo: value, settings: new Map() };
  const { conninfo, ...settings } = object(value, where, "a conninfo, or ");
  if (conninfo === undefined) throw new UsageError(`${where} has no "conninfo"`);
  if (typeof conninfo !== "string") throw new UsageError(`"conninfo" of ${where} is a text`);
  return { conninfo, settings: settingsIn(settings, where, ["conninfo"], at) };
}

function permitted(name: string, file: string): string {
  if ([...COMMAND_NAMES, ...COMMANDS_TO_COME].includes(name)) {
    throw new UsageError(`connection "${name}" in ${file} has the name of a command: call it something else`);
  }
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name)) {
    // Not quoted: it may be a conninfo at the wrong side of the colon.
    throw new UsageError(`the name of a connection in ${file} is made of letters, digits, and _ . - inside of it`);
  }
  return name;
}

function settingsIn(
  values: Readonly<Record<string, unknown>>,
  where: string,
  others: readonly string[],
  { locate }: Surroundings,
): ReadonlyMap<OptionName, unknown> {
  const settings = new Map<OptionName, unknown>();
  for (const [key, value] of Object.entries(values)) {
    const option = SETTABLE.find(({ name }) => name === key);
    if (option === undefined) throw new UsageError(notSettable(key, where, others));
    const named = `"${key}" in ${where}`;
    if (isListOf(option, value)) {
      settings.set(option.name, readEach(option, value, named));
      continue;
    }
    const text = asText(option, value, named);
    settings.set(
      option.name,
      read(option, option.value.choices === "files" && text !== "" ? locate(text) : text, named),
    );
  }
  return settings;
}

const SETTABLE: readonly (Option & { readonly name: OptionName })[] = OPTIONS.filter(({ settable }) => settable);

function notSettable(key: string, where: string, others: readonly string[]): string {
  const option = OPTIONS.find(({ name }) => name === key);
  if (option?.group === "Connecting")
    return `"${key}" does not belong into ${where}: "conninfo" of a connection says it`;
  if (option !== undefined) return `"${key}" does not belong into ${where}: it is a flag only`;
  const known = [...SETTABLE.map(({ name }) => name), ...others];
  const meant = key.startsWith("no-") && SETTABLE.some(({ name }) => name === key.slice(3));
  const hint = meant ? `: write "${key.slice(3)}": false` : didYouMean(key, known, (name) => `"${name}"`);
  return `unknown key "${key}" in ${where}${hint}`;
}

function isListOf(option: Option, value: unknown): value is readonly string[] {
  return option.value.json === "list" && Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** Each by itself, so that a quote that is open in one text does not swallow the next. */
function readEach(option: Option, texts: readonly string[], named: string): unknown {
  return texts.length === 0 ? read(option, "", named) : texts.flatMap((text) => read(option, text, named));
}

/** As it would be written behind the flag, so that one reader serves all. */
function asText(option: Option, value: unknown, named: string): string {
  const { json } = option.value;
  if (typeof value === (json === "list" ? "string" : json)) return String(value);
  throw new UsageError(`${named} is ${KINDS[json]}, not ${kindOf(value)}`);
}

const KINDS = { string: 'a "text"', number: "a number", boolean: "true or false", list: 'a list of "texts"' } as const;

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "boolean") return String(value);
  return { string: 'a "text"', number: "a number" }[typeof value as string] ?? "an object";
}

function object(value: unknown, where: string, or = ""): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UsageError(`${where} is ${or}an object in { }, not ${kindOf(value)}`);
}

/** --rescue takes a conninfo, too. */
function mayExpose(settings: ReadonlyMap<OptionName, unknown>): boolean {
  const rescue = settings.get("rescue");
  return typeof rescue === "string" && holdsPassword(rescue);
}

/** In a URI before the @, or in its query or a key=value string. */
function holdsPassword(conninfo: string): boolean {
  return /^[a-z]+:\/\/[^/?#@]*:[^@]+@/i.test(conninfo) || /(?:^|[\s?&])password\s*=\s*[^\s&]/i.test(conninfo);
}
