import { clean } from "../text/clean.ts";
import { wrap } from "../text/fit.ts";
import { line, toned, type Line, type Tone } from "./line.ts";

/** One of those that say in a pane what is to be said about the selected row. */
export interface Sentence {
  readonly tone: Tone;
  readonly text: string;
}

/** Each one begins a line; as many as there is room for. */
export function sentenceLines(said: readonly Sentence[], width: number, height: number): Line[] {
  return said
    .flatMap(({ text, tone }) =>
      wrap([clean(text)], Math.max(10, width - 2)).map((piece) => line(" ", toned(tone, piece))),
    )
    .slice(0, height);
}
