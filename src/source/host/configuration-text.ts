/** One line of a configuration file that means something. Names are as they are compared: small letters. */
export interface Entry {
  readonly name: string;
  readonly value: string;
}

/** postgresql.conf as PostgreSQL reads it: lines that it would not take are left out, because then it has not taken them either. */
export function parseConfiguration(text: string): readonly Entry[] {
  return text.split(/\r?\n|\r/).flatMap((line) => {
    const found = LINE.exec(line);
    if (found === null) return [];
    const [, name, quoted, plain] = found;
    return [{ name: name!.toLowerCase(), value: quoted === undefined ? plain! : unquoted(quoted) }];
  });
}

/** What a command line sets, in its order: `-p 5432`, `-c name=value`, `--name=value`, and the letters that are short for settings. */
export function parseArguments(words: readonly string[]): readonly Entry[] {
  const entries: Entry[] = [];
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!;
    if (word.startsWith("--")) {
      // `--single` and its like, which have no value, are no server at all.
      const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
      if (name !== undefined) entries.push({ name: settingName(name), value: value ?? "" });
    } else if (word.startsWith("-")) {
      // Letters can be put together until one of them takes the rest, or else the next word.
      for (let at = 1; at < word.length; at++) {
        const letter = word[at]!;
        if (!WITH_VALUE.includes(letter)) continue;
        const rest = word.slice(at + 1);
        const value = rest === "" ? (words[++i] ?? "") : rest;
        const [, name, set] = letter === "c" ? (/^([^=]+)=(.*)$/s.exec(value) ?? []) : ["", LETTERS[letter], value];
        if (name !== undefined && set !== undefined) entries.push({ name: settingName(name), value: set });
        break;
      }
    }
  }
  return entries;
}

/** A whole number as PostgreSQL reads one, also in hexadecimal and octal; null when it is none. */
export function wholeNumber(text: string | null): number | null {
  const found = /^\s*([+-]?)(0x[0-9a-f]+|\d+)\s*$/i.exec(text ?? "");
  if (found === null) return null;
  const digits = found[2]!;
  const value = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return found[1] === "-" ? -value : value;
}

/** `on`, `yes`, `true` and 1, as far as they are clear; null when it is no such word. */
export function truth(text: string | null): boolean | null {
  const word = (text ?? "").trim().toLowerCase();
  if (word === "") return null;
  if (word === "1" || word === "on" || "true".startsWith(word) || "yes".startsWith(word)) return true;
  if (word === "0" || (word.length > 1 && "off".startsWith(word)) || "false".startsWith(word) || "no".startsWith(word))
    return false;
  return null;
}

/** On a command line a dash may stand where the name has an underscore. */
function settingName(name: string): string {
  return name.replaceAll("-", "_").toLowerCase();
}

/** `''` and `\'` are a quote; of the other escapes only those that a path or a number could need. */
function unquoted(text: string): string {
  return text.replace(/''|\\([\s\S])/g, (whole, escaped: string | undefined) => (whole === "''" ? "'" : escaped!));
}

/** A name, perhaps `=`, a value in quotes or of one word, perhaps a comment. */
const LINE =
  /^[ \t]*([A-Za-z_][A-Za-z0-9_$]*(?:\.[A-Za-z_][A-Za-z0-9_$]*)*)(?:[ \t]*=[ \t]*|[ \t]+|(?='))(?:'((?:[^'\\]|''|\\.)*)'|([A-Za-z0-9_.:/+-]+))[ \t]*(?:#.*)?$/;

/** Options of postgres that take a value. */
const WITH_VALUE = "BcCdDhkNprSftvW";

const LETTERS: Readonly<Record<string, string>> = {
  D: "data_directory_argument",
  p: "port",
  k: "unix_socket_directories",
  N: "max_connections",
  h: "listen_addresses",
  C: "print_setting",
};
