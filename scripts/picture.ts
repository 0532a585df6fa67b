import { Resvg } from "@resvg/resvg-js";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Cell, Colour, Terminal } from "../test/terminal/terminal.ts";

/**
 * The screen as a picture. Columns must hold with whatever font a viewer has: plain runs of text carry their exact
 * length, every other character its own place, and boxes, blocks and braille are drawn as shapes, because a substitute
 * font draws them too wide, too low or with seams.
 */
export function svg(terminal: Terminal, paper: Paper = DARK): string {
  const { columns, rows } = terminal;
  const backgrounds = new Rectangles();
  const shapes = new Rectangles();
  const texts: string[] = [];
  for (let y = 0; y < rows; y++) {
    const run = new TextRun(y * HEIGHT + BASELINE, texts, paper.ink);
    for (let x = 0; x < columns; x++) {
      const cell = terminal.cell(x, y);
      if (cell.width === 0) continue;
      const { fg, bg } = paint(cell, paper);
      const [left, top, width] = [x * WIDTH, y * HEIGHT, cell.width * WIDTH];
      if (bg !== paper.background) backgrounds.add(bg, [left, top, width, HEIGHT]);
      if (cell.underline) shapes.add(fg, [left, top + BASELINE + 1, width, 1]);
      const shape = shapeOf(cell.chars);
      for (const [dx, dy, w, h] of shape?.parts ?? []) {
        shapes.add(mix(fg, bg, shape?.ink ?? 1), [left + dx * WIDTH, top + dy * HEIGHT, w * WIDTH, h * HEIGHT]);
      }
      if (shape !== null) run.end();
      else run.add(left, cell, fg);
    }
    run.end();
  }
  const [width, height] = [columns * WIDTH, rows * HEIGHT];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="${FONTS}" font-size="${FONT_SIZE}" fill="${paper.ink}" xml:space="preserve">`,
    `<style>text{white-space:pre}</style><path fill="${paper.background}" d="M0 0h${width}v${height}h-${width}z"/>\n`,
    `<g shape-rendering="crispEdges">${backgrounds.paths()}${shapes.paths()}</g>\n${texts.join("\n")}\n</svg>\n`,
  ].join("");
}

/** Rasterised with the DejaVu fonts from npm, so that it looks the same on a machine without any font. */
export function png(picture: string, zoom = 1): Buffer {
  const fonts = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
  const fontFiles = ["DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf"].map((name) =>
    join(fonts, name),
  );
  const font = { loadSystemFonts: true, fontFiles, defaultFontFamily: "DejaVu Sans Mono" };
  return new Resvg(picture, { font, fitTo: { mode: "zoom", value: zoom } }).render().asPng();
}

type Rectangle = readonly [x: number, y: number, width: number, height: number];

/** Rectangles of one colour become one path, neighbours in a row one rectangle. */
class Rectangles {
  readonly #byColour = new Map<string, { x: number; y: number; width: number; height: number }[]>();

  add(colour: string, [x, y, width, height]: Rectangle): void {
    const all = this.#byColour.get(colour) ?? [];
    this.#byColour.set(colour, all);
    const before = all.at(-1);
    if (before?.y === y && before.height === height && before.x + before.width === x) before.width += width;
    else all.push({ x, y, width, height });
  }

  paths(): string {
    const path = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }): string =>
      `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h-${short(width)}z`;
    return [...this.#byColour]
      .map(([colour, all]) => `<path fill="${colour}" d="${all.map(path).join("")}"/>`)
      .join("\n");
  }
}

/** Neighbouring cells of one style, written as one element. */
class TextRun {
  readonly #y: number;
  readonly #out: string[];
  readonly #ink: string;
  #start = 0;
  #text = "";
  #style = "";

  constructor(y: number, out: string[], ink: string) {
    this.#y = y;
    this.#out = out;
    this.#ink = ink;
  }

  add(x: number, cell: Cell, fg: string): void {
    const chars = cell.chars === "" ? " " : cell.chars;
    const style = `${fg === this.#ink ? "" : ` fill="${fg}"`}${cell.bold ? ' font-weight="bold"' : ""}`;
    const plain = /^[\x20-\x7e\xa1-\xff]$/.test(chars);
    const blank = chars === " " && (this.#text === "" || this.#text.endsWith(" "));
    if (!plain || blank || style !== this.#style) this.end();
    if (chars === " " && this.#text === "") return;
    if (this.#text === "") [this.#start, this.#style] = [x, style];
    this.#text += chars;
    if (!plain) this.end();
  }

  end(): void {
    const text = this.#text.trimEnd();
    this.#text = "";
    if (text === "") return;
    const length = /^[\x20-\xff]{2,}$/.test(text) ? ` textLength="${text.length * WIDTH}"` : "";
    this.#out.push(`<text x="${this.#start}" y="${this.#y}"${length}${this.#style}>${escapeXml(text)}</text>`);
  }
}

/** Parts in units of the cell; `ink` below 1 is a shade. */
interface Shape {
  readonly parts: readonly Rectangle[];
  readonly ink: number;
}

function shapeOf(chars: string): Shape | null {
  const code = chars.length === 1 ? chars.charCodeAt(0) : 0;
  const arms = BOX_ARMS.get(chars);
  if (arms !== undefined) return { parts: boxParts(arms), ink: 1 };
  if (code >= 0x2591 && code <= 0x2593) return { parts: [[0, 0, 1, 1]], ink: (code - 0x2590) / 4 };
  if (code >= 0x2581 && code <= 0x2588) return full([0, 1 - (code - 0x2580) / 8, 1, (code - 0x2580) / 8]);
  if (code >= 0x2589 && code <= 0x258f) return full([0, 0, (0x2590 - code) / 8, 1]);
  if (code === 0x2580) return full([0, 0, 1, 1 / 2]);
  if (code === 0x2590) return full([1 / 2, 0, 1 / 2, 1]);
  if (code >= 0x2800 && code <= 0x28ff) return { parts: braille(code - 0x2800), ink: 1 };
  return null;
}

function full(part: Rectangle): Shape {
  return { parts: [part], ink: 1 };
}

function braille(bits: number): Rectangle[] {
  // Bits 0-2 and 6 are the left column from the top, 3-5 and 7 the right one.
  const row = [0, 1, 2, 0, 1, 2, 3, 3];
  const right = [0, 0, 0, 1, 1, 1, 0, 1];
  const dot = (bit: number): Rectangle => [
    ((right[bit] ?? 0) * 4 + 1) / 8,
    ((row[bit] ?? 0) * 4 + 1) / HEIGHT,
    1 / 4,
    2 / HEIGHT,
  ];
  return [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (bits >> bit) & 1).map(dot);
}

/** From the middle of the cell to its edges: up, right, down, left, each 0 to 2 pixels thick. */
function boxParts(arms: string): Rectangle[] {
  const [up = 0, right = 0, down = 0, left = 0] = Array.from(arms, Number);
  const thick = Math.max(up, right, down, left);
  const [w, h] = [thick / WIDTH, thick / HEIGHT];
  const [x, y] = [Math.floor((WIDTH - thick) / 2) / WIDTH, Math.floor((HEIGHT - thick) / 2) / HEIGHT];
  const across: Rectangle = [left ? 0 : x, y, (right ? 1 : x + w) - (left ? 0 : x), h];
  const along: Rectangle = [x, up ? 0 : y, w, (down ? 1 : y + h) - (up ? 0 : y)];
  return [...(left || right ? [across] : []), ...(up || down ? [along] : [])];
}

function paint({ fg, bg, inverse }: Cell, { ink: plain, background }: Paper): { fg: string; bg: string } {
  const [ink, paper] = [rgb(fg, plain), rgb(bg, background)];
  return inverse ? { fg: paper, bg: ink } : { fg: ink, bg: paper };
}

function rgb(colour: Colour, otherwise: string): string {
  if (colour === null) return otherwise;
  if (typeof colour === "string") return colour;
  if (colour < 16) return ANSI[colour] ?? otherwise;
  const grey = 8 + (colour - 232) * 10;
  const level = (step: number): number => [0, 95, 135, 175, 215, 255][step % 6] ?? 0;
  const cube = colour - 16;
  const parts = colour >= 232 ? [grey, grey, grey] : [Math.floor(cube / 36), Math.floor(cube / 6), cube].map(level);
  return hex(parts);
}

function mix(fg: string, bg: string, ink: number): string {
  const channel = (colour: string, i: number): number => Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  return ink === 1 ? fg : hex([0, 1, 2].map((i) => Math.round(channel(fg, i) * ink + channel(bg, i) * (1 - ink))));
}

function hex(parts: readonly number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function short(value: number): string {
  return String(Number(value.toFixed(2)));
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

// Whole pixels keep coordinates short and edges sharp; at this size a character of DejaVu Sans Mono is 8 pixels wide.
const WIDTH = 8;
const HEIGHT = 17;
const BASELINE = 13;
const FONT_SIZE = 13.3;
const FONTS = "DejaVu Sans Mono,Menlo,Consolas,Liberation Mono,monospace";

/** The terminal's own two colours. */
export interface Paper {
  readonly ink: string;
  readonly background: string;
}

export const DARK: Paper = { ink: "#d4d4d4", background: "#1e1e1e" };
export const LIGHT: Paper = { ink: "#1a1a1a", background: "#ffffff" };
const ANSI = (
  "#000000 #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #e5e5e5 " +
  "#666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #ffffff"
).split(" ");

const BOX_ARMS: ReadonlyMap<string, string> = new Map(
  [
    "─0101 │1010 ┌0110 ┐0011 └1100 ┘1001 ├1110 ┤1011 ┬0111 ┴1101 ┼1111 ╭0110 ╮0011 ╰1100 ╯1001 ╴0001 ╵1000 ╶0100 ╷0010",
    "━0202 ┃2020 ┏0220 ┓0022 ┗2200 ┛2002 ┣2220 ┫2022 ┳0222 ┻2202 ╋2222",
  ].flatMap((row) => row.split(" ").map((entry): [string, string] => [entry.slice(0, 1), entry.slice(1)])),
);
