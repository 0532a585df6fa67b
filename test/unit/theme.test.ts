import { describe, expect, test } from "vitest";
import { screen } from "../../src/panels/screen.ts";
import { paint } from "../../src/ui/paint.ts";
import { MONO, PALETTES } from "../../src/ui/palettes.ts";
import { theme, THEMES, type ThemeName } from "../../src/ui/theme.ts";
import { duringAnIncident } from "./incident.ts";

const DEPTHS = [256, 8, 0] as const;
const LOOKS = THEMES.flatMap((name) => DEPTHS.map((depth) => [name, depth] as const));
const TONES = Object.keys(MONO.tones) as (keyof typeof MONO.tones)[];

describe("the selected row", () => {
  test("has its own colours, so that nothing vanishes on it; what is bold stays bold", () => {
    const { tone } = theme(256);
    expect(tone("muted", "selected")).toBe(tone("normal", "selected"));
    expect(tone("blocker", "selected")).toBe("\u001b[38;5;15;48;5;24;1m");
  });

  test("is inverse without colours", () => {
    expect(theme(0).tone("normal", "selected")).toBe("\u001b[7m");
  });
});

test("critical is white on red, and inverse bold without colours", () => {
  expect(DEPTHS.map((depth) => theme(depth).tone("critical"))).toEqual([
    "\u001b[1;38;5;15;48;5;160m",
    "\u001b[1;37;41m",
    "\u001b[1;7m",
  ]);
});

describe("what a theme may send", () => {
  test.each(LOOKS)("%s with %i colours: no more than the terminal shows", (name, depth) => {
    const allowed = depth === 256 && name !== "mono" ? INDEXED : depth === 8 && name !== "mono" ? EIGHT : NONE;
    for (const tone of TONES) {
      for (const highlight of [undefined, "selected", "tagged"] as const) {
        expect(theme(depth, name).tone(tone, highlight)).toMatch(allowed);
      }
    }
  });

  test("mono is what NO_COLOR is", () => {
    for (const tone of TONES) expect(theme(256, "mono").tone(tone)).toBe(theme(0).tone(tone));
  });

  test("where there are eight colours, none of them is a grey: bright black is black on many consoles", () => {
    const all = (["default", "light", "colour-blind"] as const).flatMap((name) =>
      Object.values(PALETTES[name][8].tones),
    );
    expect(all.filter((parameters) => /(^|;)(30|90|38|48)(;|$)/.test(parameters))).toEqual([]);
  });
});

const NONE = /^(\u001b\[[147](;[147])*m)?$/;
const EIGHT = /^(\u001b\[([147]|[34][0-7])(;([147]|[34][0-7]))*m)?$/;
const INDEXED = /^(\u001b\[([147]|[34]8;5;\d{1,3})(;([147]|[34]8;5;\d{1,3}))*m)?$/;

describe("everything can be read: contrast with the background, after WCAG", () => {
  const cases = (["default", "light", "colour-blind"] as const).flatMap((name) =>
    ([256, 8] as const).flatMap((depth) => TONES.map((tone) => [name, depth, tone] as const)),
  );

  test.each(cases)("%s with %i colours: %s", (name, depth, tone) => {
    const least = tone === "frame" || tone === "muted" || tone === "gone" ? 3 : 4.5;
    expect(contrastOf(PALETTES[name][depth].tones[tone], PAPER[name])).toBeGreaterThanOrEqual(least);
  });

  test.each(["default", "light", "colour-blind"] as const)("%s: the selected and the tagged row", (name) => {
    for (const depth of [256, 8] as const) {
      for (const parameters of Object.values(PALETTES[name][depth].highlights)) {
        expect(contrastOf(parameters, PAPER[name])).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  test("light holds on pale yellow paper as well, save for frames", () => {
    for (const tone of TONES.filter((one) => one !== "frame")) {
      expect(contrastOf(PALETTES.light[256].tones[tone], [253, 246, 227])).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("the formula is WCAG's: black on white is 21 to 1, and the grey that just passes on white is #767676", () => {
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
    expect(contrast([0x76, 0x76, 0x76], [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
    expect(contrast([0x77, 0x77, 0x77], [255, 255, 255])).toBeLessThan(4.5);
  });
});

describe("colours that red-green blindness does not take away", () => {
  test("levels are blue, orange and magenta, and neither red nor green is among the colours", () => {
    const { tones } = PALETTES["colour-blind"][256];
    expect([tones.ok, tones.warn, tones["very-old"]]).toEqual(["1;38;5;33", "1;38;5;208", "1;38;5;163"]);
    const colours = Object.values(tones).flatMap((one) => [...one.matchAll(/[34]8;5;(\d+)/g)].map((m) => Number(m[1])));
    expect(colours.filter((index) => RED_OR_GREEN.has(index))).toEqual([]);
  });

  test("with eight colours they are cyan, yellow and magenta", () => {
    const { tones } = PALETTES["colour-blind"][8];
    expect([tones.ok, tones.warn, tones["very-old"]]).toEqual(["1;36", "1;33", "1;35"]);
    expect(Object.values(tones).filter((parameters) => /(^|;)[34][12](;|$)/.test(parameters))).toEqual([]);
  });
});

/** Those that the other themes use for their levels. */
const RED_OR_GREEN = new Set([1, 2, 9, 10, 22, 28, 34, 40, 46, 124, 160, 196, 203]);

describe("colour is never the only sign: without any, the incident still tells", () => {
  const texts = (width: number, height: number): string =>
    paint(screen(duringAnIncident({ width, height })), width, theme(0), false)
      .join("\n")
      .replaceAll(/\u001b\[[\d;]*m/g, "");

  test.each([
    [200, 60],
    [120, 40],
    [80, 24],
  ])("at %ix%i: its level, each state, who blocks, who waits, who is selected", (width, height) => {
    const text = texts(width, height);
    for (const word of [/▲ CRITICAL/, /active +\d/, /waiting +9/, /idle +\d/, /idle in tx +1/, /tx aborted +1/])
      expect(text).toMatch(word);
    expect(text).toMatch(/^> *30412 .*idle in tx .*blk 9/m);
    expect(text).toMatch(/^ *30518 .*<30412/m);
    expect(text).toMatch(/4 left for app roles/);
  });

  test.each([
    [60, 12],
    [40, 10],
  ])("at %ix%i: its level, the states as numbers, who is selected", (width, height) => {
    const text = texts(width, height);
    expect(text).toMatch(/▲▲.*90\/100, 4 left/);
    expect(text).toMatch(/act \d+ wait 9 idle \d+ itx 1/);
    expect(text).toMatch(/^> *30412/m);
  });
});

test.each(LOOKS)("the chart has the colours of the words above it: %s with %i colours", (name, depth) => {
  const { ink, tone } = theme(depth, name);
  for (const one of ["active", "idle-in-transaction", "aborted"] as const) {
    const index = ink(one);
    if (index === null) expect(tone(one)).not.toMatch(/3\d/);
    else expect(tone(one)).toContain(depth === 8 ? `3${index}m` : `38;5;${index}m`);
  }
});

type Rgb = readonly [number, number, number];

const PAPER: Readonly<Record<Exclude<ThemeName, "mono">, Rgb>> = {
  default: [0, 0, 0],
  light: [255, 255, 255],
  "colour-blind": [0, 0, 0],
};

/** Of a tone's own letters with its own background, or with the paper; without a colour of its own it is the terminal's. */
function contrastOf(parameters: string, paper: Rgb): number {
  const plain: Rgb = paper[0] > 127 ? [0, 0, 0] : [229, 229, 229];
  let [ink, ground, bold] = [plain, paper, false];
  const parts = parameters.split(";");
  for (let i = 0; i < parts.length; i++) {
    const code = Number(parts[i]);
    if (code === 1) bold = true;
    else if (code === 38 || code === 48) {
      if (code === 38) ink = rgb(Number(parts[i + 2]));
      else ground = rgb(Number(parts[i + 2]));
      i += 2;
      // Terminals show bold letters of the eight as the bright ones.
    } else if (code >= 30 && code <= 37) ink = rgb(code - 30 + (bold ? 8 : 0));
    else if (code >= 40 && code <= 47) ground = rgb(code - 40);
    else if (code === 7) [ink, ground] = [ground, ink];
  }
  return contrast(ink, ground);
}

function contrast(a: Rgb, b: Rgb): number {
  const [bright, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (bright! + 0.05) / (dark! + 0.05);
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** xterm's own sixteen, its cube and its greys. */
function rgb(index: number): Rgb {
  if (index < 16) {
    const hex = SIXTEEN[index]!;
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
  }
  if (index >= 232) return [8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10];
  const cube = index - 16;
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

const SIXTEEN = [
  ...["000000", "cd0000", "00cd00", "cdcd00", "0000ee", "cd00cd", "00cdcd", "e5e5e5"],
  ...["7f7f7f", "ff0000", "00ff00", "ffff00", "5c5cff", "ff00ff", "00ffff", "ffffff"],
];
