/**
 * What a terminal sends, cut into its parts. Bytes stand for themselves, one character each: a report may hold any byte, and texts
 * are decoded only once it is known that they are texts. `length` is how many bytes the part takes.
 */
export type Token =
  | { readonly kind: "text"; readonly length: number }
  /** The Esc key. */
  | { readonly kind: "escape"; readonly length: number }
  /** Alt and a key; or Esc and a key that a slow line has joined. */
  | { readonly kind: "alt"; readonly length: number }
  /** A key with a name, or a report: CSI or SS3, whole. */
  | { readonly kind: "sequence"; readonly length: number }
  /** Answers to questions that we never asked, and what is left of a broken sequence: no key. */
  | { readonly kind: "nothing"; readonly length: number };

/** The first part of what has come, or null when more of it must come first. */
export function nextToken(bytes: string): Token | null {
  if (!bytes.startsWith(ESC)) {
    const escape = bytes.indexOf(ESC);
    return { kind: "text", length: escape < 0 ? bytes.length : escape };
  }
  const second = bytes[1];
  if (second === undefined) return null;
  if (second === "[") return controlSequence(bytes);
  if (second === "O") return singleShift(bytes);
  if (STRINGS.includes(second)) return controlString(bytes);
  return second >= " " && second <= "\u007f" ? { kind: "alt", length: 2 } : { kind: "escape", length: 1 };
}

/** Begun, and certainly no key: what is to follow may take its time. */
export function isControlString(bytes: string): boolean {
  return bytes.startsWith(ESC) && bytes.length > 2 && STRINGS.includes(bytes[1]!);
}

function controlSequence(bytes: string): Token | null {
  // Function keys of the Linux console.
  if (bytes[2] === "[") {
    if (bytes.length === 3) return null;
    return /[A-E]/.test(bytes[3]!) ? { kind: "sequence", length: 4 } : { kind: "nothing", length: 3 };
  }
  const begun = /^[0-?]*[ -/]*/.exec(bytes.slice(2))![0].length + 2;
  const final = bytes[begun];
  if (final === undefined) return null;
  if (final < "@" || final > "~") return { kind: "nothing", length: begun };
  // The oldest mouse report: three bytes of any value follow, letters among them.
  if (begun === 2 && final === "M") return bytes.length < X10_LENGTH ? null : { kind: "nothing", length: X10_LENGTH };
  return { kind: "sequence", length: begun + 1 };
}

function singleShift(bytes: string): Token | null {
  const begun = /^[0-9;]*/.exec(bytes.slice(2))![0].length + 2;
  const final = bytes[begun];
  if (final === undefined) return null;
  return final >= " " && final <= "~" ? { kind: "sequence", length: begun + 1 } : { kind: "nothing", length: begun };
}

/** OSC, DCS, SOS, PM, APC: to its end mark, or to a control character, which is a key and breaks it off. */
function controlString(bytes: string): Token | null {
  const end = bytes.slice(2).search(CONTROL);
  if (end < 0) return null;
  const at = end + 2;
  if (bytes[at] === BEL) return { kind: "nothing", length: at + 1 };
  if (bytes[at] !== ESC) return { kind: "nothing", length: at };
  if (bytes.length === at + 1) return null;
  return { kind: "nothing", length: bytes[at + 1] === "\\" ? at + 2 : at };
}

const ESC = "\u001b";
const BEL = "\u0007";
const CONTROL = /[\u0000-\u001f]/;
const STRINGS = "]PX^_";
const X10_LENGTH = 6;
