interface BlessedKey {
  readonly name?: string | undefined;
  readonly full?: string | undefined;
  readonly sequence?: string | undefined;
}

/**
 * What the keymap calls a key: the character itself ("j", "G", "/", "é"), or a name ("up", "pagedown", "space", "C-l", "f1"); null
 * for what is no key press of its own.
 */
export function keyName(char: string | undefined, key: BlessedKey | undefined): string | null {
  const name = key?.name;
  const full = key?.full ?? "";
  // blessed says both "enter" and "return" for one press.
  if (name === "enter") return null;
  if (name === "return") return "enter";
  if (char === " " || name === "space") return "space";
  // Ctrl-H and Backspace are one byte.
  if (name === "backspace") return "backspace";
  // blessed has no name for what a terminal in cooked mode takes for SIGQUIT.
  if (char === "\u001c") return "C-\\";
  if (full.startsWith("C-") || full.startsWith("M-")) return full;
  if (char !== undefined && char.length > 0 && char >= " " && char !== "\u007f") return char;
  return name === undefined || full === "" ? null : full;
}

/** Astral characters come as two halves, one key event each: joins them, so that the editor gets whole characters. */
export function surrogateJoiner(): (key: string) => string | null {
  let high = "";
  return (key) => {
    if (/^[\ud800-\udbff]$/.test(key)) {
      high = key;
      return null;
    }
    const whole = high !== "" && /^[\udc00-\udfff]$/.test(key) ? high + key : key;
    high = "";
    return whole;
  };
}
