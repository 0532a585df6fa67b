import pty, { type IPty } from "@lydell/node-pty";
import unicode11 from "@xterm/addon-unicode11";
import xterm from "@xterm/headless";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly cwd?: string;
  /** On top of the defaults; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The terminal's own colour (null), an index of the 256-colour palette, or "#rrggbb". */
export type Colour = number | string | null;

export interface Cell {
  /** "" for a cell nobody wrote to and for the right half of a wide character. */
  readonly chars: string;
  /** 2 for a wide character, 0 for its right half. */
  readonly width: number;
  readonly fg: Colour;
  readonly bg: Colour;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

/** `code` is what the process exited with; after an unhandled signal it is 0 and `signal` says which. */
export interface Exit {
  readonly code: number;
  readonly signal: number;
}

/**
 * A program in a real pty, its screen read by a terminal emulator: what a person would see and could type. As in every
 * terminal on Linux, a program that exits right after writing more than 4 kB may lose the end of it: when the leader of
 * a session exits, the kernel drops what the terminal has not read yet. Read long outputs through a pipe.
 */
export class Terminal {
  readonly #emulator: xterm.Terminal;
  readonly #process: IPty;
  readonly #listeners = new Set<(at: number) => void>();
  #raw = "";
  #bytes = 0;
  #title = "";
  #clipboard: string | null = null;
  #cursorVisible = true;
  #exit: Exit | null = null;

  constructor(command: string, args: readonly string[], options: TerminalOptions = {}) {
    const { columns = 80, rows = 24, cwd = process.cwd() } = options;
    const env = environment(options.env);
    this.#emulator = new xterm.Terminal({ cols: columns, rows, scrollback: 0, allowProposedApi: true });
    // The default table is Unicode 6: there an emoji is one cell wide, and a row shifted by one looks right.
    this.#emulator.loadAddon(new unicode11.Unicode11Addon());
    this.#emulator.unicode.activeVersion = "11";
    this.#emulator.onTitleChange((title) => (this.#title = title));
    this.#emulator.parser.registerOscHandler(52, (data) => {
      this.#clipboard = data;
      return true;
    });
    this.#watchCursor();
    this.#process = pty.spawn(command, [...args], { cols: columns, rows, cwd, env, name: env["TERM"] ?? "dumb" });
    this.#process.onData((data) => this.#receive(data));
    this.#process.onExit(({ exitCode, signal = 0 }) => (this.#exit = { code: exitCode, signal }));
    // A terminal answers questions about itself (device attributes, cursor position).
    this.#emulator.onData((answer) => this.type(answer));
  }

  get pid(): number {
    return this.#process.pid;
  }

  get columns(): number {
    return this.#emulator.cols;
  }

  get rows(): number {
    return this.#emulator.rows;
  }

  /** Everything received, escape sequences included; the oldest part goes when there is too much. */
  get raw(): string {
    return this.#raw;
  }

  /** From here on `raw` is what comes now. */
  forgetRaw(): void {
    this.#raw = "";
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What the program last sent for the clipboard (OSC 52); null when it never did. */
  get clipboard(): string | null {
    return this.#clipboard;
  }

  get title(): string {
    return this.#title;
  }

  get alternate(): boolean {
    return this.#emulator.buffer.active.type === "alternate";
  }

  get cursorVisible(): boolean {
    return this.#cursorVisible;
  }

  get mouseTracking(): "none" | "x10" | "vt200" | "drag" | "any" {
    return this.#emulator.modes.mouseTrackingMode;
  }

  get bracketedPaste(): boolean {
    return this.#emulator.modes.bracketedPasteMode;
  }

  get exit(): Exit | null {
    return this.#exit;
  }

  /** Types text as it is. */
  type(text: string): void {
    if (this.#exit === null) this.#process.write(text);
  }

  /** Presses keys by name: `press("Down", "Enter", "Ctrl-C", "j")`. */
  press(...keys: readonly string[]): void {
    for (const key of keys) this.type(sequence(key));
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    if (this.#exit === null) this.#process.resize(columns, rows);
  }

  /** The rows of the screen, without trailing spaces. */
  lines(): string[] {
    const buffer = this.#emulator.buffer.active;
    const line = (y: number): string =>
      buffer
        .getLine(buffer.viewportY + y)
        // A line keeps what stood beyond the edge before the screen got narrower.
        ?.translateToString(true, 0, this.columns)
        .trimEnd() ?? "";
    return Array.from({ length: this.rows }, (_, y) => line(y));
  }

  text(): string {
    return this.lines().join("\n");
  }

  cell(x: number, y: number): Cell {
    const buffer = this.#emulator.buffer.active;
    const cell = buffer.getLine(buffer.viewportY + y)?.getCell(x);
    if (cell === undefined) throw new Error(`no cell ${x},${y} on a screen of ${this.columns}x${this.rows}`);
    return {
      chars: cell.getChars(),
      width: cell.getWidth(),
      fg: cell.isFgDefault() ? null : cell.isFgRGB() ? hex(cell.getFgColor()) : cell.getFgColor(),
      bg: cell.isBgDefault() ? null : cell.isBgRGB() ? hex(cell.getBgColor()) : cell.getBgColor(),
      bold: cell.isBold() !== 0,
      underline: cell.isUnderline() !== 0,
      inverse: cell.isInverse() !== 0,
    };
  }

  /** Waits until the screen matches (or the condition holds); fails with the screen as it is then. */
  async waitFor(what: RegExp | (() => boolean), ms = 10_000): Promise<void> {
    const deadline = performance.now() + ms;
    const holds = typeof what === "function" ? what : (): boolean => matches(what, this.text());
    for (;;) {
      // Read before the screen: a program that has exited writes nothing more, one look after that is the last.
      const over = this.#exit !== null && typeof what !== "function";
      await this.parsed();
      if (holds()) {
        // A frame may come in pieces, and the first one may already hold what is waited for: take it when nothing follows.
        if (this.#exit !== null || performance.now() > deadline || (await this.nextOutput(WHOLE_FRAME_MS)) === null)
          return;
        continue;
      }
      if (over || performance.now() > deadline) throw new Error(this.#describe(`waited ${ms} ms for ${String(what)}`));
      await Promise.race([this.nextOutput(POLL_MS), pause(POLL_MS)]);
    }
  }

  async waitExit(ms = 10_000): Promise<Exit> {
    await this.waitFor(() => this.#exit !== null, ms);
    // Its last words may have arrived together with the exit.
    await this.parsed();
    if (this.#exit === null) throw new Error("unreachable: waitFor returned without an exit");
    return this.#exit;
  }

  /** Waits until nothing was written for `quietMs`. False when the program never became quiet. */
  async waitStill(quietMs = 200, ms = 5_000): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (performance.now() < deadline) {
      if ((await this.nextOutput(quietMs)) === null) {
        await this.parsed();
        return true;
      }
    }
    await this.parsed();
    return false;
  }

  /** When the next output arrives (`performance.now()`), or null if none does in time. */
  nextOutput(ms = 5_000): Promise<number | null> {
    return new Promise((resolve) => {
      const done = (at: number | null): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve(at);
      };
      const timer = setTimeout(() => done(null), ms);
      this.#listeners.add(done);
    });
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#exit === null) this.#process.kill(signal);
  }

  /** As after Ctrl-S: what the program writes stays in the kernel's buffer, and when that is full, the program in its write. */
  stopReading(): void {
    this.#process.pause();
  }

  goOnReading(): void {
    this.#process.resume();
  }

  /** Closes the terminal's side, as an emulator that ends does; the program hears it from the kernel. */
  hangUp(): void {
    (this.#process as unknown as { destroy(): void }).destroy();
  }

  /** Ends the program at once, if it still runs. */
  close(): void {
    this.kill("SIGKILL");
  }

  #receive(data: string): void {
    const at = performance.now();
    this.#bytes += Buffer.byteLength(data);
    this.#raw = (this.#raw + data).slice(-RAW_LIMIT);
    this.#emulator.write(data);
    for (const listener of this.#listeners) listener(at);
  }

  /** The emulator parses in its own time; a screen read before that is an old one. */
  parsed(): Promise<void> {
    return new Promise((resolve) => this.#emulator.write("", resolve));
  }

  /** The emulator knows whether the cursor is shown but does not tell: listen to DECTCEM (25) and to a full reset. */
  #watchCursor(): void {
    const shows = (visible: boolean) => (parameters: (number | number[])[]) => {
      if (parameters.includes(25)) this.#cursorVisible = visible;
      return false;
    };
    const { parser } = this.#emulator;
    parser.registerCsiHandler({ prefix: "?", final: "h" }, shows(true));
    parser.registerCsiHandler({ prefix: "?", final: "l" }, shows(false));
    parser.registerEscHandler({ final: "c" }, () => {
      this.#cursorVisible = true;
      return false;
    });
  }

  #describe(problem: string): string {
    const state =
      this.#exit === null ? "still running" : `exited with ${this.#exit.code}, signal ${this.#exit.signal || "none"}`;
    const rule = "-".repeat(this.columns);
    return `${problem}; the program: ${state}; the screen (${this.columns}x${this.rows}):\n${rule}\n${this.text()}\n${rule}`;
  }
}

function environment(extra: TerminalOptions["env"] = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !PERSONAL.test(name));
  const all = { ...Object.fromEntries(inherited), ...DEFAULTS, ...extra };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function sequence(key: string): string {
  const control = /^Ctrl-([A-Z\\])$/.exec(key)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
  return KEYS[key] ?? key;
}

function matches(pattern: RegExp, text: string): boolean {
  // A pattern with the g flag remembers where it stopped.
  pattern.lastIndex = 0;
  return pattern.test(text);
}

function hex(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, "0")}`;
}

const WHOLE_FRAME_MS = 25;
const POLL_MS = 20;
const RAW_LIMIT = 4_000_000;

/** What a developer's own shell may hold and a test must not see: servers, settings, colours, locale, size, multiplexer. */
const PERSONAL = /^(PG.*|NO_COLOR|FORCE_COLOR|COLORTERM|LC_.*|LANGUAGE|COLUMNS|LINES|TMUX.*|STY)$/;
const DEFAULTS = {
  TERM: "xterm-256color",
  LANG: "C.UTF-8",
  XDG_CONFIG_HOME: join(tmpdir(), "pgtriage-without-settings"),
};

const KEYS: Readonly<Record<string, string>> = {
  Enter: "\r",
  Escape: "\x1b",
  Tab: "\t",
  "Shift-Tab": "\x1b[Z",
  Space: " ",
  Comma: ",",
  Backspace: "\x7f",
  Delete: "\x1b[3~",
  Up: "\x1b[A",
  Down: "\x1b[B",
  Right: "\x1b[C",
  Left: "\x1b[D",
  Home: "\x1b[H",
  End: "\x1b[F",
  PageUp: "\x1b[5~",
  PageDown: "\x1b[6~",
  F1: "\x1bOP",
  F2: "\x1bOQ",
  F5: "\x1b[15~",
  F9: "\x1b[20~",
  F10: "\x1b[21~",
};
