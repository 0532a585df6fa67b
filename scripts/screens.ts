import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Terminal } from "../test/terminal/terminal.ts";
import { DARK, LIGHT, png, svg } from "./picture.ts";

const USAGE = `Pictures of the real program, taken from a real terminal.

  tsx scripts/screens.ts                    the demo in every size of the documentation, to docs/screens/*.svg
  tsx scripts/screens.ts --command "node bin/pgtriage.js -h ..." --keys "j,j,Enter" --size 120x40 --png DIR

  --seconds N      how long the demo's incident develops before the first picture (default 45)
  --scenario NAME  which incident (default mixed)
  --out DIR        where SVGs go (default docs/screens; with --command none are written unless asked for)
  --png DIR        write PNGs there as well
  --command CMD    photograph this instead of the demo
  --until REGEX    what the screen must show first (default for the demo: Slots [)
  --keys LIST      keys to press before the picture, with commas between: j, Enter, Ctrl-C, Comma, a whole word...
  --size CxR       may be repeated (default with --command 120x40)
  --name NAME      how the file is called (default: the scenario, or "screen"), the size is added
  --text           print the screens as text
  --light          on white paper
`;

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const DOCUMENTED = ["120x40", "200x60", "80x24", "40x10"];
/** A demo may have to fetch its server first. */
const LIVE_MS = 120_000;
const STILL_MS = 250;
const END_MS = 15_000;
const PNG_ZOOM = 1.5;

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string" },
    scenario: { type: "string", default: "mixed" },
    out: { type: "string" },
    png: { type: "string" },
    command: { type: "string" },
    until: { type: "string" },
    keys: { type: "string", default: "" },
    size: { type: "string", multiple: true },
    name: { type: "string" },
    text: { type: "boolean", default: false },
    light: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

interface Size {
  readonly columns: number;
  readonly rows: number;
}

if (options.help) process.stdout.write(USAGE);
else await photograph();

/** One program for all sizes, resized between the pictures: they show the same incident. */
async function photograph(): Promise<void> {
  const adHoc = options.command !== undefined;
  const sizes = (options.size ?? (adHoc ? ["120x40"] : DOCUMENTED)).map(parseSize);
  const command = options.command ?? `"${process.execPath}" bin/pgtriage.js demo --scenario ${options.scenario}`;
  const terminal = new Terminal("/bin/sh", ["-c", `exec ${command}`], { ...sizes[0], cwd: REPOSITORY });
  try {
    const live = options.until ?? (adHoc ? undefined : "Slots \\[");
    if (live !== undefined) await terminal.waitFor(new RegExp(live), LIVE_MS);
    await pause(1_000 * Number(options.seconds ?? (adHoc ? 0 : 45)));
    await still(terminal);
    for (const key of options.keys.split(",").filter((name) => name !== "")) {
      terminal.press(key);
      await still(terminal);
    }
    for (const size of sizes) await picture(terminal, size);
  } finally {
    await end(terminal);
  }
}

async function picture(terminal: Terminal, size: Size): Promise<void> {
  if (size.columns !== terminal.columns || size.rows !== terminal.rows) {
    terminal.resize(size.columns, size.rows);
    await terminal.nextOutput(2_000);
  }
  await still(terminal);
  const name = `${options.name ?? (options.command === undefined ? options.scenario : "screen")}-${size.columns}x${size.rows}`;
  const drawn = svg(terminal, options.light ? LIGHT : DARK);
  const out = options.out ?? (options.command === undefined ? join(REPOSITORY, "docs/screens") : undefined);
  if (out !== undefined) write(out, `${name}.svg`, drawn);
  if (options.png !== undefined) write(options.png, `${name}.png`, png(drawn, PNG_ZOOM));
  if (options.text) process.stdout.write(`${terminal.text()}\n`);
}

/** A program that paints every second is still in between; one that never stops is photographed as it is. */
async function still(terminal: Terminal): Promise<void> {
  await terminal.waitStill(STILL_MS, 3_000);
}

/** The demo has a server to stop: give it the time for that, and no more. */
async function end(terminal: Terminal): Promise<void> {
  terminal.kill("SIGTERM");
  await terminal.waitExit(END_MS).catch(() => terminal.close());
}

function parseSize(text: string): Size {
  const [, columns, rows] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (columns === undefined || rows === undefined) throw new Error(`--size ${text}: write it as 120x40`);
  return { columns: Number(columns), rows: Number(rows) };
}

function write(directory: string, name: string, content: string | Buffer): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), content);
  process.stdout.write(`${join(directory, name)}\n`);
}
