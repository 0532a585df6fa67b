/**
 * JSON that any terminal may show: every character that cannot be seen or would be obeyed (C1 controls, DEL, bidi, zero width, line
 * separators, tags, private use) stands there as its `\u` escape. JSON.stringify leaves these as they are, and a script parses the
 * same texts out of either.
 */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, (char) => {
    let escaped = "";
    for (let i = 0; i < char.length; i++) escaped += `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`;
    return escaped;
  });
}

/** A line break between values is JSON.stringify's own; those inside of texts it has escaped. */
const UNSEEN = /(?![\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;
