import type { Widgets } from "blessed";
import Screen from "blessed/lib/widgets/screen.js";
import type { Line } from "../panels/line.ts";
import { canvas } from "./canvas.ts";
import { readInput, type InputEvents } from "./input.ts";
import { paint } from "./paint.ts";
import { depthOf, shows256, theme, type Depth, type ThemeName } from "./theme.ts";

/** What happens at the terminal, as it happens. */
export interface TerminalEvents extends InputEvents {
  onResize(width: number, height: number): void;
  /** The terminal is gone: closed window, broken pipe. */
  onGone(): void;
}

/** What the user asked for, by flags, environment or configuration file. */
export interface TerminalLook {
  readonly theme: ThemeName;
  /** Plain characters even where the locale has UTF-8. */
  readonly ascii: boolean;
  readonly mouse: boolean;
}

export interface Terminal {
  readonly size: () => { width: number; height: number };
  readonly screen: Widgets.Screen;
  readonly depth: Depth;
  readonly ascii: boolean;
  /** Puts lines on the screen; blessed sends only the cells that changed. */
  show(lines: readonly Line[]): void;
  /** Sends what has changed; `force` when something beside the lines has (the chart). */
  flush(force?: boolean): void;
  /** Something else has drawn over the lines, or has gone from there: all of them are written anew. */
  invalidate(): void;
  redraw(): void;
  /** While it is on, the terminal's own selection needs Shift. */
  setMouse(on: boolean): void;
  /** Gives the terminal back as it was. May be called twice. */
  close(): void;
}

const PASTE_ON = "\u001b[?2004h";
const PASTE_OFF = "\u001b[?2004l";
/** Presses and the wheel (1000), told in decimals (1006); no motion: that would be a report per cell. */
const MOUSE_ON = "\u001b[?1000h\u001b[?1006h";
const MOUSE_OFF = "\u001b[?1006l\u001b[?1000l";

/** Things of blessed's screen that its type declarations leave out. */
interface ScreenInternals {
  readonly _unicode: boolean;
  readonly tput: { brokenACS: boolean; readonly features: { brokenACS: boolean } };
  alloc(): void;
}

/** The only door to blessed. It is used as a screen that sends differences, and as a reader of keys; what is drawn is ours. */
export function openTerminal(events: TerminalEvents, look: TerminalLook): Terminal {
  const { stdin, stdout, env } = process;
  const input = readInput(stdin, events);
  const screen = new Screen({
    smartCSR: true,
    fullUnicode: true,
    resizeTimeout: 50,
    input,
    output: stdout,
    // Its reader of terminfo fails on modern entries and falls back to eight colours: name one that it knows.
    ...(shows256(env) ? { terminal: "xterm-256color" } : {}),
  });
  const internals = screen as unknown as ScreenInternals;
  // Frames as characters, not by the alternate character set, which many terminals show as letters.
  internals.tput.brokenACS = true;
  internals.tput.features.brokenACS = true;
  const ascii = look.ascii || !internals._unicode;
  const depth = depthOf(env);
  const colours = theme(depth);
  const drawing = canvas(screen);
  let open = true;
  let changed = true;

  let mouse = false;

  input.setRawMode(true);
  switchModes(true);
  setMouse(look.mouse);
  screen.on("resize", () => events.onResize(width(), height()));
  stdout.on("error", events.onGone);
  stdin.on("end", events.onGone);
  stdin.on("close", events.onGone);

  // A pty without a size says 0x0, and blessed makes it 1x1: there is nothing to draw on until it grows.
  function width(): number {
    return screen.width as number;
  }
  function height(): number {
    return screen.height as number;
  }
  /** What we ask of the terminal beside what blessed does: on at the start, off on every way out. */
  function switchModes(on: boolean): void {
    stdout.write(on ? PASTE_ON : PASTE_OFF);
    if (mouse) stdout.write(on ? MOUSE_ON : MOUSE_OFF);
  }
  function setMouse(on: boolean): void {
    if (on !== mouse) stdout.write(on ? MOUSE_ON : MOUSE_OFF);
    mouse = on;
  }

  return {
    size: () => ({ width: width(), height: height() }),
    screen,
    depth,
    ascii,
    show(lines) {
      if (drawing.set(paint(lines, width(), colours, ascii))) changed = true;
    },
    invalidate: drawing.invalidate,
    flush(force = false) {
      if (!open || !(changed || force)) return;
      changed = false;
      screen.render();
    },
    redraw() {
      internals.alloc();
      screen.render();
    },
    setMouse,
    close() {
      if (!open) return;
      open = false;
      switchModes(false);
      screen.destroy();
    },
  };
}
