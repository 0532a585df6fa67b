import type { Line, Tone } from "../panels/line.ts";

/** How many colours the terminal shows: a palette of 256, the eight of old, or none (then bold, underline and inverse alone). */
export type Depth = 256 | 8 | 0;

export const THEMES = ["default", "light", "mono", "colour-blind"] as const;
export type ThemeName = (typeof THEMES)[number];

/** The SGR parameters of a tone: [256 colours, 8 colours, none]. Only palette indexes: blessed shows no others truly. */
const TONES: Readonly<Record<Tone, readonly [string, string, string]>> = {
  normal: ["", "", ""],
  muted: ["38;5;245", "", ""],
  title: ["1", "1", "1"],
  ok: ["1;38;5;34", "1;32", ""],
  warn: ["1;38;5;214", "1;33", "1"],
  critical: ["1;38;5;15;48;5;160", "1;37;41", "1;7"],
  frame: ["38;5;240", "", ""],
  active: ["38;5;40", "32", ""],
  waiting: ["38;5;214", "33", "1"],
  idle: ["38;5;245", "", ""],
  "idle-in-transaction": ["38;5;220", "33", "4"],
  aborted: ["38;5;203", "31", "1"],
  blocker: ["1;38;5;203", "1;31", "1"],
  old: ["38;5;214", "33", "1"],
  "very-old": ["1;38;5;203", "1;31", "1"],
  self: ["38;5;111", "36", ""],
  new: ["1", "1", "1"],
  gone: ["38;5;245", "", ""],
  key: ["1;38;5;111", "1;36", "1"],
  caret: ["7", "7", "7"],
};

const HIGHLIGHTS: Readonly<Record<NonNullable<Line["highlight"]>, readonly [string, string, string]>> = {
  selected: ["38;5;15;48;5;24", "7", "7"],
  tagged: ["38;5;51", "1;36", "1"],
};

export interface Theme {
  /** The escape sequence that switches a tone on, from a clean slate. */
  readonly tone: (tone: Tone, highlight?: Line["highlight"]) => string;
  readonly reset: string;
}

export function theme(depth: Depth): Theme {
  const index = depth === 256 ? 0 : depth === 8 ? 1 : 2;
  return {
    tone(tone, highlight) {
      // On the selected row the row's own colours win, or dark text would vanish on it; what is bold stays bold.
      const under = highlight === undefined ? "" : HIGHLIGHTS[highlight][index];
      const own = TONES[tone][index];
      const parts = highlight === undefined ? [own] : [under, own.startsWith("1;") || own === "1" ? "1" : ""];
      const parameters = parts.filter((part) => part !== "").join(";");
      return parameters === "" ? "" : `\u001b[${parameters}m`;
    },
    reset: "\u001b[m",
  };
}

/** NO_COLOR (any value but empty) means none; else what the terminal's name promises. */
export function depthOf(env: Readonly<Record<string, string | undefined>>): Depth {
  if ((env["NO_COLOR"] ?? "") !== "") return 0;
  return shows256(env) ? 256 : 8;
}

/** blessed reads modern terminfo badly and falls back to eight colours: told by the name instead. */
export function shows256(env: Readonly<Record<string, string | undefined>>): boolean {
  return (
    /256|direct|kitty|alacritty|ghostty|foot|wezterm|tmux|screen/.test(env["TERM"] ?? "") ||
    (env["COLORTERM"] ?? "") !== ""
  );
}
