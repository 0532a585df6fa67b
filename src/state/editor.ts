/** A one-line editor as a value: what is typed, and where the caret stands (counted in characters as a person sees them). */
export interface Editor {
  readonly purpose: "filter" | "find" | "what-if";
  readonly text: string;
  readonly caret: number;
  /** What was there before, for Esc. */
  readonly before: string;
  /** Former entries, oldest first, and last what is being typed. */
  readonly entries: readonly string[];
  /** Which of them stands in the line. */
  readonly at: number;
  /** Nothing has been touched yet: what is typed takes the place of the text, as in a cell of a spreadsheet. */
  readonly replaces: boolean;
}

/** Former entries of this run, oldest first: the filter's, the search's and the form's own. */
export type Entries = Readonly<Record<Editor["purpose"], readonly string[]>>;

export const NO_ENTRIES: Entries = { filter: [], find: [], "what-if": [] };

export function openEditor(purpose: Editor["purpose"], text: string, former: readonly string[] = []): Editor {
  // What stands there already as the latest entry is not there twice.
  const entries = text === former.at(-1) ? former : [...former, text];
  const replaces = purpose === "what-if" && text !== "";
  return { purpose, text, caret: [...text].length, before: text, entries, at: entries.length - 1, replaces };
}

/** The former entries, this one among them: none that is empty, and none twice in a row. */
export function remember(entries: Entries, { purpose, text }: Editor): Entries {
  const former = entries[purpose];
  const entry = text.trim();
  if (entry === "" || entry === former.at(-1)) return entries;
  return { ...entries, [purpose]: [...former, entry].slice(-MOST_ENTRIES) };
}

/** The editor after a key, or null when the key means nothing here. */
export function edit(editor: Editor, key: string): Editor | null {
  const next = edited(editor, key);
  return next === null ? null : touched(next);
}

function edited(editor: Editor, key: string): Editor | null {
  const chars = [...editor.text];
  const { caret } = editor;
  switch (key) {
    case "left":
    case "C-b":
      return { ...editor, caret: Math.max(0, caret - 1) };
    case "right":
    case "C-f":
      return { ...editor, caret: Math.min(chars.length, caret + 1) };
    case "C-left":
    case "M-left":
    case "M-b":
      return { ...editor, caret: wordStart(chars, caret) };
    case "C-right":
    case "M-right":
    case "M-f":
      return { ...editor, caret: wordEnd(chars, caret) };
    case "home":
    case "C-a":
      return { ...editor, caret: 0 };
    case "end":
    case "C-e":
      return { ...editor, caret: chars.length };
    case "up":
    case "C-p":
      return recall(editor, editor.at - 1);
    case "down":
    case "C-n":
      return recall(editor, editor.at + 1);
    case "backspace":
      return caret === 0 ? editor : replace(editor, chars, caret - 1, caret, []);
    case "delete":
    case "C-d":
      return replace(editor, chars, caret, caret + 1, []);
    case "C-u":
      return replace(editor, chars, 0, caret, []);
    case "C-k":
      return replace(editor, chars, caret, chars.length, []);
    case "C-w":
    case "M-backspace":
      return replace(editor, chars, wordStart(chars, caret), caret, []);
    case "M-d":
      return replace(editor, chars, caret, wordEnd(chars, caret), []);
    case "space":
      return insert(editor, " ");
    default:
      return [...key].length === 1 && isText(key) ? insert(editor, key) : null;
  }
}

/** What the keys of edit() do, for the help and for docs/keys.md. */
export const TYPING_KEYS: readonly (readonly [shown: string, help: string])[] = [
  ["↑ ↓", "what was typed here before, and back to what is being typed"],
  ["Home End", "to the beginning, to the end; also Ctrl-A Ctrl-E"],
  ["Ctrl-← →", "by words; also Alt-B Alt-F"],
  ["Ctrl-U K", "delete all before the cursor, all behind it"],
  ["Ctrl-W", "delete the word before the cursor"],
  ["Enter", "keep the filter; find the next one"],
  ["Esc", "take back the filter as it was; stop finding"],
];

/** Text at the caret, on one line, without what is no text. */
export function insert(given: Editor, text: string): Editor {
  const editor = given.replaces ? touched({ ...given, text: "", caret: 0 }) : given;
  const chars = [...editor.text];
  const more = [...text.replace(/[\r\n\t]+/g, " ")].filter(isText).slice(0, Math.max(0, LONGEST - chars.length));
  return replace(editor, chars, editor.caret, editor.caret, more);
}

function touched(editor: Editor): Editor {
  return editor.replaces ? { ...editor, replaces: false } : editor;
}

/** Nobody types more; a paste may be a whole file. */
const LONGEST = 1000;
const MOST_ENTRIES = 100;

function isText(char: string): boolean {
  return char >= " " && (char < "\u007f" || char >= "\u00a0");
}

/** Changes what is being typed, or the former entry that stands in the line: for this time, not for the next. */
function replace(editor: Editor, chars: readonly string[], from: number, to: number, by: readonly string[]): Editor {
  const text = [...chars.slice(0, from), ...by, ...chars.slice(to)].join("");
  return { ...editor, text, caret: from + by.length };
}

/** Goes to another entry; what was changed in this one is still there when one comes back. */
function recall(editor: Editor, at: number): Editor {
  const text = editor.entries[at];
  if (text === undefined) return editor;
  const entries = editor.entries.with(editor.at, editor.text);
  return { ...editor, entries, at, text, caret: [...text].length };
}

function wordStart(chars: readonly string[], caret: number): number {
  let start = caret;
  while (start > 0 && chars[start - 1] === " ") start--;
  while (start > 0 && chars[start - 1] !== " ") start--;
  return start;
}

function wordEnd(chars: readonly string[], caret: number): number {
  let end = caret;
  while (end < chars.length && chars[end] === " ") end++;
  while (end < chars.length && chars[end] !== " ") end++;
  return end;
}
