import { isParameter } from "../connection/parameters.ts";
import { didYouMean } from "../text/nearest.ts";
import { isSwitch, OPTIONS, variableOf, type Option, type OptionName } from "./option-table.ts";
import { read } from "./read.ts";
import { UsageError } from "./usage-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Which file to read: the only variable that is no option of the config file itself. */
export const CONFIG_VARIABLE = variableOf("config");

/**
 * What PGTRIAGE_* variables set; an empty one sets nothing. A switch has its no- form too: PGTRIAGE_NO_COLOR=1.
 * @throws UsageError for a variable that means nothing, since somebody believes that it does
 */
export function environmentSettings(env: Environment): ReadonlyMap<OptionName, unknown> {
  const settings = new Map<OptionName, unknown>();
  for (const [variable, text = ""] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || variable === CONFIG_VARIABLE || text === "") continue;
    const found = SETTABLE.find(({ name }) => variableOf(name) === variable);
    const negated = SETTABLE.find((option) => isSwitch(option) && variableOf(`no-${option.name}`) === variable);
    if (found !== undefined) settings.set(found.name, read(found, text, variable));
    else if (negated !== undefined) settings.set(negated.name, read(negated, text, variable) === false);
    else throw new UsageError(`unknown variable ${variable}${meant(variable)}`);
  }
  return settings;
}

/** Told by what stands behind the prefix: that is the same in all, and would make any two of them alike. */
function meant(variable: string): string {
  const own = variable.slice(PREFIX.length);
  if (isParameter(own.toLowerCase()) || own === "USERNAME")
    return ": where to connect is said by libpq's own, PGHOST, PGUSER, PGPASSWORD";
  return didYouMean(
    own,
    variables().map((name) => name.slice(PREFIX.length)),
    (name) => PREFIX + name,
  );
}

const PREFIX = variableOf("");
const SETTABLE: readonly (Option & { readonly name: OptionName })[] = OPTIONS.filter(({ settable }) => settable);

function variables(): string[] {
  const names = SETTABLE.flatMap((option) => (isSwitch(option) ? [option.name, `no-${option.name}`] : [option.name]));
  return ["config", ...names].map(variableOf);
}
