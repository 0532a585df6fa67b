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

/**
 * Most text is nothing else: ASCII, Latin, Greek and Cyrillic letters, kana, the common ideographs and Hangul syllables, and the
 * lines, blocks and dots that we draw with.
 */
const PLAIN = /^[ -~¡-¬®-žΑ-ΡΣ-ώЀ-ҁҊ-ԯ–-•…↑-↓←-→─-╿▀-▟▲▼⠀-⣿、-〉ぁ-ゖァ-ヾ一-龥가-힣！-｠｡-ﾝ]*$/;
/** With the indentation of the line that follows: in one row, it would be nothing but cells lost. */
const SPACES = /[\r\n\t\v\f][\r\n\t\v\f ]*/g;
const MARKS = /\p{M}/gu;
/** Unicode's own classes: what is no character, what cannot be seen, and what is drawn as a picture. */
const UNSEEN = String.raw`\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Emoji_Presentation}`;
/**
 * Whose width changed with the versions of Unicode, or which join what stands beside them: signs before Arabic numbers, Hangul
 * jamo, angle brackets, new bopomofo and strokes, circled numbers, trigrams, hexagrams, the reiwa sign; and all of the first
 * supplementary plane, with its emoji, Tangut and Nushu.
 */
const UNSTEADY = String.raw`\u0600-\u0605\u06dd\u06de\u070f\u115f-\u11ff\u2329\u232a\u2630-\u2637\u268a-\u268f\u2ffc-\u2fff\u312e\u312f\u31bb-\u31bf\u31e4-\u31ef\u3248-\u324f\u32ff\u4dc0-\u4dff\ud7b0-\ud7fb\u{10000}-\u{1ffff}`;
const HARMFUL = new RegExp(`[${UNSEEN}${UNSTEADY}]`, "gu");
