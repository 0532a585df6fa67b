import { ConninfoError } from "./connection/parameters.ts";
import { FailedError } from "./commands/failure.ts";
import { dashboardOptions, flags as flagsOf, roads, thresholds } from "./commands/options.ts";
import { version } from "./commands/version.ts";
import { commandLine, judged } from "./settings/command-line.ts";
import { candidates } from "./settings/completion.ts";
import { completionScript } from "./settings/completion-script.ts";
import { help } from "./settings/help.ts";
import { said } from "./settings/settings.ts";
import { UsageError } from "./settings/usage-error.ts";
import { sentence } from "./sentence.ts";
import { InterruptedError } from "./ui/password.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** To a monitoring system 1 is a warning and 2 an alarm: whatever keeps a check from looking must be neither. */
const EXIT_UNKNOWN = 3;

/** Reads the command line and runs what it asks for. Every failure ends in one plain sentence on stderr, never in a stack. */
export async function main(args: readonly string[]): Promise<void> {
  const monitored = checks(args);
  // A full disk or a closed pipe behind standard output is no bug of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE")
      process.stderr.write(`pgtriage: standard output cannot be written: ${error.code ?? error.message}\n`);
    process.exit(monitored ? EXIT_UNKNOWN : EXIT_FAILED);
  });
  try {
    await run(args);
  } catch (error) {
    if (error instanceof InterruptedError) process.exit(error.code);
    const usage = error instanceof UsageError || error instanceof ConninfoError;
    const what = sentence(error instanceof Error ? error.message : String(error));
    const known = usage || error instanceof FailedError;
    const told = `${known ? "" : "internal error: "}${what}`;
    if (monitored) {
      const { unknown } = await import("./commands/one-shot.ts");
      process.stdout.write(`${unknown(told).line}\n`);
      process.exit(EXIT_UNKNOWN);
    }
    process.stderr.write(`pgtriage: ${told}\n${usage ? "Try pgtriage --help.\n" : ""}`);
    process.exit(usage ? EXIT_USAGE : EXIT_FAILED);
  }
}

/** What needs no server is answered first, whatever the config file holds; driver and widgets are loaded for who uses them. */
async function run([...args]: readonly string[]): Promise<void> {
  if (args[0] === "--get-yargs-completions") return print(candidates(args.slice(1), process.env));
  const line = commandLine(args);
  if (line.asksFor === "version") return print(`${version()}\n`);
  if (line.asksFor === "help") return print(help(line.command, process.stdout.columns ?? 80));
  if (line.command === "completion") return print(completionScript(judged(line).words[0]));

  const all = said(line, process.env);
  const flags = flagsOf(all);
  if (all.warning !== null) process.stderr.write(`pgtriage: ${sentence(all.warning)}\n`);
  if (flags.color === false) process.env["NO_COLOR"] = "1";
  else if (all.insistsOnColor) delete process.env["NO_COLOR"];
  switch (line.command) {
    case "dashboard": {
      const { dashboard } = await import("./commands/interactive.ts");
      return dashboard(roads(flags, process.env), dashboardOptions(flags, 2));
    }
    case "demo": {
      const { demo } = await import("./commands/interactive.ts");
      return demo(flags.scenario ?? "mixed", dashboardOptions(flags, 1));
    }
    case "snapshot": {
      const { snapshot } = await import("./commands/one-shot.ts");
      const { format = "text", log = null } = flags;
      return snapshot(roads(flags, process.env), format, thresholds(flags), log);
    }
    case "check": {
      const { check } = await import("./commands/one-shot.ts");
      const { timeout = 10, log = null } = flags;
      return check(roads(flags, process.env), thresholds(flags), timeout, log);
    }
  }
}

function checks(args: readonly string[]): boolean {
  try {
    return commandLine(args).command === "check";
  } catch {
    // Not even the command line can be read.
    return args.includes("check");
  }
}

function print(text: string): void {
  process.stdout.write(text);
}
