import yargs, { type Argv } from "yargs";
import { ConninfoError } from "./connection/parameters.ts";
import { dashboard } from "./commands/dashboard.ts";
import { dashboardOptions, prompt, target, thresholds, UsageError, type Flags } from "./commands/options.ts";
import { FailedError } from "./commands/snapshot.ts";
import { version } from "./commands/version.ts";
import type { ScenarioName } from "./demo/index.ts";
import { sentence } from "./sentence.ts";
import { InterruptedError } from "./ui/password.ts";
import { THEMES } from "./ui/theme.ts";

const DEFAULT_SCENARIO: ScenarioName = "mixed";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** As a shell has it after Ctrl-C. */
const EXIT_INTERRUPTED = 130;

/** Reads the command line and runs what it asks for. Every failure ends in one plain sentence on stderr, never in a stack. */
export async function main(args: readonly string[]): Promise<void> {
  // A full disk or a closed pipe behind standard output is no bug of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE")
      process.stderr.write(`pgtriage: standard output cannot be written: ${error.code ?? error.message}\n`);
    process.exit(EXIT_FAILED);
  });
  try {
    await parser(args).parseAsync();
  } catch (error) {
    if (error instanceof InterruptedError) process.exit(EXIT_INTERRUPTED);
    const usage = error instanceof UsageError || error instanceof ConninfoError;
    const said = error instanceof Error ? error.message : String(error);
    if (!usage && !(error instanceof FailedError)) {
      process.stderr.write(`pgtriage: internal error: ${sentence(said)}\n`);
    } else process.stderr.write(`pgtriage: ${sentence(said)}\n${usage ? "Try pgtriage --help.\n" : ""}`);
    process.exit(usage ? EXIT_USAGE : EXIT_FAILED);
  }
}

function parser(args: readonly string[]): Argv {
  return yargs([...args])
    .scriptName("pgtriage")
    .usage("pgtriage: who holds the connection slots of a PostgreSQL server, who blocks whom, since when.")
    .command(
      "$0 [conninfo]",
      "the dashboard",
      (y) => dashboardFlags(connectionFlags(y)),
      (flags) => dashboard(target(flags, process.env), dashboardOptions(flags, 2)),
    )
    .command(
      "demo",
      "a real PostgreSQL with an incident on it, and the dashboard on top; no server and no Docker needed",
      async (y) => {
        const { SCENARIOS } = await import("./demo/index.ts");
        return dashboardFlags(y).option("scenario", {
          choices: Object.keys(SCENARIOS) as ScenarioName[],
          default: DEFAULT_SCENARIO,
          describe: Object.entries(SCENARIOS)
            .map(([name, { description }]) => `${name}: ${description}`)
            .join("; "),
        });
      },
      async (flags) => {
        const { demo } = await import("./commands/demo.ts");
        await demo(flags.scenario, dashboardOptions(flags, 1));
      },
    )
    .command(
      "snapshot [conninfo]",
      "one reading, assessed, on standard output",
      (y) =>
        connectionFlags(levelFlags(y)).option("format", {
          choices: ["text", "json"] as const,
          default: "text" as const,
          describe: "for a person, or for a script",
        }),
      async (flags) => {
        const { snapshot } = await import("./commands/snapshot.ts");
        await snapshot(target(flags, process.env), prompt(flags), flags.format, thresholds(flags));
      },
    )
    .epilogue(
      "CONNINFO is a URI (postgres://user@host:5432/database) or a database name. What is not said comes from PGHOST, PGPORT, " +
        "PGUSER, PGDATABASE, PGPASSWORD, PGSSLMODE and ~/.pgpass, as for psql.",
    )
    .help("help")
    .alias("help", "?")
    .version(version())
    .strict()
    .exitProcess(true)
    .wrap(Math.min(100, process.stdout.columns ?? 80))
    .fail((message, error) => {
      // What our own code throws goes on to main(); what yargs finds wrong is wrong usage.
      throw error ?? new UsageError(message.replace(/\s*\n\s*/g, " ").trim());
    });
}

function connectionFlags<T>(y: Argv<T>) {
  return y
    .positional("conninfo", { type: "string", describe: "URI or database name" })
    .option("host", {
      alias: "h",
      type: "string",
      requiresArg: true,
      describe: "host name, address, or directory of the Unix socket",
    })
    .option("port", { alias: "p", type: "number", requiresArg: true, describe: "port" })
    .option("username", { alias: "U", type: "string", requiresArg: true, describe: "role" })
    .option("prompt-always", { alias: "W", type: "boolean", describe: "ask for the password before connecting" })
    .option("w", { type: "boolean", describe: "never ask for a password" })
    .option("dbname", { alias: "d", type: "string", requiresArg: true, describe: "database name or URI" });
}

function levelFlags<T>(y: Argv<T>) {
  return y
    .option("warn", {
      type: "number",
      requiresArg: true,
      describe: "percent of all or of the app slots to warn at [80]",
    })
    .option("crit", { type: "number", requiresArg: true, describe: "percent that is critical [95]" });
}

function dashboardFlags<T>(y: Argv<T>) {
  return levelFlags(y)
    .option("interval", {
      alias: "i",
      type: "number",
      requiresArg: true,
      describe: "seconds between samples, 0.1 to 300 [2; demo 1]",
    })
    .option("filter", {
      type: "string",
      requiresArg: true,
      describe: "as / in the dashboard: state:idle user:app '>30s'",
    })
    .option("sort", {
      type: "string",
      requiresArg: true,
      describe: "column to sort by: xact, state-age, block …; -xact for the other way",
    })
    .option("idle", { type: "boolean", default: true, describe: "list idle sessions; --no-idle hides them" })
    .option("history", { type: "string", requiresArg: true, describe: "how far back samples are kept [30m]" })
    .option("history-memory", { type: "string", requiresArg: true, describe: "and in how much memory [64MB]" })
    .option("columns", {
      type: "string",
      requiresArg: true,
      describe: "columns to show, in this order: pid,user,state,query",
    })
    .option("theme", { choices: THEMES, describe: "colours [default]" })
    .option("ascii", { type: "boolean", describe: "plain characters instead of lines and blocks" })
    .option("mouse", {
      type: "boolean",
      describe: "click and wheel act; the terminal's own selection then needs Shift",
    })
    .option("color", {
      type: "boolean",
      default: true,
      describe: "--no-color, or NO_COLOR set: bold and underline only",
    })
    .option("log", {
      type: "string",
      requiresArg: true,
      describe: "write failures with their whole story to this file",
    })
    .middleware((flags: Flags & { w?: boolean; promptAlways?: boolean }) => {
      if (flags.w) Object.assign(flags, { prompt: "never" });
      if (flags.promptAlways) Object.assign(flags, { prompt: "always" });
      if (flags.color === false) process.env["NO_COLOR"] = "1";
    });
}
