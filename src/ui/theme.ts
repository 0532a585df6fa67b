import type { Line, Tone } from "../panels/line.ts";
import { MONO, PALETTES, type Palette, type ThemeName } from "./palettes.ts";
import type { Depth } from "./terminal-type.ts";

export { THEMES, type ThemeName } from "./palettes.ts";
export type { Depth } from "./terminal-type.ts";

export interface Theme {
  /** The escape sequence that switches a tone on, from a clean slate. */
  readonly tone: (tone: Tone, highlight?: Line["highlight"]) => string;
  /** The colour of its letters, as an index of the palette; null is the terminal's own. */
  readonly ink: (tone: Tone) => number | null;
  readonly reset: string;
}

export function theme(depth: Depth, name: ThemeName = "default"): Theme {
  const { tones, highlights }: Palette = name === "mono" || depth === 0 ? MONO : PALETTES[name][depth];
  const parameters = (tone: Tone): string => (tone === "selected" ? highlights.selected : tones[tone]);
  // A frame has hundreds of spans, and they have one of some dozen looks.
  const made = new Map<Line["highlight"], Map<Tone, string>>();
  function sequence(own: string, highlight: Line["highlight"]): string {
    if (highlight === undefined) return sgr([own]);
    // On the selected row the row's own colours win, or dark text would vanish on it; what is bold stays bold.
    return sgr([highlights[highlight], /^1(;|$)/.test(own) ? "1" : ""]);
  }
  return {
    tone(tone, highlight) {
      let tones = made.get(highlight);
      if (tones === undefined) made.set(highlight, (tones = new Map<Tone, string>()));
      let known = tones.get(tone);
      if (known === undefined) tones.set(tone, (known = sequence(parameters(tone), highlight)));
      return known;
    },
    ink: (tone) => ink(parameters(tone)),
    reset: "\u001b[m",
  };
}

function sgr(parts: readonly string[]): string {
  const parameters = parts.filter((part) => part !== "").join(";");
  return parameters === "" ? "" : `\u001b[${parameters}m`;
}

function ink(parameters: string): number | null {
  const [, indexed, basic] = /(?:^|;)(?:38;5;(\d+)|3([0-7]))(?:;|$)/.exec(parameters) ?? [];
  return indexed === undefined && basic === undefined ? null : Number(indexed ?? basic);
}
