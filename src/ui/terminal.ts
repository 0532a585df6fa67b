import type { Widgets } from "blessed";
import type { Line } from "../panels/line.ts";
import { clipboardText } from "../text/clipboard.ts";
import { blessedScreen, sizeOf } from "./blessed-screen.ts";
import { canvas, type Inset } from "./canvas.ts";
import { readInput, type InputEvents } from "./input.ts";
import { paint, toConsole } from "./paint.ts";
import { showsUtf8, terminalType } from "./terminal-type.ts";
import { theme, type Theme, type ThemeName } from "./theme.ts";

/** What happens at the terminal, as it happens. */
export interface TerminalEvents extends InputEvents {
  onResize(width: number, height: number): void;
  /** It took so many milliseconds to take what was written: nothing of ours has run meanwhile. */
  onStalled(ms: number): void;
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
  readonly theme: Theme;
  /** Where dots cannot be shown, a chart is drawn in stars. */
  readonly dots: boolean;
  /** Puts lines on the screen; blessed sends only the cells that changed. */
  show(lines: readonly Line[]): void;
  /** Lays a picture over the lines, or takes it away. */
  inset(picture: Inset | null): void;
  /** Sends what has changed. */
  flush(): void;
  redraw(): void;
  /**
   * Gives the terminal to somebody else for a while, as it was before us: lines are read and echoed again, and none of ours reads
   * them. Until enter(), nothing is drawn. False when it was given away already.
   */
  leave(): boolean;
  /** Takes it back, whatever size it has now, and draws everything. */
  enter(): void;
  /** Takes it back from somebody to whom it was never given: we were stopped by SIGSTOP, and the shell has used it since. */
  retake(): void;
  /** While it is on, the terminal's own selection needs Shift. */
  setMouse(on: boolean): void;
  /** Asks the terminal to put a text on its clipboard; false when it is one that cannot, and then nothing is written. */
  copy(text: string): boolean;
  /** Gives the terminal back as it was. May be called twice. */
  close(): void;
}

const PASTE_ON = "\u001b[?2004h";
const PASTE_OFF = "\u001b[?2004l";
/** Presses and the wheel (1000), told in decimals (1006); no motion: that would be a report per cell. */
const MOUSE_ON = "\u001b[?1000h\u001b[?1006h";
const MOUSE_OFF = "\u001b[?1006l\u001b[?1000l";

/** A terminal that takes longer than this has stood still: Ctrl-S, a frozen ssh. */
const STALLED_MS = 1000;

/** The only door to blessed. It is used as a screen that sends differences, and as a reader of keys; what is drawn is ours. */
export function openTerminal(events: TerminalEvents, look: TerminalLook): Terminal {
  const { stdin, stdout, env } = process;
  const type = terminalType(env);
  const ascii = look.ascii || !showsUtf8(env);
  const colours = theme(type.depth, look.theme);
  const input = readInput(stdin, events);
  // Before anything is written: started in the background, we are stopped here until the terminal is ours.
  input.claim();
  const screen = blessedScreen(input, stdout, type, !ascii, write);
  const drawing = canvas(screen);
  let open = true;
  let away = false;
  let changed = true;
  let mouse = look.mouse;

  switchModes(true);
  screen.on("resize", () => events.onResize(width(), height()));
  // The listener for output that is no terminal ends the program as a broken pipe does.
  stdout.removeAllListeners("error");
  stdout.on("error", events.onGone);
  for (const end of ["end", "close", "error"]) stdin.on(end, events.onGone);

  /** A terminal is written to synchronously: one that takes nothing stops us here. */
  function write(text: string): void {
    // Given away: what blessed would draw by itself, for a new size say, is drawn when we are back.
    if (away || !stdout.writable) return;
    const began = performance.now();
    stdout.write(text);
    const ms = performance.now() - began;
    if (ms > STALLED_MS) events.onStalled(ms);
  }

  function width(): number {
    return screen.width as number;
  }
  function height(): number {
    return screen.height as number;
  }
  /** What we ask of the terminal beside what blessed does: on at the start, off on every way out. */
  function switchModes(on: boolean): void {
    // A terminal that is no xterm would show these.
    if (!type.xterm) return;
    write(on ? PASTE_ON : PASTE_OFF);
    if (mouse) write(on ? MOUSE_ON : MOUSE_OFF);
  }
  function setMouse(on: boolean): void {
    if (on !== mouse && type.xterm && !away) write(on ? MOUSE_ON : MOUSE_OFF);
    mouse = on;
  }

  /** OSC 52. A terminal that does not permit it says nothing. */
  function copy(text: string): boolean {
    if (!type.xterm || !open || away) return false;
    const base64 = Buffer.from(clipboardText(text).text, "utf8").toString("base64");
    write(`\u001b]52;c;${base64}\u0007`);
    return true;
  }

  function measure(): void {
    // Only the job in the foreground is told of a new size, and that was somebody else.
    process.emit("SIGWINCH", "SIGWINCH");
    [screen.program.cols, screen.program.rows] = sizeOf(stdout);
  }

  function enter(): void {
    if (!open || !away) return;
    // First of all: in the background this stops us, and nothing may be drawn over what is in the foreground.
    input.claim();
    away = false;
    const before = `${width()}x${height()}`;
    measure();
    switchModes(true);
    screen.enter();
    drawing.invalidate();
    if (before !== `${width()}x${height()}`) events.onResize(width(), height());
    screen.render();
  }

  function leave(): boolean {
    if (!open || away) return false;
    switchModes(false);
    screen.leave();
    away = true;
    input.release();
    return true;
  }

  function close(): void {
    if (!open) return;
    leave();
    open = false;
    screen.destroy();
  }
  // Whoever ends the program, and however.
  process.on("exit", close);

  return {
    size: () => ({ width: width(), height: height() }),
    screen,
    theme: colours,
    dots: !ascii && !type.fewGlyphs,
    show(lines) {
      const texts = paint(lines, width(), colours, ascii);
      if (drawing.set(type.fewGlyphs ? texts.map(toConsole) : texts)) changed = true;
    },
    inset(picture) {
      drawing.setInset(picture);
      changed = true;
    },
    flush() {
      if (!open || away || !changed) return;
      changed = false;
      screen.render();
    },
    redraw() {
      if (!open || away) return;
      screen.alloc();
      screen.render();
    },
    setMouse,
    copy,
    leave,
    enter,
    retake() {
      if (!open || away) return;
      away = true;
      // The modes are no longer those that we set.
      input.release();
      screen.program.isAlt = false;
      enter();
    },
    close,
  };
}
