import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { toConsole } from "../../src/ui/paint.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { dashboard, incident, type Incident } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

let server: TestServer;
let some: Incident;
let terminal: Terminal;

beforeAll(async () => {
  server = await testServer(18, { max_connections: 20 });
  some = await incident(server.url);
});
afterAll(async () => {
  await some?.close();
  await server?.stop();
});
afterEach(() => terminal?.close());

interface Look {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
}

async function running({ env = {}, args = [], columns = 100, rows = 30 }: Look): Promise<Terminal> {
  terminal = dashboard(server.url, args, { columns, rows, env });
  await terminal.waitFor(/PID.* QUERY/);
  await terminal.waitFor(/blk 1/);
  return terminal;
}

/** Everything that was sent until it has left. */
async function wholeStory(): Promise<string> {
  terminal.press("?");
  await terminal.waitFor(/Help/);
  terminal.press("Escape");
  await terminal.waitFor(/PID.* QUERY/);
  terminal.press("q");
  expect(await terminal.waitExit()).toEqual({ code: 0, signal: 0 });
  return terminal.raw;
}

/** Palette indexes of all cells, and of their backgrounds. */
function colours(): Set<number> {
  const found = new Set<number>();
  for (let y = 0; y < terminal.rows; y++) {
    for (let x = 0; x < terminal.columns; x++) {
      const { fg, bg } = terminal.cell(x, y);
      for (const colour of [fg, bg]) {
        expect(typeof colour).not.toBe("string");
        if (typeof colour === "number") found.add(colour);
      }
    }
  }
  return found;
}

/** What a terminal with that name is told, sequence by sequence; everything else on its screen would be garbage. */
const ALL = String.raw`(?:\d+;\d+)?H|2J|\d*C`;
const SGR = {
  0: String.raw`(?:[0147](?:;[147])*)?m`,
  8: String.raw`(?:(?:[0147]|[34][0-7])(?:;(?:[147]|[34][0-7]))*)?m`,
  256: String.raw`(?:[\d;]*)m`,
} as const;
const XTERM = String.raw`\?(?:1049|25|2004)[hl]|\?(?:1006|1003|1002|1000)l`;
const CURSOR = String.raw`\?25[hl]`;

const TERMS = [
  ["xterm-256color", 256, XTERM],
  ["tmux", 256, XTERM],
  ["tmux-256color", 256, XTERM],
  ["screen", 256, XTERM],
  ["screen-256color", 256, XTERM],
  ["xterm-kitty", 256, XTERM],
  ["alacritty", 256, XTERM],
  ["foot", 256, XTERM],
  ["xterm", 8, XTERM],
  ["no-such-terminal", 8, XTERM],
  ["linux", 8, CURSOR],
  ["vt220", 0, CURSOR],
  ["vt100", 0, null],
] as const;

let helpPage: string[];

describe("a terminal called", () => {
  beforeAll(async () => {
    await running({});
    terminal.press("?");
    await terminal.waitFor(/┌ Help/);
    helpPage = terminal.lines().slice(1);
    terminal.close();
  });

  test.each(TERMS)("%s shows the whole frame in %i colours and not a sequence that it does not know", async (...of) => {
    const [name, depth, modes] = of;
    await running({ env: { TERM: name } });
    const lines = terminal.lines();
    for (const line of lines) expect(line).toMatch(name === "linux" ? OF_A_CONSOLE : OUR_CHARACTERS);
    expect(lines[1]).toMatch(/^ Slots \[█+·+░+\] +\d+\/20 +(OK|▲ WARN|▲ CRITICAL)/);
    expect(lines.at(-1)).toMatch(/^ \? Help .*q Quit$/);
    const seen = [...colours()];
    if (depth === 0) expect(seen).toEqual([]);
    else expect(Math.max(...seen) < 8 ? 8 : 256).toBe(depth);
    if (depth === 8) expect(seen).not.toContain(0);
    terminal.press("?");
    await terminal.waitFor(/┌ Help/);
    expect(terminal.lines().slice(1)).toEqual(name === "linux" ? helpPage.map(toConsole) : helpPage);
    terminal.press("Escape");
    const sent = await wholeStory();
    const known = new RegExp(`\u001b\\[(?:${[ALL, SGR[depth], ...(modes === null ? [] : [modes])].join("|")})`, "g");
    const rest = sent.replaceAll(known, "");
    expect([...rest.matchAll(/[\u0000-\u001f\u007f-\u009f].{0,8}/g)].map(([found]) => JSON.stringify(found))).toEqual(
      [],
    );
    // Afterwards there is room for a prompt, at the beginning of a clean line.
    const { alternate, cursorVisible, bracketedPaste, mouseTracking } = terminal;
    expect({ alternate, cursorVisible, bracketedPaste, mouseTracking }).toEqual({
      ...{ alternate: false, cursorVisible: true, bracketedPaste: false, mouseTracking: "none" },
    });
    expect(terminal.text().trim()).toBe("");
  });

  test("xterm that says in COLORTERM that it has more gets 256", async () => {
    await running({ env: { TERM: "xterm", COLORTERM: "truecolor" } });
    expect(Math.max(...colours())).toBeGreaterThan(15);
  });
});

/** ASCII, our lines and blocks, and what the incident's texts hold. */
const OF_A_CONSOLE = /^[ -~─│┌┐└┘█▄▌░·▲▼≤↑↓←→]*$/;
const OUR_CHARACTERS = /^[ -~─│┌┐└┘█░·▲▼†…≤▁-▇▉-▏↑↓←→]*$/;

describe("without colours", () => {
  test.each<[string, Look]>([
    ["NO_COLOR", { env: { NO_COLOR: "1" } }],
    ["--no-color", { args: ["--no-color"] }],
    ["--theme mono", { args: ["--theme", "mono"] }],
  ])("%s: not one, in the chart neither", async (_, look) => {
    await running({ ...look, columns: 200, rows: 60 });
    await terminal.waitFor(CHART);
    expect([...colours()]).toEqual([]);
    expect([...(await wholeStory()).matchAll(/\u001b\[[\d;]*m/g)].filter(([sgr]) => /[3459]\d/.test(sgr))).toEqual([]);
  });

  test("NO_COLOR= is as good as not set", async () => {
    await running({ env: { NO_COLOR: "" } });
    expect([...colours()]).not.toEqual([]);
  });
});

/** Dots of the widget's own picture: eight to a cell. */
const CHART = /[\u2801-\u28ff]{3}/;

function dotColours(): Set<unknown> {
  const found = new Set<unknown>();
  for (let y = 0; y < terminal.rows; y++) {
    for (let x = 0; x < terminal.columns; x++) {
      const { chars, fg } = terminal.cell(x, y);
      if (/[\u2801-\u28ff]/.test(chars)) found.add(fg);
    }
  }
  return found;
}

describe("themes", () => {
  test.each([
    ["default", 40, 203],
    ["light", 22, 124],
    ["colour-blind", 33, 163],
  ] as const)("%s: the chart's lines have the colours of its words", async (name, active, aborted) => {
    await running({ args: ["--theme", name], columns: 200, rows: 60 });
    await terminal.waitFor(() => dotColours().has(active) && dotColours().has(aborted));
    const title = terminal.lines().findIndex((line) => line.includes("Slots, last"));
    expect(terminal.cell(terminal.lines()[title]!.indexOf("used"), title).fg).toBe(active);
    expect(terminal.cell(terminal.lines()[title]!.indexOf("app limit"), title).fg).toBe(aborted);
  });

  test("light on eight colours: neither yellow, green, cyan nor white letters", async () => {
    await running({ env: { TERM: "xterm" }, args: ["--theme", "light"] });
    expect([...colours()].filter((colour) => ![1, 4, 5].includes(colour))).toEqual([]);
  });
});

describe("where only ASCII is understood", () => {
  test.each<[string, Look]>([
    ["no locale", { env: { LANG: undefined } }],
    ["LANG=C", { env: { LANG: "C" } }],
    ["LC_ALL=C over LANG=C.UTF-8", { env: { LC_ALL: "C", LANG: "C.UTF-8" } }],
    ["LC_CTYPE=POSIX over LANG=C.UTF-8", { env: { LC_CTYPE: "POSIX", LANG: "C.UTF-8" } }],
    ["LANGUAGE says UTF-8, LANG does not", { env: { LANG: "C", LANGUAGE: "en_US.UTF-8" } }],
    ["--ascii", { args: ["--ascii"] }],
  ])("%s: no byte above 127 leaves, whatever the data are", async (_, look) => {
    const foreigner = await client(server.url, { application_name: "foreign" });
    try {
      await foreigner.query("begin; /* é 漢字 👍 █ ▲ ñ \u0301 \u009b31m */ select 1");
      await running({ ...look, columns: 200, rows: 60 });
      await terminal.waitFor(/foreign .*\/\* \? \?\?\?\? /);
      await terminal.waitFor(/\*{3}/);
      expect(terminal.lines()[1]).toMatch(/^ Slots \[#+\.+:+\]/);
      const sent = await wholeStory();
      expect([...sent].filter((char) => char > "\u007e")).toEqual([]);
    } finally {
      await foreigner.end();
    }
  });

  test("LC_ALL=C.UTF-8 over LANG=C: lines and blocks", async () => {
    await running({ env: { LC_ALL: "C.UTF-8", LANG: "C" } });
    expect(terminal.lines()[1]).toMatch(/^ Slots \[█/);
  });
});
