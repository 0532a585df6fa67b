/** What a terminal takes: the length of OSC 52 in base64 up to which all of them are known to. */
export const CLIPBOARD_BASE64 = 74_994;
/** Three bytes are four of base64, and the last group is filled up. */
const BYTES = Math.trunc(CLIPBOARD_BASE64 / 4) * 3;

export interface ClipboardText {
  readonly text: string;
  readonly characters: number;
  /** There was more than a terminal takes. */
  readonly cut: boolean;
}

/**
 * A stranger's text on its way to a clipboard, and from there perhaps into a shell: line breaks and tabs are kept, and nothing else that
 * a terminal would obey. Cut between two characters. The same once more gives the same.
 */
export function clipboardText(raw: string): ClipboardText {
  const text = raw
    .replace(/\r\n?/g, "\n")
    .replace(/[\v\f]/g, " ")
    .replace(CONTROLS, "");
  let bytes = 0;
  let end = 0;
  let characters = 0;
  for (const char of text) {
    bytes += utf8Bytes(char);
    if (bytes > BYTES) return { text: text.slice(0, end), characters, cut: true };
    end += char.length;
    characters++;
  }
  return { text, characters, cut: false };
}

const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g;

function utf8Bytes(char: string): number {
  const code = char.codePointAt(0)!;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
