/**
 * Query texts, names and error messages are written by strangers. Whatever leaves for a screen, a text output or a log goes
 * through here first: no control character (C0, C1, so no escape sequence), nothing that turns or hides text (bidi,
 * zero-width, tags), no lone surrogate, and no emoji nor other sign whose width terminals and blessed disagree about, which would
 * shift the rest of the row. Idempotent, so that cleaning twice does no harm.
 */
export function clean(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(SPACES, " ").replace(MARKS, "").replace(HARMFUL, "·");
}

/** As clean(), but line breaks and indentation of a statement survive as lines. */
export function cleanLines(text: string): string[] {
  return text
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => clean(line.replace(/\t/g, "  ")).trimEnd());
}

/** ASCII, Latin letters, and the lines, blocks and dots that we draw with: most text is nothing else. */
const PLAIN = /^[ -~¡-¬®-ž–-•…↑-↓←-→─-╿▀-▟▲▼⠀-⣿]*$/;
const SPACES = /[\r\n\t\v\f]+/g;
const MARKS = /\p{M}/gu;
const HARMFUL =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u0600-\u0605\u061c\u06dd\u06de\u070f\u115f-\u11ff\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2329\u232a\u3164\u32ff\ud7b0-\ud7fb\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\p{Emoji_Presentation}|\p{Co}|\p{Cn}|[\u{1b000}-\u{1b0ff}\u{1d173}-\u{1d17a}\u{1f000}-\u{1ffff}]|[\u{e0000}-\u{e0fff}]/gu;
