import type { Widgets } from "blessed";
import type { Transform } from "node:stream";
import type { WriteStream } from "node:tty";
import { Program, Screen } from "./blessed-parts.ts";
import type { TerminalType } from "./terminal-type.ts";
import { terse } from "./terse.ts";

/** What blessed's program keeps to itself. */
interface ProgramInternals {
  _tputSetup: boolean;
  tput: Capabilities;
  put: Readonly<Record<string, (...parameters: number[]) => unknown>>;
  cols: number;
  rows: number;
  isAlt: boolean;
  _write(text: string): unknown;
  _owrite: (text: string) => void;
  flush(): void;
}

/** blessed's screen with what its type declarations leave out. */
export type BlessedScreen = Widgets.Screen & {
  readonly program: ProgramInternals;
  enter(): void;
  leave(): void;
  alloc(): void;
};

/**
 * blessed's screen with our own table of escape sequences in place of its reader of terminfo, which takes 13 ms, falls back to
 * eight colours for modern entries, prints its errors across the screen for others, and whose frames are letters on terminals
 * without the alternate character set. What is sent is what every terminal of the last forty years understands.
 *
 * @param write sends text to the terminal
 */
export function blessedScreen(
  input: Transform,
  output: WriteStream,
  type: TerminalType,
  utf8: boolean,
  write: (text: string) => void,
): BlessedScreen {
  const program = outsideTmux(
    () => new Program({ input, output, tput: false, buffer: true, zero: true, terminal: "xterm" }),
  ) as unknown as ProgramInternals;
  [program.cols, program.rows] = sizeOf(output);
  const tput = capabilities(type, utf8);
  program._tputSetup = true;
  program.tput = tput;
  program.put = Object.fromEntries(
    Object.entries(tput).flatMap(([name, value]) => {
      if (typeof value !== "function") return [];
      const sequence = value as (...parameters: number[]) => string;
      return [[name, (...parameters: number[]) => program._write(sequence(...parameters))]];
    }),
  );
  program._owrite = (text) => write(terse(text));
  const screen = new Screen({ program, smartCSR: true, fullUnicode: true, resizeTimeout: RESIZE_MS } as object);
  unbind();
  return screen as BlessedScreen;
}

/**
 * A terminal that does not know its own size (a serial line, `kubectl exec` before the first resize) says 0x0: then what the
 * environment says, or what terminals have had since the first ones.
 */
export function sizeOf({ columns, rows }: Pick<WriteStream, "columns" | "rows">): [columns: number, rows: number] {
  if (columns > 0 && rows > 0) return [columns, rows];
  const { COLUMNS, LINES } = process.env;
  return [Number(COLUMNS) || 80, Number(LINES) || 24];
}

/** blessed would end the program by itself, with exit code 0 or with a stack on the screen: the ways out are ours alone. */
function unbind(): void {
  const own = Screen as unknown as Readonly<Record<string, () => void>>;
  process.off("uncaughtException", own["_exceptionHandler"]!);
  process.off("exit", own["_exitHandler"]!);
  for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT"]) process.off(signal, own[`_${signal.toLowerCase()}Handler`]!);
}

const RESIZE_MS = 50;

/** As blessed calls them, after terminfo. Lines and columns count from 0. */
type Capabilities = ReturnType<typeof capabilities>;

function capabilities({ depth, alternate, hidesCursor }: TerminalType, utf8: boolean) {
  const nothing = (): string => "";
  return {
    colors: depth,
    /** Without it, the last door replaces what is not ASCII, whatever was drawn. */
    unicode: utf8,
    brokenACS: true,
    features: { unicode: utf8, brokenACS: true },
    acscr: {},
    utoa: {},
    numbers: {},
    bools: {},
    strings: { parm_right_cursor: "cuf" },
    cup: (row: number, column: number) => `\u001b[${row + 1};${column + 1}H`,
    cuf: (cells: number) => `\u001b[${cells === 1 ? "" : cells}C`,
    clear: () => "\u001b[m\u001b[H\u001b[2J",
    sc: nothing,
    // After each frame: a cursor that cannot be hidden rests where it is least in the way.
    rc: hidesCursor ? nothing : () => "\u001b[H",
    civis: hidesCursor ? () => "\u001b[?25l" : nothing,
    cnorm: hidesCursor ? () => "\u001b[?25h" : nothing,
    smcup: alternate ? () => "\u001b[?1049h" : nothing,
    rmcup: alternate ? () => "\u001b[?1049l" : nothing,
    // Neither is needed, and what was never switched on cannot stay on: arrow keys are understood in either form.
    keypad_xmit: nothing,
    keypad_local: nothing,
    csr: nothing,
  };
}

/** Within tmux blessed starts `tmux -V` and waits for it, for things that we do not use. */
function outsideTmux<T>(make: () => T): T {
  const { TMUX } = process.env;
  delete process.env["TMUX"];
  try {
    return make();
  } finally {
    if (TMUX !== undefined) process.env["TMUX"] = TMUX;
  }
}
