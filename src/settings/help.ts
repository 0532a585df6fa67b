import { COMMANDS, commandNamed, type Command } from "./command-table.ts";
import { flagOf, GROUPS, isSwitch, optionNamed, optionsOf, type CommandName, type Option } from "./option-table.ts";

/** The page of `pgtriage COMMAND --help`, never wider than asked for; ends with a line break. */
export function help(command: CommandName, columns: number): string {
  const width = Math.max(NARROWEST, Math.min(columns, WIDEST));
  const sections = command === "dashboard" ? ofDashboard(width) : ofCommand(commandNamed(command), width);
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** A line of options on the left, what it means on the right. */
type Row = readonly [left: string, right: string];

const NARROWEST = 40;
const WIDEST = 100;
const LEFT = 29;
const EXAMPLES_LEFT = 40;

function ofDashboard(width: number): string[][] {
  return [
    wrapped("pgtriage: who holds PostgreSQL's connection slots, who blocks whom, since when.", width),
    section(
      "",
      COMMANDS.map(({ synopsis, help }) => [`pgtriage ${synopsis}`, help]),
      width,
      LONGEST_SYNOPSIS + 4,
    ),
    section("Examples", EXAMPLES, width, EXAMPLES_LEFT),
    wrapped(CONNINFO, width),
    ...optionSections("dashboard", width),
    section("Settings", SETTINGS, width, 17),
    section("Exit codes", EXIT_CODES, width, 17),
    wrapped("In the dashboard ? explains the screen and the keys.", width),
  ];
}

function ofCommand(command: Command, width: number): string[][] {
  return [
    wrapped(`pgtriage ${command.name}: ${command.help}.`, width),
    [`  pgtriage ${command.synopsis}`],
    ...ABOUT[command.name]!(width),
    ...(command.name === "completion" ? [] : optionSections(command.name, width)),
    wrapped("pgtriage --help tells of CONNINFO, settings and exit codes.", width),
  ];
}

const LONGEST_SYNOPSIS = Math.max(...COMMANDS.map(({ synopsis }) => `pgtriage ${synopsis}`.length));

const EXAMPLES: readonly Row[] = [
  ["pgtriage", "as psql connects: PG*, ~/.pgpass"],
  ["pgtriage -h db1 -U monitor shop", "host, role and database"],
  ["pgtriage postgres://monitor@db1/shop", "the same as a URI"],
  ["pgtriage prod --filter state:itx", "a connection of the config file"],
];

const CONNINFO =
  "CONNINFO is a database name, a URI (postgres://user@host:port/database), a text in libpq's manner ('host=db1 dbname=shop') " +
  "or the name of a connection in the config file. What it leaves open comes from PGHOST, PGPORT, PGUSER, PGDATABASE, " +
  "PGPASSWORD, PGSSLMODE and ~/.pgpass, as for psql.";

const SETTINGS: readonly Row[] = [
  ["config file", "~/.config/pgtriage/config.json, options by their names:"],
  ["", '{ "warn": 70, "connections": { "prod": "postgres://db1" } }'],
  ["environment", "PGTRIAGE_WARN=70, PGTRIAGE_NO_IDLE=1, PGTRIAGE_CONFIG=FILE"],
  ["which wins", "options over environment, environment over config file"],
];

const EXIT_CODES: readonly Row[] = [
  ["0", "you left with q or Ctrl-C, or the snapshot is out"],
  ["1", "it could not be done: no connection, say"],
  ["2", "it was asked for wrongly, or the dashboard has no terminal"],
  ["129, 130, 143", "a signal ended it"],
];

/** What is worth saying of each command beside its options. */
const ABOUT: Readonly<Record<string, (width: number) => string[][]>> = {
  demo: (width) => [
    wrapped(
      "A real PostgreSQL with an incident on it, and the dashboard on top. It comes from npm, once; when you leave with q nothing is " +
        "left behind.",
      width,
    ),
    section("Incidents", scenarios(), width, 10),
  ],
  snapshot: (width) => [
    section(
      "Examples",
      [
        ["pgtriage snapshot prod", "what an incident channel wants to know"],
        ["pgtriage snapshot --format json shop", "for a script: fields that stay"],
      ],
      width,
      EXAMPLES_LEFT,
    ),
  ],
  check: (width) => [
    section(
      "Exit codes",
      [
        ["0 OK", "none of these"],
        ["1 WARNING", "slots used from --warn on, or a role or a database at its own limit"],
        ["2 CRITICAL", "from --crit on, none left for app roles, or refused for want of a slot"],
        ["3 UNKNOWN", "no reading for another reason, hidden sessions, or wrong usage"],
      ],
      width,
      17,
    ),
    section("Example", [["pgtriage check --warn 75 prod", "a password comes from ~/.pgpass"]], width, EXAMPLES_LEFT),
  ],
  completion: (width) => [
    section(
      "",
      [
        ["bash, in ~/.bashrc", "source <(pgtriage completion bash)"],
        ["zsh, in ~/.zshrc", "source <(pgtriage completion zsh)"],
      ],
      width,
    ),
  ],
};

function scenarios(): readonly Row[] {
  const { choices } = optionNamed("scenario")!.value;
  return choices === null || choices === "files" ? [] : choices.map(({ name, help }) => [name, help]);
}

function optionSections(command: CommandName, width: number): string[][] {
  const options = optionsOf(command);
  const groups = GROUPS.map((group) => [group, options.filter((option) => option.group === group)] as const);
  return [
    ...groups.flatMap(([group, members]) =>
      members.length === 0 ? [] : [section(group, members.flatMap(rows), width)],
    ),
    section(
      "",
      [
        ["-?, --help", "this page"],
        ["-V, --version", "the version"],
      ],
      width,
    ),
  ];
}

function rows(option: Option): readonly Row[] {
  const letter = option.alias === undefined ? "    " : `-${option.alias}, `;
  const placeholder = isSwitch(option) ? "" : ` ${option.value.placeholder}`;
  const usual = option.default === null || isSwitch(option) ? "" : ` [${option.default}]`;
  const row: Row = [`${letter}${flagOf(option)}${placeholder}`, `${option.help}${usual}`];
  if (option.negative === undefined) return [row];
  return [row, [`-${option.negative.alias}, --no-${option.name}`, option.negative.help]];
}

/** A title and rows in two columns; where there is no room for two, the second stands under the first. */
function section(title: string, rows: readonly Row[], width: number, left = LEFT): string[] {
  const narrow = width < left + 30;
  const indent = narrow ? 6 : left;
  const lines = rows.flatMap(([name, text]) => {
    const texts = wrapped(text, width - indent).map((line) => " ".repeat(indent) + line);
    const head = `  ${name}`;
    if (name === "") return texts;
    return !narrow && head.length + 2 <= indent
      ? [head.padEnd(indent) + texts[0]!.trimStart(), ...texts.slice(1)]
      : [...wrapped(head, width), ...texts];
  });
  return title === "" ? lines : [`${title}:`, ...lines];
}

/** Lines that break between words; the indentation of the first is kept in all of them. */
function wrapped(text: string, width: number): string[] {
  const indent = /^ */.exec(text)![0];
  const lines: string[] = [];
  let line = "";
  for (const word of text.trim().split(" ")) {
    if (line !== "" && `${indent}${line} ${word}`.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
