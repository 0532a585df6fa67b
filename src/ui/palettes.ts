import type { Line, Tone } from "../panels/line.ts";

export const THEMES = ["default", "light", "mono", "colour-blind"] as const;
export type ThemeName = (typeof THEMES)[number];

type Highlight = NonNullable<Line["highlight"]>;

/** SGR parameters of each tone. Only bold, underline, inverse and palette indexes: blessed shows nothing else truly. */
export interface Palette {
  readonly tones: Readonly<Record<Exclude<Tone, Highlight>, string>>;
  readonly highlights: Readonly<Record<Highlight, string>>;
}

/** A theme for a palette of 256, and for the eight colours of old, of which none is a grey that can be read on every console. */
export type Palettes = Readonly<Record<Exclude<ThemeName, "mono">, Readonly<Record<256 | 8, Palette>>>>;

/** No colours: what counts is bold, what is not finished is underlined, what is selected or critical is inverse. */
export const MONO: Palette = {
  tones: {
    normal: "",
    muted: "",
    title: "1",
    ok: "",
    warn: "1",
    critical: "1;7",
    frame: "",
    active: "",
    waiting: "1",
    idle: "",
    "idle-in-transaction": "4",
    aborted: "1",
    blocker: "1",
    old: "1",
    "very-old": "1",
    self: "",
    new: "1",
    gone: "",
    key: "1",
    caret: "7",
  },
  highlights: { selected: "7", tagged: "1" },
};

const DARK_256: Palette = {
  tones: {
    ...MONO.tones,
    muted: "38;5;245",
    ok: "1;38;5;34",
    warn: "1;38;5;214",
    critical: "1;38;5;15;48;5;160",
    frame: "38;5;242",
    active: "38;5;40",
    waiting: "38;5;214",
    idle: "38;5;245",
    "idle-in-transaction": "38;5;220",
    aborted: "38;5;203",
    blocker: "1;38;5;203",
    old: "38;5;214",
    "very-old": "1;38;5;203",
    self: "38;5;111",
    gone: "38;5;245",
    key: "1;38;5;111",
  },
  highlights: { selected: "38;5;15;48;5;24", tagged: "38;5;51" },
};

/** Red is bold throughout: eight dark colours on black, and consoles show the bold ones bright. */
const DARK_8: Palette = {
  tones: {
    ...MONO.tones,
    ok: "1;32",
    warn: "1;33",
    critical: "1;37;41",
    active: "32",
    waiting: "33",
    "idle-in-transaction": "33",
    aborted: "1;31",
    blocker: "1;31",
    old: "33",
    "very-old": "1;31",
    self: "36",
    key: "1;36",
  },
  highlights: { selected: "7", tagged: "1;36" },
};

/** For white and pale backgrounds: nothing lighter than a strong brown; yellow and cyan are for dark ones. */
const LIGHT_256: Palette = {
  tones: {
    ...MONO.tones,
    muted: "38;5;240",
    ok: "1;38;5;22",
    warn: "1;38;5;94",
    critical: "1;38;5;15;48;5;160",
    frame: "38;5;245",
    active: "38;5;22",
    waiting: "38;5;94",
    idle: "38;5;240",
    "idle-in-transaction": "38;5;90",
    aborted: "38;5;124",
    blocker: "1;38;5;124",
    old: "38;5;94",
    "very-old": "1;38;5;124",
    self: "38;5;25",
    gone: "38;5;240",
    key: "1;38;5;25",
  },
  highlights: { selected: "38;5;15;48;5;24", tagged: "38;5;23" },
};

/** Nothing coloured is bold, which many terminals show as the bright colour: blue, magenta and red are all that is dark enough. */
const LIGHT_8: Palette = {
  tones: {
    ...MONO.tones,
    ok: "34",
    warn: "35",
    critical: "1;37;41",
    active: "34",
    waiting: "35",
    "idle-in-transaction": "4;35",
    aborted: "31",
    blocker: "31",
    old: "35",
    "very-old": "31",
    self: "34",
    key: "34",
  },
  highlights: { selected: "7", tagged: "34" },
};

/** Blue, orange and magenta are told apart by those who cannot tell red from green, and by their lightness too. */
const COLOUR_BLIND_256: Palette = {
  tones: {
    ...DARK_256.tones,
    ok: "1;38;5;33",
    warn: "1;38;5;208",
    critical: "1;38;5;15;48;5;163",
    active: "38;5;33",
    waiting: "38;5;208",
    "idle-in-transaction": "38;5;222",
    aborted: "38;5;163",
    blocker: "1;38;5;163",
    old: "38;5;208",
    "very-old": "1;38;5;163",
  },
  highlights: { selected: "38;5;15;48;5;24", tagged: "38;5;51" },
};

const COLOUR_BLIND_8: Palette = {
  tones: {
    ...DARK_8.tones,
    ok: "1;36",
    critical: "1;37;45",
    active: "36",
    aborted: "1;35",
    blocker: "1;35",
    "very-old": "1;35",
    self: "",
    key: "1",
  },
  highlights: { selected: "7", tagged: "1;4" },
};

export const PALETTES: Palettes = {
  default: { 256: DARK_256, 8: DARK_8 },
  light: { 256: LIGHT_256, 8: LIGHT_8 },
  "colour-blind": { 256: COLOUR_BLIND_256, 8: COLOUR_BLIND_8 },
};
