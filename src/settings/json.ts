/** Where a text stops being JSON, counted from 1, and what should stand there. Never a piece of the text: it may hold a password. */
export class JsonFault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(text: string, offset: number, expected: string) {
    const before = text.slice(0, offset).split("\n");
    super(`line ${before.length}, column ${before.at(-1)!.length + 1}: ${expected}`);
    this.line = before.length;
    this.column = before.at(-1)!.length + 1;
  }
}

/** JSON, with comments from // to the end of the line. @throws JsonFault */
export function parseJson(text: string): unknown {
  // Blanks instead of comments, so that every place stays where it is.
  const bare = text
    .replace(COMMENT, (match, string?: string) => string ?? " ".repeat(match.length))
    .replace(/^\ufeff/, " ");
  try {
    return JSON.parse(bare);
  } catch {
    // Node says where only in some of its messages, and quotes the text in others.
    throw fault(bare);
  }
}

const COMMENT = /("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*/g;

/** What may follow, by what has been read. */
type Place = "value" | "element" | "first value" | "first name" | "name" | "colon" | "after value" | "end";

/** Reads what JSON.parse has refused, up to the place where it had to. */
function fault(text: string): JsonFault {
  const open: ("{" | "[")[] = [];
  let place: Place = "value";
  for (const { token, offset } of tokens(text)) {
    const next = after(place, token, open);
    if (next === null) return new JsonFault(text, offset, expected(place, token, open));
    place = next;
  }
  return new JsonFault(text, text.trimEnd().length, expected(place, "", open));
}

/** The place after this token; null when it must not stand here. `open` is what has been opened and not closed. */
function after(place: Place, token: string, open: ("{" | "[")[]): Place | null {
  const closed = (): Place => {
    open.pop();
    return open.length === 0 ? "end" : "after value";
  };
  if (place === "colon") return token === ":" ? "value" : null;
  if (place === "name" || place === "first name") {
    if (STRING.test(token)) return "colon";
    return token === "}" && place === "first name" ? closed() : null;
  }
  if (place === "after value") {
    if (token === ",") return open.at(-1) === "{" ? "name" : "element";
    return token === (open.at(-1) === "{" ? "}" : "]") ? closed() : null;
  }
  if (place === "end") return null;
  if (token === "]" && place === "first value") return closed();
  if (token === "{" || token === "[") {
    open.push(token);
    return token === "{" ? "first name" : "first value";
  }
  if (!STRING.test(token) && !PLAIN.test(token)) return null;
  return open.length === 0 ? "end" : "after value";
}

function expected(place: Place, token: string, open: readonly string[]): string {
  const closing = open.at(-1) === "{" ? "}" : "]";
  if (token.startsWith('"') && !STRING.test(token))
    return 'this text has no closing ", or a control character or a wrong \\ in it';
  if (token.startsWith("/*")) return "comments begin with // here";
  if (token.startsWith("'")) return 'texts stand in "double quotes"';
  if ((place === "name" || place === "element") && token === closing && open.length > 0)
    return `a comma too many before the ${closing}`;
  switch (place) {
    case "colon":
      return "a : is missing after the name";
    case "name":
    case "first name":
      return 'a name in "double quotes" is missing';
    case "after value":
      return token === "" ? `the ${closing} at the end is missing` : `a , or ${closing} is missing`;
    case "end":
      return "there is more after the end";
    case "value":
    case "element":
    case "first value":
      return 'a value is missing: a "text", a number, true, false, a list or an object';
  }
}

const STRING = /^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"$/;
const PLAIN = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/** Marks, texts (also unfinished ones), and whatever else stands between blanks. */
function* tokens(text: string): Generator<{ readonly token: string; readonly offset: number }> {
  for (const match of text.matchAll(/[{}[\]:,]|"(?:[^"\\\n]|\\.)*"?|[^\s{}[\]:,"]+|[^ \t\r\n]/g)) {
    yield { token: match[0], offset: match.index };
  }
}
