/**
 * What the keymap calls a key: the character itself ("j", "G", "/", "é"), or a name ("up", "pagedown", "space", "C-l", "f1"), with
 * C- M- S- before it for Ctrl, Alt and Shift; null for what is no key.
 */
export function charKey(char: string): string | null {
  if (char === " ") return "space";
  if (char >= " " && char < "\u007f") return char;
  // A line feed is Ctrl-J, or the second half of an Enter: once is enough.
  if (char === "\n" || char === "\ufffd") return null;
  const named = CONTROL_KEYS[char];
  if (named !== undefined) return named;
  if (char >= "\u0001" && char <= "\u001a") return `C-${String.fromCharCode(char.charCodeAt(0) + 0x60)}`;
  if (char === "\u001c") return "C-\\";
  return char >= "\u00a0" ? char : null;
}

/** The key of a whole escape sequence, or null: reports, answers, and keys that no keyboard of ours has. */
export function sequenceKey(sequence: string): string | null {
  const console = /^\u001b\[\[([A-E])$/.exec(sequence);
  if (console !== null) return `f${"ABCDE".indexOf(console[1]!) + 1}`;
  const shifted = /^\u001bO(?:1;)?(\d?)([ -~])$/.exec(sequence);
  if (shifted !== null) return shiftKey(shifted[2]!, modifiers(shifted[1]));
  // Without a sub-parameter, or with the one that says pressed (1) or held (2): a key let go is no key.
  const control = /^\u001b\[(\d*)(?:;(\d+)(?::[12])?)?(?:;(\d+))?([@-~])$/.exec(sequence);
  if (control === null) return null;
  const [, number = "", modifier, third, final = ""] = control;
  if (final === "u" && third === undefined) return otherKey(number, modifier);
  if (final === "~" && third !== undefined) return number === "27" ? otherKey(third, modifier) : null;
  if (third !== undefined) return null;
  if ("~^@".includes(final)) return numberKey(number, final === "~" ? modifiers(modifier) : RXVT_MODIFIERS[final]!);
  return letterKey(final, number, modifier);
}

export interface MouseReport {
  readonly action: "click" | "wheel-up" | "wheel-down";
  /** From 0 on. */
  readonly column: number;
  readonly row: number;
}

/** What the mouse did, of the reports that we ask for (SGR): a press of the left button or the wheel. Null for everything else. */
export function mouseReport(sequence: string): MouseReport | null {
  const found = /^\u001b\[<(\d+);(\d+);(\d+)M$/.exec(sequence);
  if (found === null) return null;
  const [button, x, y] = found.slice(1).map(Number) as [number, number, number];
  const action = BUTTONS[button & ~HELD_KEYS];
  return action === undefined ? null : { action, column: x - 1, row: y - 1 };
}

function letterKey(final: string, number: string, modifier: string | undefined): string | null {
  if (final === "Z") return "S-tab";
  // "1;2R" is where the cursor stands as often as it is a key; a bare P is Delete to some terminals.
  const name = CSI_LETTERS[final] ?? (modifier === undefined ? undefined : CSI_FUNCTION_LETTERS[final]);
  if (name !== undefined) return number === "" || number === "1" ? modifiers(modifier) + name : null;
  const rxvt = number === "" ? CSI_LETTERS[final.toUpperCase()] : undefined;
  return rxvt === undefined || !"abcd".includes(final) ? null : `S-${rxvt}`;
}

function shiftKey(final: string, modifier: string): string | null {
  const name = SS3_LETTERS[final];
  if (name !== undefined) return modifier + name;
  const rxvt = "abcd".includes(final) ? SS3_LETTERS[final.toUpperCase()] : undefined;
  return rxvt === undefined ? null : `C-${rxvt}`;
}

function numberKey(number: string, modifier: string): string | null {
  const name = NUMBERS[Number(number)];
  return name === undefined || number === "" ? null : modifier + name;
}

/**
 * A terminal that another program left in a mode of its own spells keys by their code points. Letters that come so are nothing, or
 * half of what is typed would act; but the ways out, Esc and Ctrl-C, must work.
 */
function otherKey(code: string, modifier: string | undefined): string | null {
  const char = String.fromCodePoint(Math.min(Number(code), 0xffff));
  const held = modifiers(modifier);
  if (char === "\u001b" && held === "") return "escape";
  if (held === "C-" && char >= "a" && char <= "z") return `C-${char}`;
  return held === "" && "\r\t\u007f".includes(char) ? charKey(char) : null;
}

/** The parameter is 1 and a bit for each key held; caps lock and num lock (64, 128) change no key with a name. */
function modifiers(parameter: string | undefined): string {
  const held = Number(parameter === undefined || parameter === "" ? 1 : parameter) - 1;
  return `${held & 4 ? "C-" : ""}${held & (2 | 8 | 32) ? "M-" : ""}${held & 1 ? "S-" : ""}`;
}

/** Ctrl-H and Backspace are one byte. */
const CONTROL_KEYS: Readonly<Record<string, string>> = {
  "\b": "backspace",
  "\u007f": "backspace",
  "\t": "tab",
  "\r": "enter",
};

const CSI_LETTERS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
};

const CSI_FUNCTION_LETTERS: Readonly<Record<string, string>> = { P: "f1", Q: "f2", S: "f4" };

/** Cursor keys, the first function keys, and the keypad, which sends sequences for its signs in the application mode. */
const SS3_LETTERS: Readonly<Record<string, string>> = {
  ...CSI_LETTERS,
  ...CSI_FUNCTION_LETTERS,
  R: "f3",
  M: "enter",
  I: "tab",
  " ": "space",
  X: "=",
  ...Object.fromEntries([..."*+,-./0123456789"].map((sign, i) => [String.fromCharCode(0x6a + i), sign])),
};

const NUMBERS: Readonly<Record<number, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

const RXVT_MODIFIERS: Readonly<Record<string, string>> = { "^": "C-", "@": "C-S-" };

const BUTTONS: Readonly<Record<number, MouseReport["action"]>> = { 0: "click", 64: "wheel-up", 65: "wheel-down" };
/** Shift, Alt and Ctrl held while clicking. */
const HELD_KEYS = 4 | 8 | 16;
