type Environment = Readonly<Record<string, string | undefined>>;

/** How many colours the terminal shows: a palette of 256, the eight of old, or none (then bold, underline and inverse alone). */
export type Depth = 256 | 8 | 0;

/** What the terminal at hand understands, beyond what all of them do (place the cursor, erase, bold, underline, inverse). */
export interface TerminalType {
  readonly depth: Depth;
  /** It has a second screen: what was on the first one comes back afterwards. */
  readonly alternate: boolean;
  readonly hidesCursor: boolean;
  /** It marks what is pasted, reports the mouse and takes a text for its clipboard, when asked to. */
  readonly xterm: boolean;
  /** Its font has the lines and blocks of the old PC and little else: no eighths of a block, no dots. */
  readonly fewGlyphs: boolean;
}

/**
 * Told by the name alone, in this one place. The system's terminfo is not asked: it is missing in small containers, says eight
 * colours for an xterm that shows 256, and blessed's reader of it fails on modern entries.
 */
export function terminalType(env: Environment): TerminalType {
  const name = (env["TERM"] ?? "").toLowerCase();
  const kind = /^vt1\d\d/.test(name) ? VT100 : /^vt[2-5]\d\d/.test(name) ? VT220 : CONSOLE.test(name) ? LINUX : XTERM;
  return { ...kind, depth: noColor(env) ? 0 : (Math.min(kind.depth, promised(name, env)) as Depth) };
}

/** Why no dashboard can be shown on this terminal; null when it can. */
export function unfit(env: Environment): string | null {
  const name = env["TERM"] ?? "";
  if (name === "") return "TERM is not set, so nothing is known of this terminal";
  return /^(dumb|unknown|network|dialup)$/i.test(name) ? `TERM=${name} cannot show a dashboard` : null;
}

/** What the C library goes by: the first of the three that is set decides, whatever the others say. */
export function showsUtf8(env: Environment): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  return /utf-?8/i.test(locale ?? "");
}

/** The convention: any value but the empty one. */
function noColor(env: Environment): boolean {
  return (env["NO_COLOR"] ?? "") !== "";
}

function promised(name: string, env: Environment): Depth {
  if (/-(m|mono)$/.test(name)) return 0;
  return PALETTE.test(name) || (env["COLORTERM"] ?? "") !== "" ? 256 : 8;
}

/** Multiplexers take 256 colours and translate them for the terminal outside. */
const PALETTE = /256|direct|kitty|alacritty|ghostty|foot|wezterm|contour|iterm|tmux|screen/;
/** Consoles of kernels: whatever COLORTERM says, it was set for another terminal. */
const CONSOLE = /^(linux|ansi|pcansi|cons25|sun|beterm)/;

const XTERM: TerminalType = { depth: 256, alternate: true, hidesCursor: true, xterm: true, fewGlyphs: false };
const LINUX: TerminalType = { depth: 8, alternate: false, hidesCursor: true, xterm: false, fewGlyphs: true };
const VT220: TerminalType = { depth: 0, alternate: false, hidesCursor: true, xterm: false, fewGlyphs: false };
const VT100: TerminalType = { depth: 0, alternate: false, hidesCursor: false, xterm: false, fewGlyphs: false };
