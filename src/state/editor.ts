/** A one-line editor as a value: what is typed, and where the caret stands (counted in characters as a person sees them). */
export interface Editor {
  readonly purpose: "filter" | "find";
  readonly text: string;
  readonly caret: number;
  /** What was there before, for Esc. */
  readonly before: string;
}

export function openEditor(purpose: Editor["purpose"], text: string): Editor {
  return { purpose, text, caret: [...text].length, before: text };
}

/** The editor after a key, or null when the key means nothing here. */
export function edit(editor: Editor, key: string): Editor | null {
  const chars = [...editor.text];
  const { caret } = editor;
  switch (key) {
    case "left":
      return { ...editor, caret: Math.max(0, caret - 1) };
    case "right":
      return { ...editor, caret: Math.min(chars.length, caret + 1) };
    case "home":
    case "C-a":
      return { ...editor, caret: 0 };
    case "end":
    case "C-e":
      return { ...editor, caret: chars.length };
    case "backspace":
      return caret === 0 ? editor : replace(editor, chars, caret - 1, caret, []);
    case "delete":
      return replace(editor, chars, caret, caret + 1, []);
    case "C-u":
      return replace(editor, chars, 0, caret, []);
    case "C-w":
      return replace(editor, chars, wordStart(chars, caret), caret, []);
    case "space":
      return replace(editor, chars, caret, caret, [" "]);
    default:
      return [...key].length === 1 && key >= " " ? replace(editor, chars, caret, caret, [key]) : null;
  }
}

function replace(editor: Editor, chars: readonly string[], from: number, to: number, by: readonly string[]): Editor {
  const text = [...chars.slice(0, from), ...by, ...chars.slice(to)].join("");
  return { ...editor, text, caret: from + by.length };
}

function wordStart(chars: readonly string[], caret: number): number {
  let start = caret;
  while (start > 0 && chars[start - 1] === " ") start--;
  while (start > 0 && chars[start - 1] !== " ") start--;
  return start;
}
