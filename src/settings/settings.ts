import { configFile } from "./config-file.ts";
import { judged, type CommandLine } from "./command-line.ts";
import { environmentSettings, type Environment } from "./environment.ts";
import { optionNamed, type Settings } from "./option-table.ts";
import { read } from "./read.ts";

/** All that was said, wherever it was said. */
export interface Said {
  readonly settings: Settings;
  /** The CONNINFO of the named connection, when the first word was its name. */
  readonly named: string | undefined;
  /** The words that are left: CONNINFO and ROLE; after the name of a connection, ROLE alone. */
  readonly words: readonly string[];
  /** Whether it was said that there be colours (or none) where NO_COLOR could be overruled: by a flag or a PGTRIAGE_* variable. */
  readonly insistsOnColor: boolean;
  /** What to tell before anything starts. */
  readonly warning: string | null;
}

/**
 * Flags over PGTRIAGE_* variables, over the named connection, over the config file.
 * @throws UsageError for the first thing in any of them that makes no sense
 */
export function said(line: CommandLine, env: Environment): Said {
  const flags = flagSettings(judged(line));
  const environment = environmentSettings(env);
  const file = configFile(line.flags.get("config"), env);
  const [first, ...rest] = line.words;
  const connection = first === undefined ? undefined : file.connections.get(first);
  const layers = [file.settings, connection?.settings ?? [], environment, flags];
  return {
    settings: Object.fromEntries(layers.flatMap((layer) => [...layer])),
    named: connection?.conninfo,
    words: connection === undefined ? line.words : rest,
    insistsOnColor: (flags.get("color") ?? environment.get("color")) === true,
    warning:
      file.exposed === null ? null : `others can read the passwords in ${file.exposed}: chmod 600 keeps them yours`,
  };
}

function flagSettings({ flags }: CommandLine): ReadonlyMap<string, unknown> {
  return new Map([...flags].map(([name, text]) => [name, read(optionNamed(name)!, text, `--${name}`)]));
}
