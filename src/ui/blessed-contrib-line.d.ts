// The one widget of blessed-contrib that is loaded, by its own path; the package declares no types for it.
declare module "blessed-contrib/lib/widget/charts/line.js" {
  import type { Widgets } from "blessed";

  export interface Series {
    readonly title: string;
    readonly x: readonly string[];
    readonly y: readonly number[];
    readonly style: { readonly line: Colour };
  }

  /** An index of the palette, or the terminal's own. */
  export type Colour = number | "normal";

  /** What it draws on, with what it keeps to itself: for each cell its dots, their colour, and the character that stands there instead. */
  export interface Context {
    readonly _canvas: {
      /** In dots: two a cell. */
      readonly width: number;
      readonly content: Uint8Array;
      /** A sequence. */
      readonly colors: (string | null)[];
      /** A character, at the ends of a text with sequences. */
      readonly chars: (string | null)[];
    };
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    clearRect(): void;
  }

  export default class Line extends Widgets.BoxElement {
    constructor(options: object);
    readonly ctx: Context;
    canvasSize: { width: number; height: number };
    calcSize(): void;
    setData(series: readonly Series[]): void;
  }
}
